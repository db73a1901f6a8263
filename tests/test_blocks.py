"""The building blocks in every number system against the elementary definitions at 60 digits and more."""

from fractions import Fraction

import flint
import mpmath
import numpy as np
import pytest
import sympy as sp

from riskbounds.numerics import BLOCKS, Digits, Enclosures, Floats, G, K, W, g

NAMES = ("G", "g", "W", "K")
RANDOM = np.random.default_rng(20260301)
CONTRACTIONS = [
    1.0,
    1 - 2.0**-53,
    0.999,
    0.75,
    0.5,
    0.3,
    0.21,
    0.1,
    1e-3,
    1e-15,
    1e-100,
    *(10.0 ** -RANDOM.uniform(0, 2, 12)),
    *(10.0 ** -RANDOM.uniform(0, 16, 12)),
]
STEPS = [*range(1, 13), 17, 40, 100, 1000, 10**6, 123456789, 10**12, 10**15]


def truth(x, N):
    """The four definitions, typed a second time, with 60 digits left after the cancellation in K."""
    with mpmath.workdps(70 + 3 * int(max(0, -mpmath.log10(x)))):
        x = mpmath.mpf(x)
        q = (1 - x) ** N
        return {
            "G": 1 - q,
            "g": (1 - q) / (N * x),
            "W": (1 - q**2) / (x * (2 - x)),
            "K": N - 2 * (1 - q) / x + (1 - q**2) / (x * (2 - x)) if N > 1 else mpmath.mpf(0),
        }


@pytest.fixture(scope="module")
def table():
    """Definition of each block on the grid, computed once: name -> list over contractions of lists over steps."""
    values = [[truth(x, N) for N in STEPS] for x in CONTRACTIONS]
    return {name: [[v[name] for v in row] for row in values] for name in NAMES}


def grid():
    return np.array(CONTRACTIONS)[:, None], np.array(STEPS, dtype=float)[None, :]


@pytest.mark.parametrize("name", NAMES)
def test_floats_keep_fourteen_digits(table, name):
    value = Floats().blocks_at(*grid())[name]
    for row, exact_row in zip(value, table[name], strict=True):
        for v, exact in zip(row, exact_row, strict=True):
            assert abs(mpmath.mpf(v) - exact) <= 4e-15 * exact


def test_floats_at_extremes():
    floats = Floats()
    assert floats.K(1e-300, 2.0) == 0  # 1e-600 underflows
    assert floats.K(1e-300, 1e15) == 0
    assert floats.K(1e-150, 1e15) == pytest.approx(1e-300 * 1e45 / 3, rel=4e-15)
    assert floats.G(1e-300, 1e15) == pytest.approx(1e-285, rel=4e-15)
    assert floats.W(1e-300, 1e15) == pytest.approx(1e15, rel=4e-15)
    assert floats.g(1e-300, 1e15) == 1
    assert floats.G(1.0, 0.0) == floats.W(1.0, 0.0) == floats.K(0.5, 0.0) == 0
    assert floats.K(0.3, 1.0) == floats.K(1.0, 1.0) == 0
    assert floats.K(1.0, 1e6) == 1e6 - 1


@pytest.mark.parametrize("N", [1.1, 1.5, 2.7, 9.5, 1234.5])
def test_floats_interpolate_real_steps(N):
    x = 10.0 ** -np.linspace(0.2, 9, 60)
    for value, point in zip(Floats().K(x, N), x, strict=True):
        assert value == pytest.approx(float(truth(point, mpmath.mpf(N))["K"]), rel=2e-14)


def test_floats_chunks_and_broadcasting_agree_with_points():
    x = 10.0 ** -RANDOM.uniform(0, 6, (1, 1, 300))
    N = np.floor(10.0 ** RANDOM.uniform(0, 9, (400, 1, 1)))
    values = Floats().blocks_at(x, N)
    for name in NAMES:
        assert values[name].shape == (400, 1, 300)
        for n, m in RANDOM.integers(0, 300, (200, 2)):
            assert values[name][n, 0, m] == pytest.approx(getattr(Floats(), name)(x[0, 0, m], N[n, 0, 0]), rel=1e-15)


@pytest.mark.parametrize("name", NAMES)
def test_digits_keep_the_digits_they_promise(table, name):
    digits = Digits(40)
    x = digits.from_float64(grid()[0])
    value = digits.blocks_at(x, np.array([digits.number(N) for N in STEPS]), NAMES)[name]
    for row, exact_row in zip(value, table[name], strict=True):
        for v, exact in zip(row, exact_row, strict=True):
            with mpmath.workdps(60):
                assert abs(mpmath.mpf(v) - exact) <= mpmath.mpf(10) ** -49 * exact


