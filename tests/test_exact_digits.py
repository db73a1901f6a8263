"""Digits and enclosures of the exact risk."""

from dataclasses import replace
from fractions import Fraction

import flint
import mpmath
import numpy as np
import pytest
from oracles.exact_problems import KINDS, commuting, random_problem

from riskbounds.errors import ProblemError, RiskboundsError
from riskbounds.exact import (
    ErrorFunctional,
    SecondMomentModel,
    data_term,
    data_term_digits,
    exact_risk,
    exact_risk_digits,
    exact_risk_enclosed,
    gaussian_features,
    log_slope,
    matching_steps,
    matching_steps_digits,
    stability,
)

STEPS = (3, 60, 10**4, 10**12)


def relative(left, right):
    before, flint.ctx.prec = flint.ctx.prec, 600
    try:
        return float(abs(left.mid() / right.mid() - 1))
    finally:
        flint.ctx.prec = before


@pytest.mark.parametrize("kind", KINDS)
def test_fifty_and_hundred_digits_agree(kind):
    model = random_problem(21, kind, size=4)
    fifty, hundred = exact_risk_digits(model, STEPS, 50), exact_risk_digits(model, STEPS, 100)
    for left, right in zip(fifty, hundred, strict=True):
        assert relative(left, right) <= 1e-49


