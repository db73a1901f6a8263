r"""The closed class of summands: finite sums of prefactor i^(-sigma) t^k e^(-m t) N^(-n), t = N x_i, in powers of 1/N.

With x_i = contraction i^(-a) and eps = 1/N, a summand built from powers of i, the blocks G, g, W, K(x_i, N + q) and 1/(2-x_i) is

    i^(-a)    = eps t/contraction
    (1-x)^N   = e^(-t) exp(-sum_j eps^j t^(j+1)/(j+1))
    1/(2-x)   = 1/2 sum_j (eps t/2)^j

so every order in eps at fixed t is a finite sum with rational coefficients (theory.md, section 6).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

import sympy as sp

from riskbounds import symbols as s
from riskbounds.errors import UnsupportedError
from riskbounds.numerics.blocks import BLOCKS

i, N = s.i, s.N
ONE, ZERO = sp.Integer(1), sp.Integer(0)


@dataclass(frozen=True)
class Atom:
    """prefactor i^(-weight) t^power e^(-decay t)."""

    prefactor: sp.Expr = ONE
    weight: sp.Expr = ZERO
    power: int = 0
    decay: int = 0

    def times(self, other: Atom) -> Atom:
        """The product of two atoms."""
        return Atom(
            self.prefactor * other.prefactor,
            self.weight + other.weight,
            self.power + other.power,
            self.decay + other.decay,
        )


Layer = dict[Atom, Fraction]


@dataclass(frozen=True)
class Series:
    """sum_n N^(-n) sum of atoms; the orders below ``stop`` are complete, all of them where ``stop`` is None."""

    layers: Mapping[int, Layer]
    stop: int | None = None

    @property
    def lead(self) -> int:
        """The first order present; ``stop`` (0 if exact) for a series without terms."""
        return min(self.layers, default=self.stop or 0)

    def below(self, stop: int | None) -> Series:
        """The series cut at an order."""
        ends = [end for end in (self.stop, stop) if end is not None]
        end = min(ends) if ends else None
        kept = {n: {atom: q for atom, q in layer.items() if q} for n, layer in self.layers.items() if end is None or n < end}
        return Series({n: layer for n, layer in kept.items() if layer}, end)

    def plus(self, other: Series) -> Series:
        """The sum."""
        layers: dict[int, Layer] = {n: dict(layer) for n, layer in self.layers.items()}
        for n, layer in other.layers.items():
            into = layers.setdefault(n, {})
            for atom, q in layer.items():
                into[atom] = into.get(atom, Fraction(0)) + q
        return Series(layers, self.stop).below(other.stop)

    def times(self, other: Series) -> Series:
        """The product."""
        ends = [a.stop + b.lead for a, b in ((self, other), (other, self)) if a.stop is not None]
        stop = min(ends) if ends else None
        layers: dict[int, Layer] = {}
        for n, first in self.layers.items():
            for m, second in other.layers.items():
                if stop is not None and n + m >= stop:
                    continue
                into = layers.setdefault(n + m, {})
                for one, p in first.items():
                    for two, q in second.items():
                        atom = one.times(two)
                        into[atom] = into.get(atom, Fraction(0)) + p * q
        return Series(layers, stop).below(stop)

    def inverse(self, depth: int) -> Series | None:
        """1/series to ``depth`` orders; None unless it is one power without decay times 1 + r, |r| < 1 for 0 < x <= 1."""
        head = self.layers.get(self.lead, {})
        if len(head) != 1 or next(iter(head)).decay:
            return None
        (atom, q), lead = next(iter(head.items())), self.lead
        flipped = monomial(Atom(1 / atom.prefactor, -atom.weight, -atom.power), 1 / q, -lead)
        rest = Series({n: layer for n, layer in self.layers.items() if n != lead}, self.stop).times(flipped)
        if rest.stop is None and not rest.layers:
            return flipped
        if not rest.is_small():
            return None
        total = power = monomial()
        for _ in range(1, depth):
            power = power.times(rest).times(monomial(q=Fraction(-1))).below(depth)
            total = total.plus(power)
        return total.below(depth).times(flipped)

    def is_small(self) -> bool:
        """Whether the part that stays as N grows, a polynomial in x = t/N, has coefficients of sum below 1 in modulus."""
        atoms = [(n, atom, q) for n, layer in self.layers.items() for atom, q in layer.items()]
        plain = all(atom.prefactor == 1 and atom.weight == 0 and not atom.decay and atom.power <= n for n, atom, _ in atoms)
        return plain and sum(abs(q) for n, atom, q in atoms if atom.power == n) < 1


def monomial(atom: Atom = Atom(), q: Fraction = Fraction(1), order: int = 0) -> Series:
    """One term q N^(-order) atom, exactly; the number 1 by default."""
    return Series({order: {atom: q}})


def remaining(p: int, q: int, depth: int) -> Series:
    """(1-x)^(p N + q) = e^(-p t) exp(-sum_j eps^j (p t^(j+1)/(j+1) + q t^j/j)), to ``depth`` orders."""
    rows: list[dict[int, Fraction]] = [{0: Fraction(1)}]
    for n in range(1, depth):
        row: dict[int, Fraction] = {}
        for j in range(1, n + 1):
            for rise, factor in ((j + 1, Fraction(p, j + 1)), (j, Fraction(q, j))):
                for k, value in rows[n - j].items():
                    row[k + rise] = row.get(k + rise, Fraction(0)) - value * factor * Fraction(j, n)
        rows.append(row)
    return Series({n: {Atom(power=k, decay=p): v for k, v in row.items()} for n, row in enumerate(rows)}).below(depth)


@dataclass(frozen=True)
class Scale:
    """What the spectrum is made of: i^(-exponent) = t/(N contraction); ``depth`` orders in 1/N are kept."""

    exponent: sp.Expr
    contraction: sp.Expr
    depth: int

    def expand(self, node: sp.Expr) -> Series:
        """The series of a summand; raises UnsupportedError for a node outside the class."""
        if node.is_Rational:
            return monomial(q=Fraction(int(node.p), int(node.q)))
        if not node.has(i, N):
            return monomial(Atom(prefactor=node))
        if node == N:
            return monomial(order=-1)
        if node == i or (isinstance(node, sp.Pow) and node.base == i and not node.exp.has(i, N)):
            return self._index_power(sp.Integer(1) if node == i else node.exp)
        if isinstance(node, sp.Add):
            total = Series({})
            for part in node.args:
                total = total.plus(self.expand(part))
            return total
        if isinstance(node, sp.Mul):
            fixed, moving = node.as_independent(i, N, as_Add=False)
            total = self.expand(fixed) if fixed.is_Rational else _scalar(fixed)
            for part in sp.Mul.make_args(moving):
                total = total.times(self.expand(part))
            return total
        if isinstance(node, sp.Pow) and node.exp.is_Integer:
            return self._power(node, int(node.exp))
        if isinstance(node, BLOCKS):
            return self._block(node)
        raise UnsupportedError(f"expansion: {str(node)[:80]} is not in the class of powers of i, G, g, W, K and 1/(2-x)")

    def _index_power(self, exponent: sp.Expr) -> Series:
        """i^exponent as a weight and a whole power of t."""
        ratio = sp.cancel(-exponent / self.exponent)
        if ratio.is_Integer:
            whole = int(ratio)
        else:
            found = sp.expand(-exponent).coeff(self.exponent) if self.exponent.is_Symbol else ZERO
            whole = int(found) if found.is_Integer else 0
        weight = sp.expand(-exponent - whole * self.exponent)
        return monomial(Atom(self.contraction**-whole, weight, whole), order=whole)

    def _power(self, node: sp.Pow, exponent: int) -> Series:
        base = self.expand(node.base)
        if exponent < 0:
            inverse = base.inverse(self.depth)
            if inverse is None:
                raise UnsupportedError(f"expansion: 1/({str(node.base)[:60]}) has no expansion in powers of 1/N at fixed N x")
            base = inverse
        total = base
        for _ in range(abs(exponent) - 1):
            total = total.times(base)
        return total

    def _block(self, node: sp.Function) -> Series:
        """A block by its definition, e^(-t) in place of (1-x)^N with the corrections."""
        x, steps = node.args
        if sp.cancel(x / (self.contraction * i**-self.exponent)) != 1:
            raise UnsupportedError(f"expansion: {node} is not at x_i = {self.contraction} i^(-{self.exponent})")
        p, q = steps.coeff(N), steps.subs(N, 0)
        if not (p.is_Integer and q.is_Integer and p > 0 and sp.expand(steps - p * N - q) == 0):
            raise UnsupportedError(f"expansion: the number of steps {steps} must be a whole multiple of N plus a whole number")
        argument = monomial(Atom(power=1), order=1)
        count = self.expand(steps)
        left = remaining(int(p), int(q), self.depth)
        learned = monomial().plus(left.times(monomial(q=Fraction(-1))))
        name = type(node).__name__
        if name == "G":
            return learned
        over = _inverse(argument, self.depth)
        if name == "g":
            return learned.times(over).times(_inverse(count, self.depth))
        twice = monomial().plus(remaining(2 * int(p), 2 * int(q), self.depth).times(monomial(q=Fraction(-1))))
        two = monomial(q=Fraction(2)).plus(argument.times(monomial(q=Fraction(-1))))
        squares = twice.times(over).times(_inverse(two, self.depth))
        if name == "W":
            return squares
        return count.plus(learned.times(over).times(monomial(q=Fraction(-2)))).plus(squares)


def _scalar(node: sp.Expr) -> Series:
    """A factor without i and N, its rational part apart."""
    number, rest = node.as_coeff_Mul(rational=True)
    return monomial(Atom(prefactor=rest), Fraction(int(number.p), int(number.q)))


def _inverse(series: Series, depth: int) -> Series:
    found = series.inverse(depth)
    assert found is not None
    return found


def collected(node: sp.Expr) -> sp.Expr:
    """The summand with sums that differ by factors without i gathered: c i^-a + e c i^-a becomes c (1+e) i^-a."""
    if not node.args or not node.has(i):
        return node
    if not isinstance(node, sp.Add):
        return node.func(*(collected(arg) for arg in node.args))
    groups: dict[sp.Expr, list[sp.Expr]] = {}
    for part in node.args:
        fixed, moving = collected(part).as_independent(i, as_Add=False)
        groups.setdefault(moving, []).append(fixed)
    return sp.Add(*((sp.factor(sp.Add(*fixed)) if len(fixed) > 1 else fixed[0]) * moving for moving, fixed in groups.items()))


def contraction_of(summand: sp.Expr, exponent: sp.Expr) -> sp.Expr | None:
    """The factor of i^(-exponent) in the argument of the summand's blocks; None without blocks."""
    found = {block.args[0] for block in summand.atoms(*BLOCKS)}
    if not found:
        return None
    if len(found) > 1:
        raise UnsupportedError(f"expansion: the blocks have different arguments, {sorted(map(str, found))}")
    factor, power = found.pop().as_independent(i, as_Add=False)
    if sp.cancel(power * i**exponent) != 1:
        raise UnsupportedError(f"expansion: a block's argument must be a constant times i^(-{exponent}), not times {power}")
    return factor
