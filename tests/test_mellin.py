"""Transforms, residues and series behind the expansions: quadrature, contour averages, the theory's forms, refusals."""

from __future__ import annotations

import random
from fractions import Fraction

import flint
import mpmath
import pytest
import sympy as sp
from flint import arb

from riskbounds import symbols as s
from riskbounds.asymptotics.balls import arb_value, ball, enclosed
from riskbounds.asymptotics.expansion import expand_sum
from riskbounds.asymptotics.mellin import residue, transform, transform_at_integer
from riskbounds.asymptotics.series import Scale, collected, remaining
from riskbounds.errors import UnsupportedError
from riskbounds.numerics.blocks import G, K, W, g

i, N, a, b = s.i, s.N, s.a, s.b
EXPONENTS = [Fraction(6, 5), Fraction(3, 2), Fraction(17, 7), Fraction(3)]
F = Fraction

#: (parts, the function, a point of its strip): f(t) = sum q t^k e^(-m t).
TRANSFORMS = [
    (((0, 0, F(1)), (0, 1, F(-1))), lambda t: -mpmath.expm1(-t), sp.Rational(-1, 2)),
    (((-1, 0, F(1)), (-1, 1, F(-2)), (-1, 2, F(1))), lambda t: mpmath.expm1(-t) ** 2 / t, sp.Rational(-2, 3)),
    (((2, 1, F(3)), (1, 3, F(-1, 2))), lambda t: 3 * t**2 * mpmath.exp(-t) - t * mpmath.exp(-3 * t) / 2, sp.Rational(1, 3)),
    (
        ((-2, 0, F(1)), (-2, 1, F(-1)), (-1, 2, F(-1))),
        lambda t: (-mpmath.expm1(-t) - t * mpmath.exp(-2 * t)) / t**2,
        sp.Rational(1, 2),
    ),
]


@pytest.mark.parametrize(("parts", "function", "point"), TRANSFORMS)
def test_the_rule_is_the_integral(parts, function, point):
    with mpmath.workdps(40):
        integral = mpmath.quad(
            lambda u: function(mpmath.exp(u)) * mpmath.exp(u * mpmath.mpf(point.p) / point.q), [-300, -20, -2, 1, 3, 300]
        )
        assert abs(mpmath.mpf(sp.N(transform(parts, point), 40)) / integral - 1) < 1e-20


@pytest.mark.parametrize("point", [-3, -2, -1, 0, 1, 2])
@pytest.mark.parametrize("parts", [case[0] for case in TRANSFORMS])
def test_laurent_coefficients_are_contour_averages(parts, point):
    """constant = mean of f~ on a small circle, residue = mean of f~(s) (s - s0)."""
    with mpmath.workdps(30):
        circle = [mpmath.mpf(1) / 4 * mpmath.expjpi(2 * mpmath.mpf(n) / 64) for n in range(64)]
        values = [
            sum(
                mpmath.mpf(q.numerator) / q.denominator * mpmath.gamma(point + z + k) * mpmath.mpf(m) ** -(point + z + k)
                for k, m, q in parts
                if m
            )
            for z in circle
        ]
        constant, simple = (mpmath.mpf(sp.N(part, 30)) for part in transform_at_integer(parts, point))
        assert abs(mpmath.fsum(values) / 64 - constant) < 1e-15
        assert abs(mpmath.fsum(v * z for v, z in zip(values, circle, strict=True)) / 64 - simple) < 1e-15


def test_residue_of_one_over_i():
    """sum i^(-1) (1 - e^(-t)) ~ (log X + gamma_E)/a + gamma_E, from the double pole at 0."""
    found = {logs: value for value, logs in residue(((0, 0, F(1)), (0, 1, F(-1))), sp.Integer(0), a)}
    assert sp.simplify(found[1] - 1 / a) == 0
    assert sp.simplify(found[0] - sp.EulerGamma / a - sp.EulerGamma) == 0


x = s.c * s.step * i**-a


def zeta_at_minus(A):
    return mpmath.zeta(-A)


def half(A):
    return mpmath.mpf(-1) / 2


def noise_constant(A):
    return mpmath.gamma(-1 / A) * (2 ** (1 / A) - 2) / A


#: Theory section 6, retyped: (summand, leading coefficient, its power of X, next coefficient, its power).
THEORY = {
    "bias": (
        s.c * i**-a * g(x, N) ** 2,
        lambda A: mpmath.gamma(-1 - 1 / A) * (2 ** (1 + 1 / A) - 2) / A,
        1 / a - 1,
        zeta_at_minus,
        -2,
    ),
    "cross": (s.c * i**-a * g(x, N), lambda A: -mpmath.gamma(-1 / A) / A, 1 / a - 1, half, -1),
    "dp": (G(x, N - 1) ** 2, noise_constant, 1 / a, half, 0),
    "dt": (K(x, N) / N, lambda A: noise_constant(A) / (1 + 1 / A), 1 / a, half, 0),
}


@pytest.mark.parametrize("name", THEORY)
def test_theory_section_6(name):
    summand, leading, power, following, after = THEORY[name]
    terms = expand_sum(summand, terms=1).terms
    first = next(term for term in terms if sp.cancel(term.power - power) == 0)
    second = next(term for term in terms if term.power == after)
    for exponent in EXPONENTS:
        A = mpmath.mpf(exponent.numerator) / exponent.denominator
        for term, oracle in ((first, leading), (second, following)):
            value = enclosed(lambda known, term=term: arb_value(term.coefficient, known), {a: exponent}, 64)
            assert float(value) == pytest.approx(float(oracle(A)), rel=1e-12)
    assert terms[0] == first
    assert first.prefactor == (s.c if name in ("bias", "cross") else 1)