@pytest.mark.parametrize("kind", KINDS)
def test_float64_is_within_1e_12_of_the_digits(kind):
    model = random_problem(22, kind, size=5)
    digits = [float(value) for value in exact_risk_digits(model, STEPS, 30)]
    np.testing.assert_allclose(exact_risk(model, STEPS), digits, rtol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_the_enclosure_contains_the_digits(kind):
    """Both ways of enclosing: N = 3 by stepping, the others by the closed curve."""
    model = random_problem(23, kind, size=5)
    for steps in (3, 10**5, 10**12):
        ball, reason = exact_risk_enclosed(model, steps)
        assert reason == "enclosed"
        assert ball.contains(exact_risk_digits(model, [steps], 100)[0].mid())
        assert float(ball.rad()) <= 1e-30 * float(ball.mid())


def test_both_enclosures_overlap(monkeypatch):
    """The same N by stepping and by the closed curve."""
    from riskbounds.exact import enclosure

    for number, kind in enumerate(KINDS):
        model = random_problem(30 + number, kind, size=3)
        stepped, _ = exact_risk_enclosed(model, 900)
        monkeypatch.setattr(enclosure, "MOST_UPDATES", 10)
        curve, reason = exact_risk_enclosed(model, 900)
        monkeypatch.undo()
        assert reason == "enclosed"
        assert stepped.rad() > 0
        assert curve.overlaps(stepped)
        assert relative(curve, stepped) <= 1e-30


@pytest.mark.parametrize("kind", KINDS)
def test_the_bound_on_the_arc_holds_wherever_the_curve_turns(kind, monkeypatch):
    """Turned early the arc carries a real share: the ball is wide and still contains the value."""
    from riskbounds.exact import enclosure

    model = random_problem(40, kind, size=3)
    truth = exact_risk_digits(model, [50_000], 60)[0].mid()
    widths = []
    for left in (4, 8, 16, 32):
        monkeypatch.setattr(enclosure, "_left_end", lambda bits, steps, left=left: left)
        monkeypatch.setattr(enclosure, "MOST_UPDATES", 10)
        ball, _ = exact_risk_enclosed(model, 50_000)
        assert ball.contains(truth)
        without_arc = abs(ball.mid() - truth)
        assert float(without_arc) > 1e-25
        widths.append(float(ball.rad()))
    assert widths == sorted(widths, reverse=True)


def rational(numbers):
    """A two-coordinate additive problem with exact rational entries, in the type `numbers`."""

    def array(*values):
        return np.array([numbers(Fraction(value)) for value in values], dtype=object)

    lam, mu, star2 = (Fraction(1), Fraction(1, 3)), (Fraction(21, 20), Fraction(23, 60)), (Fraction(1), Fraction(2, 7))
    missed = [a * s * (m - a) / m for a, m, s in zip(lam, mu, star2, strict=True)]
    return SecondMomentModel(
        step_size=numbers(Fraction(1, 10)),
        batch=2,
        mu=array(*mu),
        b2=array(*(a**2 * s for a, s in zip(lam, star2, strict=True))),
        residual=numbers(1 + sum(missed)),
        features=gaussian_features(array(*mu)),
        error=ErrorFunctional(
            approximation=numbers(Fraction(0)),
            shrinkage=numbers(sum(e * (m - a) / m for e, a, m in zip(missed, lam, mu, strict=True))),
            cross=array(*(e * a / m for e, a, m in zip(missed, lam, mu, strict=True))),
            weights=array(*lam),
        ),
    )


def test_number_types_agree():
    """Fractions, mpf and floats; floats only to their own 16 digits."""
    with mpmath.workdps(80):
        kinds = (Fraction, lambda value: mpmath.mpf(value.numerator) / value.denominator, float)
        exact, decimal, rounded = (exact_risk_digits(rational(kind), [1000], 60)[0] for kind in kinds)
    assert relative(exact, decimal) <= 1e-60
    assert 0 < relative(exact, rounded) <= 1e-14


def test_few_steps_in_fractions():
    """N = 2 by hand: v_1 = gamma mean of q y, vbar = v_1/2."""
    gamma, batch = Fraction(1, 10), 2
    expected = Fraction(0)
    lam, mu, star2 = (Fraction(1), Fraction(1, 3)), (Fraction(21, 20), Fraction(23, 60)), (Fraction(1), Fraction(2, 7))
    label = 1 + sum(a * s for a, s in zip(lam, star2, strict=True))
    for a, m, s in zip(lam, mu, star2, strict=True):
        second = gamma**2 * ((m * label + 2 * a**2 * s) / batch + (1 - Fraction(1, batch)) * a**2 * s)
        expected += a * (second / 4 - gamma * a * s + s) / 2
    ball, _ = exact_risk_enclosed(rational(Fraction), 2)
    before, flint.ctx.prec = flint.ctx.prec, 120
    try:
        assert abs(ball - flint.fmpq(expected.numerator, expected.denominator)) < 1e-34
    finally:
        flint.ctx.prec = before
    assert float(ball.rad()) < 1e-40


def test_precision_is_restored():
    before = flint.ctx.prec
    exact_risk_digits(random_problem(1, "additive", size=2), [100], 40)
    exact_risk_enclosed(random_problem(1, "additive", size=2), 10**8)
    assert flint.ctx.prec == before


def test_real_steps_and_tiny_rates_in_digits():
    model = random_problem(24, "additive", size=3)
    model = replace(
        model,
        mu=model.mu * np.array([1, 1e-9, 1e-15]),
        features=gaussian_features(model.mu * np.array([1, 1e-9, 1e-15])),
        b2=model.b2 * np.array([1, 1e-18, 1e-30]),
    )
    for steps in (1e12, 1234.5):
        assert data_term(model, [steps])[0] + float(model.error.approximation + model.error.shrinkage / 2) == pytest.approx(
            float(exact_risk_digits(model, [steps], 30)[0]), rel=1e-12
        )


def one_coordinate(steps, gamma, lam, star, sigma2):
    """The data term of one full-precision Gaussian coordinate, B = 1, by geometric sums.

    x = gamma lam, r = 1 - x, E delta^2 = level + rest theta^t with theta = 1 - 2x + 3x^2.
    """
    x = gamma * lam
    r, theta = 1 - x, 1 - 2 * x + 3 * x**2
    level = gamma**2 * sigma2 * lam / (1 - theta)
    rest = star**2 - level
    plain = (1 - theta**steps) / (1 - theta)
    flat = (steps - (1 - r**steps) / (1 - r)) * r / (1 - r)
    mixed = (plain - (theta**steps - r**steps) / (theta - r)) * r / (1 - r)
    return lam / 2 * (level * (steps + 2 * flat) + rest * (plain + 2 * mixed)) / steps**2


@pytest.mark.parametrize("steps", ["1.01", "2.7", "5.5", "17.25", "44.4", "1234.5"])
@pytest.mark.parametrize("digits", [20, 50])
def test_real_steps_against_a_closed_form(steps, digits):
    """Small real N too, where Talbot's contour does not fit."""
    gamma, lam, star, sigma2 = (Fraction(text) for text in ("1/10", "3/2", "2", "1/3"))
    wide = mpmath.MPContext()
    wide.dps = digits + 30
    count, *values = (wide.mpf(part.numerator) / part.denominator for part in (Fraction(steps), gamma, lam, star, sigma2))
    model = SecondMomentModel(
        step_size=gamma,
        batch=1,
        mu=np.array([lam], dtype=object),
        b2=np.array([(lam * star) ** 2], dtype=object),
        residual=sigma2,
        features=gaussian_features(np.array([lam], dtype=object)),
        error=ErrorFunctional(
            approximation=Fraction(0),
            shrinkage=Fraction(0),
            cross=np.array([Fraction(0)], dtype=object),
            weights=np.array([lam], dtype=object),
        ),
    )
    ball = data_term_digits(model, [Fraction(steps)], digits)[0]
    with flint.ctx.workprec(4 * digits + 80):
        truth = flint.arb(str(wide.nstr(one_coordinate(count, *values), digits + 20)))
        assert abs(ball - truth) < truth * flint.arb(10) ** (1 - digits)


def test_matching_steps_in_digits():
    """The root found in digits solves the equation: the data term there is the value, and float64 agrees with it."""
    coarse = random_problem(3, "additive", size=4)
    plain = replace(coarse, slots={}, batch=coarse.batch + 1)
    for steps in (7, 40, 10**6):
        value = data_term_digits(coarse, [steps], 60)[0]
        near = matching_steps(plain, float(value))
        slope = log_slope(plain, near)
        root = matching_steps_digits(plain, value, near, slope, 40)
        assert float(root) == pytest.approx(near, rel=1e-9)
        with flint.ctx.workprec(300):
            back = data_term_digits(plain, [root.mid()], 50)[0]
            assert abs(back / value - 1) < flint.arb("1e-39")


def test_no_enclosure_comes_with_a_reason():
    model = random_problem(25, "additive", size=3)
    assert exact_risk_enclosed(replace(model, step_size=1.5 / float(np.max(model.mu)), batch=64), 10**9)[0] is None
    wild = replace(model, step_size=0.95 / float(np.max(model.mu)), batch=1)
    wild = replace(wild, slots={"activation": replace_slot(3.0)})
    ball, reason = exact_risk_enclosed(wild, 10**9)
    assert ball is None
    assert "step_size" in reason or "theta" in reason
    with pytest.raises(ProblemError, match="integer"):
        exact_risk_enclosed(model, 2.5)
    many = np.full(30, 1.0)
    crowded = commuting(many, many, 1.0, gaussian_features(many), many, batch=1, step_size=0.2)
    assert stability(crowded) > 1
    assert exact_risk_enclosed(crowded, 10**5) == (
        None,
        "an enclosure at this many steps needs a stable second moment: take a smaller step_size",
    )


def replace_slot(eps):
    from riskbounds.exact import Slot

    return Slot(structure="multiplicative", eps=eps)


def test_digits_refuse_when_the_inputs_are_too_wide():
    """Balls of radius 1e-20 cannot give 40 digits."""
    model = random_problem(26, "additive", size=2)
    wide = np.array([flint.arb(float(value), 1e-20) for value in model.mu], dtype=object)
    with pytest.raises(RiskboundsError, match="digits"):
        exact_risk_digits(replace(model, mu=wide, features=gaussian_features(wide)), [1000], 40)
