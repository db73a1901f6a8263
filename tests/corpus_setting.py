"""What the claims that the checker is tried on speak of: their symbols, some hypotheses, and exact values.

Setting of all of them: x_i in (0, 1], y_i > 0, a, b, c, d real, p, q > 0, e >= 0, symmetric F_ij, random r_i, natural n and m.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from random import Random

from riskbounds.proofs import (
    Assumption,
    Claim,
    Induction,
    Known,
    Model,
    Step,
    Symbol,
    Var,
    below,
    direction,
    eq,
    le,
    lin,
    lt,
    natural,
    positive,
    power,
    real,
    scalar,
    total,
    use,
)
from riskbounds.proofs.rules import Rule
from riskbounds.terms.functions import apply

i, j, k = direction("i"), direction("j"), direction("k")
head, tail = direction("i", "head"), direction("i", "tail")
alpha = real("alpha")
n, m = natural("n"), natural("m")
s, t = below("s", n), below("t", n + 1)
w, w2 = Var("w", "outcome"), Var("w2", "outcome")
x, y, z, f, u = Symbol("x", "+"), Symbol("y", "+"), Symbol("z"), Symbol("f", "free"), Symbol("u", "free")
F, r, level = Symbol("F", symmetric=True), Symbol("r"), Symbol("level")
a, b, c, d = scalar("a", "?"), scalar("b", "?"), scalar("c", "?"), scalar("d", "?")
p, q, e, h = scalar("p"), scalar("q"), scalar("e", "0+"), scalar("h", "0+")
HALF = Fraction(1, 2)


def Q(exponent: object, index: Var = i) -> object:
    """(1 - x_i)^exponent."""
    return power(1 - x[index], lin(exponent))


@dataclass(frozen=True)
class Case:
    """A claim, how it is argued, and what it is argued from."""

    name: str
    claim: Claim
    rule: Rule
    given: tuple[Step, ...] = field(default=())


def given(name: str, claim: Claim) -> Step:
    """A hypothesis of a case."""
    return Step(id=name, claim=claim, rule=Assumption("hypothesis", name))


X1 = given("x<=1", le(x[i], 1))
X2 = given("2-x", lt(0, 2 - x[i]))
MONOTONE = given("level rises", le(level(n)[i], level(n + 1)[i]))
LOEWNER = given("loewner", le(total(i, total(j, u[i] * F[i, j] * u[j])), total(i, y[i] * u[i] ** 2)))
START = given("start", eq(level(0)[i], 0))
STEP = given("step", eq(level(n + 1)[i], (1 - x[i]) * level(n)[i] + y[i]))
CENTRED = given("centred", eq(total(w, r[w, i]), 0))
SUM_T = total(t, Q(t))
SUM_S = total(s, Q(s))
POWERS = Step(id="powers", claim=le(Q(n), 1), rule=Induction(n, step=use("ih") + positive(x[i] * Q(n))))
ABS = Step(id="abs", claim=eq(apply("abs", a) ** 2, a**2), rule=Known("abs", (a,)))
ROOTS = tuple(
    Step(id=f"sqrt {name}", claim=eq(apply("sqrt", value) ** 2, value), rule=Known("sqrt", (value,), positive(value)))
    for name, value in (("p", p), ("q", q), ("of both", p + q))
)


def model(random: Random) -> Model:
    """Exact values of the setting's symbols; a < b, the level as its recursion says, the Loewner inequality strict."""
    xs = [Fraction(random.randint(1, 6), 6) for _ in range(3)]
    ys = [Fraction(random.randint(1, 9), 5) for _ in range(3)]
    zs = [Fraction(random.randint(-9, 9), 7) for _ in range(3)]
    noise = [[Fraction(random.randint(1, 9), 4) * sign for sign in (1, -1)] for _ in range(3)]
    low = Fraction(random.randint(-9, -1), 5)
    values = {"a": low, "b": low + Fraction(random.randint(1, 9), 4)}
    values |= {
        "c": Fraction(-7, 3),
        "d": Fraction(random.randint(-5, 0), 7),
        "e": Fraction(random.randint(0, 1), 2),
        "h": Fraction(0),
    }
    values |= {"p": Fraction(random.randint(1, 9), 7), "q": 3 + Fraction(random.randint(1, 9), 4)}
    return Model(
        sizes={"all": 3, "head": 1, "alpha": 3},
        weights={"outcome": (HALF, HALF)},
        symbols={
            **{name: lambda value=value: value for name, value in values.items()},
            "x": lambda i: xs[i],
            "y": lambda i: ys[i],
            "z": lambda i: zs[i],
            "u": lambda i: zs[i] + 1,
            "F": lambda i, j: ys[i] * ys[j] / 16,
            "r": lambda w, i: noise[i][w],
            "level": lambda n, i: ys[i] / xs[i] * (1 - (1 - xs[i]) ** n),
        },
    )