@pytest.mark.parametrize("name", NAMES)
def test_enclosures_contain_the_truth_and_are_tight(table, name):
    system = Enclosures(160)
    with system.working():
        third = system.number(Fraction(1, 3)) * 3  # 1 with an inexact ball: radius 2^-160
        x = system.from_float64(grid()[0]) * third
        N = np.array([system.number(n) for n in STEPS])
        value = system.blocks_at(x, N)[name]
    with flint.ctx.workprec(4000):
        for row, exact_row in zip(value, table[name], strict=True):
            for v, exact in zip(row, exact_row, strict=True):
                # the table is right to 60 digits only: let its ball overlap, and keep the midpoint close
                assert v.overlaps(flint.arb(mpmath.nstr(exact, 60), abs(flint.arb(mpmath.nstr(exact, 60))) * 1e-58))
                assert v.rad() <= abs(flint.arb(mpmath.nstr(exact, 60))) * 1e-46


@pytest.mark.parametrize(("low", "high"), [("0.1", "0.2"), ("1e-9", "3e-9"), ("0.5", "1"), ("0.9", "1")])
@pytest.mark.parametrize("N", [1, 2, 5, 1000, 10**9])
def test_wide_balls_reach_both_ends(low, high, N):
    system = Enclosures(128)
    with system.working():
        ends = flint.arb(low), flint.arb(high)
        wide = system.blocks_at(ends[0].union(ends[1]), flint.arb(N))
        for end in ends:
            narrow = system.blocks_at(end, flint.arb(N))
            for name in NAMES:
                assert wide[name].overlaps(narrow[name])


def test_enclosure_straddling_one():
    system = Enclosures(128)
    with system.working():
        x = system.number(Fraction(1, 3)) * 3
        assert not x.is_exact()
        for N in (1, 2, 10**24):
            values = system.blocks_at(x, flint.arb(N))
            for name, exact in {"G": 1, "g": Fraction(1, N), "W": 1, "K": N - 1}.items():
                exact = system.number(Fraction(exact))
                assert values[name].overlaps(exact)
                assert values[name].rad() <= exact * 1e-36 + (0 if N > 1 or name != "K" else 1e-300)


def test_enclosure_past_one():
    past = Enclosures(128).W(flint.arb("0.99").union(flint.arb("1.8")), flint.arb(1000))
    assert past.overlaps(1 / (flint.arb("1.8") * flint.arb("0.2")))


@pytest.mark.parametrize("system", [Floats(), Digits(30), Enclosures(100)])
def test_no_steps_and_one(system):
    one = system.number(1)
    nothing = system.blocks_at(one, one * 0, ("G", "W", "K"))
    assert nothing["G"] == nothing["W"] == nothing["K"] == 0
    assert system.K(one / 3, one) == system.K(one, one) == 0
    assert system.K(one, one * 7) == 6


def test_the_enclosure_of_a_ball_that_reaches_zero_claims_nothing():
    assert not Enclosures().K(flint.arb(0.5, 0.6), flint.arb(10)).is_finite()


def test_global_precisions_are_left_alone():
    before = mpmath.mp.prec, flint.ctx.prec
    Digits(80).blocks_at(mpmath.mpf(1e-12), 7)
    Enclosures(300).blocks_at(flint.arb(1e-12), flint.arb(7))
    assert (mpmath.mp.prec, flint.ctx.prec) == before


def test_definitions_are_the_sums_they_abbreviate():
    x = sp.Symbol("x")
    for N in range(1, 7):
        powers = [(1 - x) ** s for s in range(N)]
        sums = {
            G: x * sum(powers),
            g: sum(powers) / N,
            W: sum(q**2 for q in powers),
            K: sum((1 - q) ** 2 for q in powers),
        }
        for block in BLOCKS:
            assert sp.cancel(block(x, N).rewrite(sp.Pow) - sums[block]) == 0


def test_blocks_stay_symbols_until_rewritten():
    x, N = sp.Symbol("x", positive=True), sp.Symbol("N", positive=True, integer=True)
    assert K(sp.Rational(1, 2), 3).func is K
    assert K(sp.Rational(1, 2), 3).rewrite(sp.Pow) == sp.Rational(1, 4) + sp.Rational(9, 16)
    assert all(block(x, N).is_nonnegative and block(x, N).is_real for block in BLOCKS)
    assert G(x, N - 1).is_nonnegative
    assert K(x, sp.Symbol("N", positive=True)).is_nonnegative is None  # negative for N between 1/2 and 1
    assert not (K(x, N) + 1).has(sp.Pow)


def test_latex():
    x, N = sp.symbols("x_i N")
    assert sp.latex(K(x, N)) == r"K_{N}\left(x_{i}\right)"
    assert sp.latex(G(x, N - 1) ** 2) == r"G_{N - 1}^{2}\left(x_{i}\right)"
