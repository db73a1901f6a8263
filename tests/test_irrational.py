"""Exact sums of roots and exponentials against 60 digits of mpmath, and the identities in which they cancel."""

from __future__ import annotations

from fractions import Fraction
from random import Random

import mpmath
import pytest

from riskbounds.errors import ProofError
from riskbounds.terms.irrational import Irrational, exponential, root

COUNT = 200


def draw(random):
    """A rational number and its value in 60 digits."""
    value = Fraction(random.randint(1, 40), random.randint(1, 12))
    return value, mpmath.mpf(value.numerator) / value.denominator


def digits(value):
    """The value of an exact number in 60 digits."""
    parts = value.parts if isinstance(value, Irrational) else (((1, Fraction(0)), value),)
    real = lambda each: mpmath.mpf(each.numerator) / each.denominator  # noqa: E731
    return mpmath.fsum(real(c) * mpmath.sqrt(d) * mpmath.exp(real(q)) for (d, q), c in parts)


@pytest.mark.parametrize("seed", range(4))
def test_arithmetic_agrees_with_sixty_digits(seed):
    random = Random(seed)
    with mpmath.workdps(60):
        for _ in range(COUNT):
            (x, X), (y, Y), (z, Z) = (draw(random) for _ in range(3))
            ours, theirs = root(x) * root(y) - z * root(z) + x, mpmath.sqrt(X) * mpmath.sqrt(Y) - Z * mpmath.sqrt(Z) + X
            assert abs(digits(ours) - theirs) < mpmath.mpf(10) ** -50
            assert (ours > 0) == (theirs > mpmath.mpf(10) ** -50)
            assert (ours == 0) == (abs(theirs) < mpmath.mpf(10) ** -50)
            assert (root(x) < root(y)) == (x < y)
            assert (root(x) + z) ** -1 * (root(x) + z) == 1
            power = exponential(x) * root(y) - exponential(z) * y
            assert abs(digits(power) - (mpmath.exp(X) * mpmath.sqrt(Y) - mpmath.exp(Z) * Y)) < mpmath.mpf(10) ** -38
            assert (power > 0) == (mpmath.exp(X) * mpmath.sqrt(Y) > mpmath.exp(Z) * Y)
            assert exponential(x) * exponential(z - x) == exponential(z)
            assert abs(abs(ours) + max(ours, -ours) - 2 * max(ours, -ours)) == 0


def test_what_cancels_leaves_a_fraction():
    assert exponential(Fraction(-1)) * exponential(Fraction(1)) == 1
    assert isinstance(exponential(Fraction(0)), Fraction)
    assert root(Fraction(8)) - 2 * root(Fraction(2)) == 0
    assert (root(Fraction(2)) + root(Fraction(3))) ** 2 == 5 + 2 * root(Fraction(6))
    assert root(Fraction(2)) * root(Fraction(9, 2)) == 3
    assert isinstance(root(Fraction(4, 9)), Fraction)
    # the two sides agree in the first 20 digits: only more of them tell which is larger
    near = Fraction(14142135623730950488016887, 10**25)
    assert root(Fraction(2)) > near
    assert root(Fraction(2)) > near + Fraction(1, 10**27)


def test_what_has_no_exact_value_is_refused():
    for value in (Fraction(-1), root(Fraction(2))):
        with pytest.raises(ProofError):
            root(value)
    with pytest.raises(ProofError):
        exponential(root(Fraction(2)))
    with pytest.raises(ProofError):
        (1 + exponential(Fraction(1))).inverse()
    with pytest.raises(ProofError):
        (1 + root(Fraction(2)) + root(Fraction(3))).inverse()
