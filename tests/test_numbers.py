"""What every number system must do alike."""

import itertools
from fractions import Fraction

import flint
import mpmath
import numpy as np
import pytest
import sympy as sp

from riskbounds.errors import UnsupportedError
from riskbounds.instance import in_numbers
from riskbounds.numerics import Digits, Enclosures, Floats
from riskbounds.numerics.evaluate import Evaluation

SYSTEMS = {"float64": Floats(), "50 digits": Digits(50), "enclosed": Enclosures(200)}
TOLERANCE = {"float64": "1e-15", "50 digits": "1e-50", "enclosed": "1e-55"}


def distance(value, exact):
    """|value/exact - 1|, exact to 70 digits."""
    with mpmath.workdps(70):
        if isinstance(value, flint.arb):
            assert value.is_finite()
            value = mpmath.mpf(value.mid().str(75, radius=False)) + mpmath.mpf(value.rad().str(5, radius=False))
        return abs(mpmath.mpf(value) / exact - 1)


@pytest.fixture(params=SYSTEMS)
def system(request):
    assert SYSTEMS[request.param].label == request.param
    with SYSTEMS[request.param].working():
        yield SYSTEMS[request.param]


def close(system, value, exact):
    return distance(value, exact) <= mpmath.mpf(TOLERANCE[system.label])


@pytest.mark.parametrize("value", [Fraction(1, 3), sp.Rational(1, 3)])
def test_rationals_enter_exactly(system, value):
    with mpmath.workdps(70):
        assert close(system, system.number(value), mpmath.mpf(1) / 3)
    assert system.number(7) == 7


def test_enclosed_rationals_contain_themselves():
    with SYSTEMS["enclosed"].working():
        assert SYSTEMS["enclosed"].number(Fraction(1, 3)).contains(flint.arb(flint.fmpq(1, 3)))
        assert SYSTEMS["enclosed"].number(Fraction(1, 3)).rad() < 1e-60


def test_functions(system):
    with mpmath.workdps(70):
        x = mpmath.mpf("0.375")
        cases = {
            "exp": mpmath.exp(x),
            "log": mpmath.log(x),
            "sqrt": mpmath.sqrt(x),
            "gamma": mpmath.gamma(x),
            "zeta": mpmath.zeta(x),
            "absolute": x,
        }
    point = system.from_float64(np.array([0.375, 0.375]))
    for name, exact in cases.items():
        for value in getattr(system, name)(point):
            assert close(system, value, exact), name
    with mpmath.workdps(70):
        assert close(system, system.zeta(system.number(3), system.number(8)), mpmath.zeta(3, 8))


@pytest.mark.parametrize("exponent", [Fraction(-3, 2), Fraction(1, 2), Fraction(1, 3), Fraction(-2), Fraction(10537, 10000)])
def test_rational_powers(system, exponent):
    for base in (2, 3, 1000):
        with mpmath.workdps(70):
            exact = mpmath.mpf(base) ** (mpmath.mpf(exponent.numerator) / exponent.denominator)
        values = system.power(np.array([system.number(base)] * 2), exponent)
        assert close(system, values[0], exact)
        assert close(system, system.power(values, system.number(1))[1], exact)


def test_arrays(system):
    a = system.from_float64(np.array([[1.0, -2.0], [3.0, 4.0]]))
    b = system.from_float64(np.array([2.0, 2.0]))
    assert [float(v) for v in system.maximum(a, b).ravel()] == [2, 2, 3, 4]
    assert [float(v) for v in system.minimum(a, b).ravel()] == [1, -2, 2, 2]
    assert [float(v) for v in system.sum(a, axis=-1)] == [-1, 7]
    assert float(system.sum(a)) == 6
    assert float(system.sum(a[:0])) == 0
    assert [float(v) for v in system.where(np.array([True, False]), a, b).ravel()] == [1, 2, 3, 2]
    assert system.certainly_less_equal(a, b).ravel().tolist() == [True, True, False, False]
    assert [float(v) for v in system.absolute(a).ravel()] == [1, 2, 3, 4]


def test_enclosed_square_roots_reach_zero():
    assert SYSTEMS["enclosed"].power(flint.arb(0), Fraction(3, 2)) == 0


def test_an_undecided_comparison_is_not_certain():
    system = SYSTEMS["enclosed"]
    wide = flint.arb(1, 0.5)
    assert not system.certainly_less_equal(wide, flint.arb(1))
    assert not system.certainly_less_equal(flint.arb(1), wide)
    assert system.certainly_less_equal(flint.arb(1), flint.arb(1))


def test_working_sets_and_restores_the_precision():
    before = flint.ctx.prec
    with SYSTEMS["enclosed"].working():
        assert flint.ctx.prec == 200
        with Enclosures(100).working():
            assert flint.ctx.prec == 100
        assert flint.ctx.prec == 200
    assert flint.ctx.prec == before
    outside = mpmath.mp.prec
    with SYSTEMS["50 digits"].working():
        assert mpmath.mp.prec == outside


def test_digits_do_not_mix_with_the_global_context():
    value = Digits(100).number(Fraction(1, 3))
    assert abs(value * 3 - 1) < mpmath.mpf(10) ** -100
    assert abs(sum(itertools.repeat(value, 3)) - 1) < mpmath.mpf(10) ** -100


def test_float64_refuses_what_it_cannot_hold():
    with pytest.raises(UnsupportedError, match="--digits"):
        Floats().number(10**400)


@pytest.mark.parametrize("start", [1, 7, 1001])
def test_a_function_of_two_arguments_keeps_both(system, start):
    """zeta(a, q) = sum_{i>=0} (q+i)^-a, not zeta(a): an argument that is dropped shows nowhere."""
    a, q = sp.symbols("a q", positive=True)
    evaluation = Evaluation(system, {a: in_numbers(Fraction(3, 2), system), q: in_numbers(Fraction(start), system)}, {}, 1)
    with mpmath.workdps(70):
        exact = mpmath.zeta(mpmath.mpf(3) / 2, start)
    assert close(system, evaluation.scalar(sp.zeta(a, q)), exact)
