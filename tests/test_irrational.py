"""Exact sums and quotients of roots and exponentials against 60 digits of mpmath, and the identities in which roots cancel."""

from __future__ import annotations

from fractions import Fraction
from random import Random

import mpmath
import pytest

from riskbounds.errors import ProofError
from riskbounds.terms.irrational import ONE, divided, exponential, quotient, root

COUNT = 200


def draw(random):
    """A rational number and its value in 60 digits."""
    value = Fraction(random.randint(1, 40), random.randint(1, 12))
    return value, real(value)


def digits(value):
    """The value of an exact number in 60 digits."""
    above, under = (mpmath.fsum(real(c) * mpmath.sqrt(d) * mpmath.exp(real(k)) for (d, k), c in each) for each in quotient(value))
    return above / under


def real(value):
    return mpmath.mpf(value.numerator) / value.denominator


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
            assert abs(abs(ours) + max(ours, -ours) - 2 * max(ours, -ours)) == 0
            grown, theirs = (root(x) + exponential(y - z)) ** -2 * exponential(-x), (mpmath.sqrt(X) + mpmath.exp(Y - Z)) ** -2
            assert abs(digits(grown + z) - (theirs * mpmath.exp(-X) + Z)) < mpmath.mpf(10) ** -50
            assert (grown > z) == (theirs * mpmath.exp(-X) > Z)
            assert grown * (root(x) + exponential(y - z)) ** 2 == exponential(-x)
            assert exponential(x) * exponential(-x - y) == exponential(-y)


def test_roots_that_cancel_leave_a_fraction():
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
    with pytest.raises(ZeroDivisionError):
        divided(ONE, ())


def test_sums_of_many_roots_and_powers_of_e_have_inverses():
    number = 1 + root(Fraction(2)) + root(Fraction(3)) * exponential(Fraction(-1))
    assert number**-1 * number == 1
    assert number**-1 + number**-1 == 2 * number**-1
    assert exponential(Fraction(0)) == 1
    assert Fraction(271828182845904523536, 10**20) < exponential(Fraction(1)) < Fraction(271828182845904523537, 10**20)
