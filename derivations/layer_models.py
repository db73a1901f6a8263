"""Exact models of layers of random errors: composed scales, features that share scales, forms that are linear in each layer."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import partial
from math import prod
from random import Random

from riskbounds.derivations.finite_spaces import Variable, gaussian, space, two_point
from riskbounds.derivations.noise_models import SIGN, SIZE, number, vector

from riskbounds import symbols
from riskbounds.proofs import Model

INDICES = range(SIZE)
#: Variance 1 and fourth moment 9/4.
FLAT: Variable = ((Fraction(0), Fraction(5, 9)), (Fraction(3, 2), Fraction(2, 9)), (Fraction(-3, 2), Fraction(2, 9)))
#: Variance 1 and the fourth moment of a Gaussian.
KURTOSIS_3: Variable = (
    (Fraction(0), Fraction(1, 2)),
    *((Fraction(sign), Fraction(1, 6)) for sign in (-1, 1)),
    *((Fraction(2 * sign), Fraction(1, 12)) for sign in (-1, 1)),
)


def scales_model(random: Random) -> Model:
    """Two-point errors of data and features, Gaussian ones of the sketch to the fourth order."""
    data, sketch, feature = (Fraction(random.randint(1, 5), 6) for _ in range(3))
    draws = space({"data": two_point(Fraction(0), data), "sketch": gaussian(sketch), "feature": two_point(Fraction(0), feature)})
    squares = {"data": data**2, "sketch": 3 * sketch**2, "feature": feature**2}
    return Model(
        sizes={},
        weights={"sample": draws.weights},
        symbols={
            **{symbols.EPS[slot].name: lambda value=value: value for slot, value in squares.items()},
            **{f"error_{slot}": draws.values[slot].__getitem__ for slot in squares},
        },
    )


def squares_model(random: Random) -> Model:
    """Features q = sum_r s_r g_r c_r with Gaussian g to the fourth order, whose scales s_1 and s_2 have a factor in common."""
    roots, gain = [number(random) for _ in INDICES], number(random)
    scales = space({str(n): two_point(Fraction(1), Fraction(random.randint(1, 3), 5)) for n in INDICES})
    data = space({str(n): gaussian(roots[n]) for n in INDICES})
    s = [scales.values["0"], [a * b for a, b in zip(scales.values["0"], scales.values["1"], strict=True)]]
    rho = [scales.moment(lambda d, n=n: 3 * roots[n] ** 2 * s[n][d] ** 2) for n in INDICES]
    c = [[Fraction(1), gain], [Fraction(1), -gain * rho[0] / rho[1]]]
    mu = [sum((rho[n] * c[n][i] ** 2 for n in INDICES), Fraction(0)) for i in INDICES]
    return Model(
        sizes={"all": SIZE, "coordinate": SIZE},
        weights={"draw": scales.weights, "sample": data.weights},
        symbols={
            "q": lambda w, d, i: sum((s[n][d] * data.values[str(n)][w] * c[n][i] for n in INDICES), Fraction(0)),
            "rho": lambda d, n: 3 * roots[n] ** 2 * s[n][d] ** 2,
            "c": lambda n, i: c[n][i],
            "mu": mu.__getitem__,
            **{name: vector(random) for name in "tuf"},
        },
    )


def layers_model(random: Random) -> Model:
    """A form (1 + a e) sum_k x_k (f_k + sum_i r_i g_ki): many errors r in the first layer, a common one e in the second."""
    data = space({str(n): FLAT for n in INDICES})
    draws = space({"0": FLAT, "1": SIGN, "common": SIGN})
    share, f, g = number(random), vector(random), [vector(random) for _ in INDICES]
    x = lambda w, k: data.values[str(k)][w]  # noqa: E731
    r = lambda d, i: draws.values[str(i)][d]  # noqa: E731
    e = lambda d: share * draws.values["common"][d]  # noqa: E731
    first = lambda d, k: f(k) + sum(r(d, i) * g[k](i) for i in INDICES)  # noqa: E731
    inner = lambda w, d: sum(x(w, k) * first(d, k) for k in INDICES)  # noqa: E731
    lacks = [Fraction(3, 4), Fraction(2)]
    return Model(
        sizes={"all": SIZE},
        weights={"sample": data.weights, "draw": draws.weights},
        symbols={
            "x": x, "error_1": r, "error_2": lambda d: draws.values["common"][d],
            "form": lambda w, d1, d2: (1 + e(d2)) * inner(w, d1), "coefficient": lambda d1, d2, k: (1 + e(d2)) * first(d1, k),
            "fixed_2": inner, "slope_2": lambda w, d1: share * inner(w, d1),
            "fixed_1": lambda w, d2: (1 + e(d2)) * sum(x(w, k) * f(k) for k in INDICES),
            "slope_1": lambda w, d2, i: (1 + e(d2)) * sum(x(w, k) * g[k](i) for k in INDICES),
            "lack_x": lambda _: lacks[0], "lack_1": lacks.__getitem__,
        },
    )  # fmt: skip


def iterates_model(random: Random) -> Model:
    """Any iterates of two pasts."""
    values = [[vector(random) for _ in range(2)] for _ in range(8)]
    weights = {"outcome": (Fraction(1, 3), Fraction(2, 3))}
    return Model(sizes={"all": SIZE}, weights=weights, symbols={"iterate": lambda t, o, i: values[t][o](i)})


def generic_model(random: Random, kinds: tuple[str, ...]) -> Model:
    """q_i = z_i times 1 + a e for each layer: an error e_i for each coordinate ("many") or one ("common"); z_1, z_2 uncorrelated.

    The label is a multiple of the Gaussian part of the data plus noise.
    """
    noise, tilt, gain, size = number(random), number(random), number(random), [number(random) for _ in INDICES]
    data = space({"0": KURTOSIS_3, "1": FLAT, "noise": two_point(Fraction(0), noise)})
    draws = space({str(n): SIGN for n in INDICES})
    shares = [Fraction(random.randint(1, 3), 5) for _ in kinds]
    mixing = [[size[0], size[0] * tilt], [size[1] * tilt, -size[1]]]
    x = lambda w, k: data.values[str(k)][w]  # noqa: E731
    z = lambda w, i: sum((mixing[i][k] * x(w, k) for k in INDICES), Fraction(0))  # noqa: E731

    def scale(own: tuple[int, ...], i: int, without: int | None = None) -> Fraction:
        """The product of the layers' factors at their draws, one layer left out."""
        layers = [m for m in range(len(kinds)) if m != without]
        factors = (1 + shares[m] * draws.values[str(i if kinds[m] == "many" else 0)][d] for m, d in zip(layers, own, strict=True))
        return prod(factors, start=Fraction(1))

    def fixed(m: int, *at: int) -> Fraction:
        """q without the errors of layer m."""
        w, *others, i = at
        return z(w, i) * scale(tuple(others), i, m)

    def slope(m: int, *at: int) -> Fraction:
        """What the error of layer m adds to q."""
        *others, i = at
        if kinds[m] == "common":
            return shares[m] * fixed(m, *others, i)
        *others, k = others
        return shares[m] * fixed(m, *others, i) if k == i else Fraction(0)

    second = [sum((entry**2 for entry in mixing[i]), Fraction(0)) for i in INDICES]
    mu = [second[i] * prod((1 + share**2 for share in shares), start=Fraction(1)) for i in INDICES]
    symbols_: dict[str, Callable[..., Fraction]] = {
        "x": x, "lack_x": [Fraction(0), Fraction(3, 4)].__getitem__, "signal": lambda w: gain * x(w, 0),
        "signal_coefficient": [gain, Fraction(0)].__getitem__, "label_noise": data.values["noise"].__getitem__,
        "floor": lambda: noise**2, "mu": mu.__getitem__, "vq": lambda i: mixing[i][0] * gain / mu[i],
        "q": lambda w, *at: z(w, at[-1]) * scale(at[:-1], at[-1]),
        "q_coefficient": lambda *at: mixing[at[-1]][at[-2]] * scale(at[:-2], at[-1]),
        **{name: vector(random) for name in "tufv"},
    }  # fmt: skip
    for m, kind in enumerate(kinds, 1):
        symbols_ |= {
            f"q_fixed_{m}": partial(fixed, m - 1), f"q_slope_{m}": partial(slope, m - 1), f"lack_{m}": lambda _: Fraction(2),
            f"error_{m}": (lambda d, k: draws.values[str(k)][d]) if kind == "many" else draws.values["0"].__getitem__,
        }  # fmt: skip
    weights = {"sample": data.weights, "draw": draws.weights}
    return Model(sizes={"all": SIZE}, weights=weights, symbols=symbols_)