def test_constant_noise_has_a_zeta_term():
    """dt: -(3/2) zeta(-a)/X at vanishing contraction, and -contraction/(8 X) beside it where the contraction stays."""
    terms = expand_sum(THEORY["dt"][0], terms=2).terms
    inverse = {term.order: term for term in terms if term.power == -1}
    assert sp.simplify(inverse[0].coefficient + sp.Rational(3, 2) * sp.zeta(-a)) == 0
    assert inverse[1].coefficient == sp.Rational(-1, 8)
    assert sp.simplify(inverse[1].prefactor - s.c * s.step) == 0


def test_bias_at_the_removable_pole():
    """b = a + 1: Gamma(-1) times 0 has the limit 2 ln 2 (theory section 6)."""
    x = s.c * s.step * i**-a
    general = expand_sum(i**-b * g(x, N) ** 2, terms=1)
    assert [(str(case.relation), case.meaning) for case in general.cases] == [
        ("b < 2*a + 1", "leads"), ("Eq(b, a + 1)", "limit"), ("Eq(b, 2*a + 1)", "logarithm"),
    ]  # fmt: skip
    there = general.where({b: a + 1}).terms[0]
    assert sp.simplify(there.coefficient - 2 * sp.log(2) / a) == 0
    assert there.logs == 0
    saturated = general.where({b: 2 * a + 1}).terms[0]
    assert (saturated.logs, sp.simplify(saturated.coefficient - 1 / a)) == (1, 0)


@pytest.mark.parametrize("shift", [0, 1])
def test_coincidences_are_limits(shift):
    """Just beside b = a + 1 and 2a + 1, where the terms cancel, the expansion has the value that it has there."""
    x = s.c * s.step * i**-a
    summand = [i**-b * g(x, N) ** 2, i**-b * g(x, N)][shift]
    expansion = expand_sum(summand, terms=2)
    for multiple in (1, 2 - shift):
        values = {a: F(7, 5), s.c: F(1), s.step: F(1, 10), N: F(10**5), b: multiple * F(7, 5) + 1}
        beside = expansion.value({**values, b: values[b] + F(1, 10**20)}, 200)
        with flint.ctx.workprec(200):
            assert abs(beside / expansion.value(values, 200) - 1) < 1e-17


@pytest.mark.parametrize(("p", "q"), [(1, 0), (1, -1), (2, -2), (2, 0), (1, 3)])
def test_powers_of_the_remaining_share(p, q):
    """(1 - t/N)^(pN + q) at N = 10^6, to ten orders."""
    series, steps, t = remaining(p, q, 10), 10**6, F(3)
    with flint.ctx.workprec(400):
        value = sum(
            ball(coefficient * t**atom.power * F(1, steps**n)) * ball(-atom.decay * t).exp()
            for n, layer in series.layers.items() for atom, coefficient in layer.items()
        )  # fmt: skip
        exact = ball(1 - t / steps) ** (p * steps + q)
        assert abs(value / exact - 1) < 1e-50


def test_blocks_at_fixed_argument():
    """Each block's series at t = 2, N = 10^5, against its definition: relative error below 10^-30."""
    x, steps, t = s.step * i**-a, 10**5, F(2)
    for block in (G(x, N), G(x, N - 1), g(x, N), W(x, N), K(x, N), 1 / (2 - x), x / (2 - x) ** 2):
        series = Scale(a, s.step, 8).expand(collected(block))
        with flint.ctx.workprec(600):
            value = sum(
                ball(q * t**atom.power * F(1, steps) ** n) * ball(-atom.decay * t).exp()
                for n, layer in series.layers.items() for atom, q in layer.items()
            )  # fmt: skip
            exact = arb_value(block.rewrite(sp.Pow).subs(i, 1), {s.step: ball(t / steps), N: arb(steps), a: arb(2)})
            assert abs(value / exact - 1) < 1e-30


def test_seeded_rational_coefficients_only():
    """No Float anywhere, and powers that are rational functions of a and b."""
    x = s.c * s.step * i**-a
    rng = random.Random(5)
    for _ in range(5):
        expansion = expand_sum(i**-b * W(x, N) * G(x, N - 1) ** rng.randint(1, 3) * x, terms=rng.randint(1, 3))
        for term in (*expansion.terms, *expansion.omitted):
            assert not term.coefficient.atoms(sp.Float) | term.power.atoms(sp.Float) | term.prefactor.atoms(sp.Float)
            assert term.power.is_rational_function(a, b)
            assert term.coefficient.free_symbols <= {a, b}


@pytest.mark.parametrize(
    ("summand", "word"),
    [
        (i**-a / (i**-a + s.eps_d), "no expansion"),
        (sp.exp(-i), "not in the class"),
        (G(s.step * (i**-a + s.eps_d), N), "times i"),
        (i**-a * G(s.step * i**-a, N) * G(s.c * i**-a, N), "different arguments"),
        (i ** (3 * a / 2) * G(s.step * i**-a, N), "diverges"),
        (G(s.step * i**-a, N**2), "whole multiple"),
    ],
)
def test_refusals(summand, word):
    with pytest.raises(UnsupportedError, match=word):
        expand_sum(summand)
