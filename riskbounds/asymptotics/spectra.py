r"""Leading forms of spectral sums on exponential and logarithmic spectra (theory.md, section 6).

Exponential, lam_i = c e^(-rate (i-1)): with t_i = X e^(-rate (i-1)) the sum over i of t_i^(-s) is X^(-s)/(1 - e^(rate s)), so

    sum f(t_i) ~ f~(0)/rate + p_0 (log X/rate + 1/2) + sum_{k != 0} p_k X^k/(1 - e^(-rate k)) + oscillation,

the oscillation from the poles at 2 pi i j/rate: amplitude (2/rate) |f~(2 pi i/rate)| for j = 1.  Where f~ has a pole at 0
(p_0 != 0), f~(0) stands for its constant term.

Logarithmic, lam_i = c/(i log^a(i+1)): with L = log X there are (X/u) L^(-a) (1 + O(log L/L)) indices with t_i >= u, so

    sum f(t_i) ~ X L^(-a) f~(-1)                if f = O(t^2) at 0,
    sum f(t_i) ~ f'(0) X L^(1-a)/(a-1)          if f ~ f'(0) t: the unlearned tail leads.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

import flint
import sympy as sp
from flint import arb

from riskbounds import symbols as s
from riskbounds.asymptotics.balls import Balls, arb_value, enclosed
from riskbounds.asymptotics.direct import exponential_sum, logarithmic_sum
from riskbounds.asymptotics.mellin import Group, Term, groups, residue, transform
from riskbounds.asymptotics.series import Scale, collected, contraction_of
from riskbounds.errors import UnsupportedError

_SLOPE = sp.Symbol("spectrum_slope", positive=True)
_OMITTED = 2


@dataclass(frozen=True, kw_only=True)
class SpectrumExpansion:
    """Terms of a sum on an exponential or a logarithmic spectrum, and the terms of the orders left out.

    A term is coefficient prefactor X^power log(X)^logs; ``logs`` may be an expression in a.  For an exponential spectrum
    the terms of kind "mean" are the average over log X, and ``amplitude`` is what the sum oscillates by around it.
    """

    summand: sp.Expr
    spectrum: str
    contraction: sp.Expr
    terms: tuple[Term, ...]
    omitted: tuple[Term, ...]
    amplitude: tuple[Term, ...] = ()

    @property
    def X(self) -> sp.Expr:
        """N x_1 (logarithmic: N times the contraction at lam = c)."""
        return s.N * self.contraction

    @property
    def expression(self) -> sp.Expr:
        """The sum of the terms."""
        return sp.Add(*(self.of(term) for term in self.terms))

    def of(self, term: Term) -> sp.Expr:
        """One term as a SymPy expression."""
        return term.coefficient * term.prefactor * self.X**term.power * sp.log(self.X) ** term.logs

    def value(self, values: Mapping[sp.Symbol, Fraction], bits: int = 128) -> arb:
        """The value of the terms in ball arithmetic."""
        return enclosed(lambda known: arb_value(self.expression, known), values, bits)

    def remainder(self, values: Mapping[sp.Symbol, Fraction], bits: int = 64) -> arb:
        """Twice the moduli of the omitted terms and of the oscillation: the size that the error is stated to have."""

        def size(known: Balls) -> arb:
            return 2 * sum((abs(arb_value(self.of(term), known)) for term in (*self.omitted, *self.amplitude)), arb(0))

        return enclosed(size, values, bits)

    def exact(self, values: Mapping[sp.Symbol, Fraction], bits: int = 128) -> arb:
        """The sum over all i: enclosed (exponential), or to about six digits (logarithmic)."""
        direct = exponential_sum if self.spectrum == "exponential" else logarithmic_sum
        return direct(self.summand, _SLOPE, values, bits)

    def error_at(self, values: Mapping[sp.Symbol, Fraction], bits: int = 128) -> arb:
        """Terms minus sum at a point, measured."""
        with flint.ctx.workprec(bits):
            return self.value(values, bits) - self.exact(values, bits)


def expand_exponential(summand: sp.Expr, *, terms: int = 3) -> SpectrumExpansion:
    """Expand a sum on lam_i = c e^(-rate (i-1)), ``terms`` orders in 1/N at fixed N x_i.

    Raises
    ------
    UnsupportedError: a node outside the class; a sum that diverges.
    """
    reduced = collected(summand.replace(sp.exp, _as_power))
    contraction, found, lead = _groups(reduced, terms)
    every: list[Term] = []
    waves: list[Term] = []
    for group in found:
        every += _exponential_terms(group, contraction, lead)
        if group.order == lead:
            waves += _waves(group, contraction)
    return SpectrumExpansion(
        summand=reduced,
        spectrum="exponential",
        contraction=contraction,
        terms=tuple(term for term in every if term.order < terms),
        omitted=tuple(term for term in every if term.order >= terms),
        amplitude=tuple(waves),
    )


def expand_logarithmic(summand: sp.Expr) -> SpectrumExpansion:
    """Leading form of a sum on lam_i = c/(i log^a(i+1)); the error is of relative order log L/L, L = log X.

    Raises
    ------
    UnsupportedError: a node outside the class; a sum without exponentials, which is a constant without a closed form.
    """
    slow = 1 / (s.i * sp.log(s.i + 1) ** s.a)
    reduced = collected(summand.subs(sp.log(s.i + 1), (s.i ** (_SLOPE - 1)) ** (1 / s.a)).subs(slow, s.i**-_SLOPE))
    contraction, found, lead = _groups(sp.powdenest(reduced, force=True), 1)
    leading = [group for group in found if group.order == lead]
    every, rest = [], []
    for group in leading:
        term, gap = _logarithmic_term(group, contraction)
        every.append(term)
        rest.append(gap)
    return SpectrumExpansion(
        summand=sp.powdenest(reduced, force=True),
        spectrum="logarithmic",
        contraction=contraction,
        terms=tuple(every),
        omitted=tuple(rest),
    )


def _as_power(argument: sp.Expr) -> sp.Expr:
    """e^(-k rate (i-1)) as i^(-k slope)."""
    return s.i ** (sp.cancel(argument / (s.rate * (s.i - 1))) * _SLOPE)


def _groups(reduced: sp.Expr, terms: int) -> tuple[sp.Expr, list[Group], int]:
    """x_1, the groups of the summand and its leading order."""
    contraction = contraction_of(reduced, _SLOPE) or s.step * s.c * (1 + s.eps_bar_1)
    series = Scale(_SLOPE, sp.factor(contraction), terms + _OMITTED).expand(reduced)
    found = list(groups(series, series.lead + terms + _OMITTED))
    if any(group.weight != 0 for group in found):
        raise UnsupportedError("expansion: on this spectrum the summand must be a function of lam_i alone")
    return contraction, found, series.lead


def _term(group: Group, contraction: sp.Expr, lead: int, coefficient: sp.Expr, power: int, kind: str, logs: sp.Expr) -> Term:
    return Term(
        coefficient=coefficient,
        prefactor=group.prefactor * contraction**group.order,
        power=sp.Integer(power - group.order),
        order=group.order - lead,
        kind=kind,
        logs=logs,
    )


def _exponential_terms(group: Group, contraction: sp.Expr, lead: int) -> Iterator[Term]:
    if group.vanishing < 1:
        raise UnsupportedError("expansion: the sum over all i diverges, its summand does not vanish with lam_i")
    for k, q in group.powers.items():
        if k:
            ratio = sp.Rational(q.numerator, q.denominator) / (1 - sp.exp(-s.rate * k))
            yield _term(group, contraction, lead, ratio, k, "zeta", sp.S.Zero)
    if any(m for _, m, _ in group.parts):
        for coefficient, logs in residue(group.parts, sp.S.Zero, s.rate, sp.S.Half):
            if coefficient != 0:
                yield _term(group, contraction, lead, coefficient, 0, "mean", sp.Integer(logs))


def _waves(group: Group, contraction: sp.Expr) -> Iterator[Term]:
    """The first harmonic in log X."""
    if any(m for _, m, _ in group.parts):
        point = 2 * sp.pi * sp.I / s.rate
        size = 2 / s.rate * sp.Abs(transform(group.parts, point), evaluate=False)
        yield _term(group, contraction, group.order, size, 0, "oscillation", sp.S.Zero)


def _logarithmic_term(group: Group, contraction: sp.Expr) -> tuple[Term, Term]:
    """The leading term of a group and the size of what follows it."""
    if group.vanishing < 1 or not any(m for _, m, _ in group.parts):
        raise UnsupportedError("expansion: this sum on a logarithmic spectrum is a constant or diverges: it has no leading form")
    slope = group.taylor(1)
    L = sp.log(contraction * s.N)
    if slope:
        coefficient, logs, gap = sp.Rational(slope.numerator, slope.denominator) / (s.a - 1), 1 - s.a, s.a * (s.a - 1)
    else:
        (constant, _), *_ = residue(group.parts, sp.Integer(-1), sp.S.One, sp.S.Zero)
        coefficient, logs, gap = constant, -s.a, s.a**2
    term = _term(group, contraction, group.order, coefficient, 1, "integral", logs)
    return term, _term(group, contraction, group.order, coefficient * gap * sp.log(L), 1, "integral", logs - 1)
