"""Claims to try the checker on: true ones that `simplify` does not settle, and false ones with a plausible justification.

Setting of all of them: x_i in (0, 1], y_i > 0, a, b, c, d real, p, q > 0, e >= 0, symmetric F_ij, random r_i, natural n and m.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from random import Random

from riskbounds.proofs import (
    Algebra,
    Assumption,
    AtUnitVector,
    Cases,
    Chebyshev,
    Claim,
    Induction,
    Known,
    Model,
    Split,
    Step,
    Symbol,
    Var,
    at_least_max,
    at_most_min,
    below,
    direction,
    eq,
    le,
    lin,
    lt,
    natural,
    over,
    positive,
    power,
    real,
    scalar,
    square,
    term,
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
w = Var("w", "outcome")
x, y, z, f, u = Symbol("x", "+"), Symbol("y", "+"), Symbol("z"), Symbol("f", "free"), Symbol("u", "free")
F, r, g = Symbol("F", symmetric=True), Symbol("r"), Symbol("g")
a, b, c, d = scalar("a", "?"), scalar("b", "?"), scalar("c", "?"), scalar("d", "?")
p, q, e = scalar("p"), scalar("q"), scalar("e", "0+")
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
MONOTONE = given("g rises", le(g(n)[i], g(n + 1)[i]))
LOEWNER = given("loewner", le(total(i, total(j, u[i] * F[i, j] * u[j])), total(i, y[i] * u[i] ** 2)))
START = given("start", eq(g(0)[i], 0))
STEP = given("step", eq(g(n + 1)[i], (1 - x[i]) * g(n)[i] + y[i]))
CENTRED = given("centred", eq(total(w, r[w, i]), 0))
SUM_T = total(t, Q(t))
SUM_S = total(s, Q(s))
CHEBYSHEV = {"f": Q(n - s), "g": g(s)[i]}


def model(random: Random) -> Model:
    """Exact values of the setting's symbols; a < b, g as its recursion says, the Loewner inequality strict."""
    xs = [Fraction(random.randint(1, 6), 6) for _ in range(3)]
    ys = [Fraction(random.randint(1, 9), 5) for _ in range(3)]
    zs = [Fraction(random.randint(-9, 9), 7) for _ in range(3)]
    noise = [[Fraction(random.randint(1, 9), 4) * sign for sign in (1, -1)] for _ in range(3)]
    low = Fraction(random.randint(-9, -1), 5)
    values = {"a": low, "b": low + Fraction(random.randint(1, 9), 4)}
    values |= {"c": Fraction(-7, 3), "d": Fraction(random.randint(-5, 0), 7), "e": Fraction(random.randint(0, 1), 2)}
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
            "g": lambda n, i: ys[i] / xs[i] * (1 - (1 - xs[i]) ** n),
        },
    )


TRUE = (
    # identities of sums, powers and denominators
    Case("split fraction", eq(1 / (x[i] * (2 - x[i])), HALF / x[i] + HALF / (2 - x[i])), Algebra(), (X2,)),
    Case(
        "split fraction under a sum", eq(total(i, 2 / (x[i] * (2 - x[i]))), total(j, 1 / x[j] + 1 / (2 - x[j]))), Algebra(), (X2,)
    ),
    Case("square of a sum", eq(total(i, y[i]) ** 2, total(i, total(j, y[i] * y[j]))), Algebra()),
    Case("names of indices", eq(total(i, total(j, y[i] ** 2 * x[j])), total(i, total(j, x[i] * y[j] ** 2))), Algebra()),
    Case("symmetric matrix", eq(total(i, total(j, y[i] * F[i, j])), total(i, total(j, y[j] * F[j, i]))), Algebra()),
    Case("shift of an exponent", eq(Q(n + 2), Q(n) - 2 * x[i] * Q(n) + x[i] ** 2 * Q(n)), Algebra()),
    Case("product of powers", eq(Q(n) * Q(2 * n + 1), Q(3 * n) - x[i] * Q(3 * n)), Algebra()),
    Case("difference of squares of powers", eq(1 - Q(2 * n), (1 - Q(n)) * (1 + Q(n))), Algebra()),
    Case("last term", eq(SUM_T, SUM_S + Q(n)), Algebra()),
    Case("two last terms", eq(total(below("s", n + 2), Q(below("s", n + 2))), SUM_S + Q(n) + Q(n + 1)), Algebra()),
    Case("empty sum", eq(total(below("s", 0), Q(below("s", 0))), 0), Algebra()),
    Case("three terms", eq(total(below("s", 3), term(below("s", 3))), 3), Algebra()),
    Case("count", eq(total(s, x[i]), n * x[i]), Algebra()),
    Case("triangle", eq(total(t, total(below("s", t), term(1))), total(t, term(t))), Algebra()),
    Case(
        "last row",
        eq(total(t, total(below("s", t), Q(below("s", t)))), total(s, total(below("v", s), Q(below("v", s)))) + SUM_S),
        Algebra(),
    ),
    Case("mean of a constant", eq(total(w, a + r[w, i]), a + total(w, r[w, i])), Algebra()),
    Case(
        "variance", eq(total(w, (r[w, i] - total(w, r[w, i])) ** 2), total(w, r[w, i] ** 2) - total(w, r[w, i]) ** 2), Algebra()
    ),
    Case("independent copies", eq(total(w, r[w, i]) * total(w, r[w, j]), total(w, r[w, j]) * total(w, r[w, i])), Algebra()),
    Case("cancel under the sum", eq(total(i, y[i] * x[i] / y[i]), total(i, x[i])), Algebra()),
    Case("common denominator", eq(1 / (1 + e) - 1 / (1 + e) ** 2, e / (1 + e) ** 2), Algebra()),
    Case("nested denominators", eq(1 / (1 + 1 / (1 + e)), (1 + e) / (2 + e)), Algebra()),
    Case("sum in a denominator", eq(1 - total(i, y[i]) / (1 + total(j, y[j])), 1 / (1 + total(i, y[i]))), Algebra()),
    Case("negative real power", eq(power(p, lin(-3)) * p**5, p**2), Algebra()),
    Case(
        "Lagrange",
        eq(
            total(i, total(j, (z[i] * y[j] - z[j] * y[i]) ** 2)) * HALF,
            total(i, z[i] ** 2) * total(j, y[j] ** 2) - total(i, z[i] * y[i]) ** 2,
        ),
        Algebra(),
    ),
    Case("polarization", eq(total(i, (z[i] + y[i]) ** 2 - (z[i] - y[i]) ** 2), 4 * total(i, z[i] * y[i])), Algebra()),
    Case("split at k*", eq(total(i, y[i]), total(head, y[head]) + total(tail, y[tail])), Split()),
    Case("square split at k*", eq(total(i, y[i]) ** 2, (total(head, y[head]) + total(tail, y[tail])) ** 2), Split()),
    # induction
    Case("geometric sum", eq(x[i] * SUM_S, 1 - Q(n)), Induction(n, step=use("ih"))),
    Case("backward geometric sum", eq(x[i] * total(t, Q(n - t)), 1 - Q(n + 1)), Induction(n, step=(1 - x[i]) * use("ih"))),
    Case("sum of numbers", eq(2 * total(s, term(s)), term(n) * (term(n) - 1)), Induction(n, step=use("ih"))),
    Case("sum of squares", eq(6 * total(s, term(s) ** 2), term(n) * (term(n) - 1) * (2 * n - 1)), Induction(n, step=use("ih"))),
    Case("sum of cubes", eq(4 * total(s, term(s) ** 3), term(n) ** 2 * (term(n) - 1) ** 2), Induction(n, step=use("ih"))),
    Case(
        "weighted geometric sum",
        eq(x[i] ** 2 * total(s, s * Q(s)), (1 - x[i]) - Q(n) * (1 - x[i] + n * x[i])),
        Induction(n, step=use("ih")),
    ),
    Case(
        "linear recursion",
        eq(x[i] * g(n)[i], y[i] * (1 - Q(n))),
        Induction(n, base=x[i] * use("start"), step=x[i] * use("step") + (1 - x[i]) * use("ih")),
        (START, STEP),
    ),
    Case("Bernoulli", le(1 - n * x[i], Q(n)), Induction(n, step=(1 - x[i]) * use("ih") + positive(n * x[i] ** 2)), (X1,)),
    Case(
        "second-order Bernoulli",
        le(2 * Q(n), 2 - 2 * n * x[i] + term(n) * (term(n) - 1) * x[i] ** 2),
        Induction(n, step=use("ih") + 2 * x[i] * use("bernoulli")),
        (X1, given("bernoulli", le(1 - n * x[i], Q(n)))),
    ),
    Case("powers are at most one", le(Q(n), 1), Induction(n, step=use("ih") + positive(x[i] * Q(n))), (X1,)),
    Case("powers fall", le(Q(n + 1), Q(n)), Algebra(positive(x[i] * Q(n))), (X1,)),
    Case("monotone sequence", le(g(0)[i], g(n)[i]), Induction(n, step=use("ih") + use("g rises")), (MONOTONE,)),
    # inequalities by certificates
    Case("arithmetic and geometric mean", le(2 * a * b, a**2 + b**2), Algebra(square(a - b))),
    Case("weighted Young", le(2 * a * b, p * a**2 + b**2 / p), Algebra(1 / p * square(p * a - b))),
    Case(
        "three squares",
        le(a * b + b * c + c * a, a**2 + b**2 + c**2),
        Algebra(HALF * (square(a - b) + square(b - c) + square(c - a))),
    ),
    Case(
        "Cauchy-Schwarz",
        le(total(i, z[i] * y[i]) ** 2, total(i, z[i] ** 2) * total(i, y[i] ** 2)),
        Algebra(HALF * over(i, over(j, square(z[i] * y[j] - z[j] * y[i])))),
    ),
    Case(
        "weighted Cauchy-Schwarz",
        le(total(i, x[i] * z[i]) ** 2, total(i, x[i]) * total(i, x[i] * z[i] ** 2)),
        Algebra(HALF * over(i, over(j, x[i] * x[j] * square(z[i] - z[j])))),
    ),
    Case("Jensen", le(total(w, r[w, i]) ** 2, total(w, r[w, i] ** 2)), Algebra(over(w, square(r[w, i] - total(w, r[w, i]))))),
    Case("fraction of a half", le(x[i] / (2 - x[i]), x[i]), Algebra(x[i] / (2 - x[i]) * use("x<=1")), (X1, X2)),
    Case(
        "sum of fractions",
        le(total(i, x[i] / (2 - x[i])), total(i, x[i])),
        Algebra(over(i, x[i] / (2 - x[i]) * use("x<=1"))),
        (X1, X2),
    ),
    Case("x(1-x) is a quarter at most", le(x[i] * (1 - x[i]), Fraction(1, 4)), Algebra(square(x[i] - HALF))),
    Case("diagonal of a Loewner inequality", le(F[i, i], y[i]), AtUnitVector("loewner", "u", i), (LOEWNER,)),
    Case(
        "Loewner at another vector",
        le(total(i, total(j, y[i] * F[i, j] * y[j])), total(i, y[i] ** 3)),
        Algebra(use("loewner", {}, {"u": ((i,), y[i])})),
        (LOEWNER,),
    ),
    Case(
        "trace against a Gram matrix",
        le(total(k, total(i, total(j, g(0)[k] * g(0)[k] * y[i] * y[j] * F[i, j]))), total(k, g(0)[k] ** 2) * total(i, y[i] ** 3)),
        Algebra(over(k, g(0)[k] ** 2 * use("loewner", {}, {"u": ((i,), y[i])}))),
        (LOEWNER,),
    ),
    Case(
        "linear inequality solved",
        le(d, p / (1 - e)),
        Algebra(1 / (1 - e) * use("d")),
        (given("e<1", lt(e, 1)), given("d", le(d, p + e * d))),
    ),
    Case("absolute value", le(a, apply("abs", a)), Known("abs above", (a,))),
    Case("root", eq(apply("sqrt", p) ** 2, p), Known("sqrt", (p,), positive(p))),
    Case("exponential", le(1 - x[i], apply("exp", -x[i])), Known("exp", (-x[i],))),
    Case("minimum", le(apply("min", a, b), a), Known("min", (a, b))),
    Case(
        "minimum inside a certificate",
        le(e * p, e * apply("min", p + q, 2 * p)),
        Algebra(e * at_most_min(p, {p + q: positive(q), 2 * p: positive(p)})),
    ),
    Case(
        "maximum inside a certificate",
        le(e * apply("max", p, q), e * (p + q)),
        Algebra(e * at_least_max(p + q, {p: positive(q), q: positive(p)})),
    ),
    Case("positive power of a possible zero", le(0, e ** (alpha + 1)), Algebra(positive(e ** (alpha + 1)))),
    Case(
        "tangent at a possible zero",
        le(e ** (alpha + 1) + term(alpha + 1) * (p - e) * e**alpha, p ** (alpha + 1)),
        Known("power above its tangent", (p, e, term(alpha + 1)), term(alpha + 1) * positive(alpha)),
    ),
    Case("numbers in a power", eq((HALF * 3 * p) ** alpha * term(2) ** (alpha + 1), 2 * term(3) ** alpha * p**alpha), Algebra()),
    Case("common factor in a power", eq((2 + 2 * p) ** alpha, term(2) ** alpha * (1 + p) ** alpha), Algebra()),
    Case(
        "cases",
        le(0, a * b + c**2 + 1),
        Cases(a, b, use("case") * 0 + positive(c**2 + 1) + use("ab"), positive(c**2 + 1) + use("ab")),
        (given("ab", le(0, a * b)),),
    ),
    Case("larger of two squares", le(a * b, a**2 + b**2), Algebra(HALF * (square(a - b) + square(a) + square(b)))),
    Case(
        "Chebyshev, opposite",
        le((n + 1) * total(t, Q(t) * g(t)[i]), total(t, Q(t)) * total(t, g(t)[i])),
        Chebyshev(s, Q(s), g(s)[i], positive(x[i] * Q(s)), use("g rises", {n: lin(s)}), f_falls=True),
        (X1, MONOTONE),
    ),
    Case(
        "Chebyshev, alike",
        le(total(t, g(t)[i]) ** 2, (n + 1) * total(t, g(t)[i] ** 2)),
        Chebyshev(s, g(s)[i], g(s)[i], use("g rises", {n: lin(s)}), use("g rises", {n: lin(s)})),
        (MONOTONE,),
    ),
    Case(
        "centred noise",
        eq(total(w, (a + r[w, i]) ** 2), a**2 + total(w, r[w, i] ** 2)),
        Algebra(2 * a * use("centred")),
        (CENTRED,),
    ),
)

FALSE = (
    # algebra slips
    Case("square of a sum is the sum of squares", eq(total(i, y[i]) ** 2, total(i, y[i] ** 2)), Algebra()),
    Case("product of sums under one index", eq(total(i, y[i]) * total(i, x[i]), total(i, y[i] * x[i])), Algebra()),
    Case("sum of quotients", eq(total(i, y[i] / x[i]), total(i, y[i]) / total(i, x[i])), Algebra()),
    Case("square of a difference", eq((a - b) ** 2, a**2 - b**2), Algebra()),
    Case("lost cross term", eq((a + b) ** 2, a**2 + b**2), Algebra()),
    Case("inverse of a sum", eq(1 / (p + q), 1 / p + 1 / q), Algebra()),
    Case("wrong partial fractions", eq(1 / (x[i] * (2 - x[i])), 1 / x[i] + 1 / (2 - x[i])), Algebra(), (X2,)),
    Case("power of a product of exponents", eq(Q(n) * Q(n), Q(n + 2)), Algebra()),
    Case("power of a difference", eq(Q(n), 1 - power(x[i], lin(n))), Algebra()),
    Case("shift forgets the factor", eq(Q(n + 1), Q(n) - x[i]), Algebra()),
    Case("double exponent", eq(1 - Q(2 * n), 2 * (1 - Q(n))), Algebra()),
    Case("mean of a product", eq(total(w, r[w, i] * r[w, j]), total(w, r[w, i]) * total(w, r[w, j])), Algebra()),
    Case("mean of a square", eq(total(w, r[w, i] ** 2), total(w, r[w, i]) ** 2), Algebra()),
    Case(
        "transposed asymmetric matrix", eq(total(i, total(j, y[i] * z[j] ** 2)), total(i, total(j, y[j] * z[j] ** 2))), Algebra()
    ),
    Case("row for diagonal", eq(total(i, total(j, F[i, j])), total(i, F[i, i])), Algebra()),
    Case("sum of one is one", eq(total(i, term(1)), 1), Algebra()),
    Case("constant out of the sum without its count", eq(total(i, y[i] + a), total(i, y[i]) + a), Algebra()),
    Case("head is everything", eq(total(i, y[i]), total(head, y[head])), Split()),
    Case("head twice", eq(total(i, y[i]), 2 * total(head, y[head])), Split()),
    Case("mixed products at k*", eq(total(i, y[i]) ** 2, total(head, y[head]) ** 2 + total(tail, y[tail]) ** 2), Split()),
    # coinciding indices
    Case("two indices as one", eq(total(i, total(j, y[i] * x[j])), total(i, y[i] * x[i])), Algebra()),
    Case("off the diagonal", eq(total(i, total(j, y[i] * y[j])) - total(i, y[i] ** 2), 0), Algebra()),
    Case("symmetrised wrongly", eq(total(i, total(j, F[i, j] * y[i])), total(i, F[i, i] * y[i])), Algebra()),
    # bounds of sums
    Case("one term too many", eq(total(t, Q(t)), SUM_S), Algebra()),
    Case("one term too few", eq(x[i] * SUM_S, 1 - Q(n + 1)), Induction(n, step=use("ih"))),
    Case("wrong last term", eq(SUM_T, SUM_S + Q(n + 1)), Algebra()),
    Case("count off by one", eq(total(s, term(1)), n + 1), Algebra()),
    Case(
        "diagonal included",
        eq(total(t, total(below("v", t), term(1))), HALF * term(n + 1) * (n + 2)),
        Induction(n, step=use("ih")),
    ),
    Case("sum of numbers to n", eq(2 * total(s, term(s)), term(n) * (n + 1)), Induction(n, step=use("ih"))),
    Case("sum of squares", eq(3 * total(s, term(s) ** 2), term(n) ** 3), Induction(n, step=use("ih"))),
    # induction that does not start, or does not step
    Case("true step, false start", eq(SUM_S * x[i], 2 - Q(n)), Induction(n, step=use("ih"))),
    Case("all numbers are equal", eq(g(n)[i], g(0)[i]), Induction(n, step=use("ih"))),
    Case("hypothesis one step ahead", eq(term(n), 0), Induction(n, step=use("ih", {n: n + 1}))),
    Case("hypothesis summed over n", le(term(n), 0), Induction(n, step=over(n, use("ih")))),
    Case("geometric without the factor", eq(SUM_S, 1 - Q(n)), Induction(n, step=use("ih"))),
    Case(
        "recursion without its noise",
        eq(g(n)[i], 0),
        Induction(n, base=use("start"), step=use("step") + (1 - x[i]) * use("ih")),
        (START, STEP),
    ),
    Case("Bernoulli turned", le(Q(n), 1 - n * x[i]), Induction(n, step=(1 - x[i]) * use("ih") + positive(n * x[i] ** 2)), (X1,)),
    Case(
        "Bernoulli of second order cut",
        le(Q(n), 1 - n * x[i] + Fraction(1, 4) * term(n) * (term(n) - 1) * x[i] ** 2),
        Induction(n, step=use("ih") + x[i] * use("bernoulli")),
        (X1, given("bernoulli", le(1 - n * x[i], Q(n)))),
    ),
    # division by what may be zero, wrong domains
    Case("zero divided away", eq(b, 0), Algebra(1 / a * use("ab=0")), (given("ab=0", eq(a * b, 0)),)),
    Case("1 - x in a denominator", eq((1 - x[i]) / (1 - x[i]), 1), Algebra(), (X1,)),
    Case("negative power of a possible zero", eq(power(1 - x[i], n - 1) * (1 - x[i]), Q(n)), Algebra(), (X1,)),
    Case("root of a square", eq(apply("sqrt", a**2), a), Known("sqrt", (a**2,), square(a))),
    Case("square of the root of a negative", eq(apply("sqrt", a) ** 2, a), Known("sqrt", (a,), positive(a))),
    Case("logarithm-like power law", eq(power(p, lin(Var("al", "real"))) * p, p), Algebra()),
    # undecided signs
    Case("product of unknown signs", le(0, a * b), Algebra(positive(a * b))),
    Case("real symbol is positive", le(0, a), Algebra(positive(a))),
    Case("non-negative is positive", lt(0, e), Algebra(positive(e))),
    Case("difference of positives", le(0, p - q), Algebra(positive(p - q))),
    Case("square is positive", lt(0, a**2), Algebra(square(a))),
    Case("inequality times an unknown sign", le(a * c, b * c), Algebra(c * use("a<=b")), (given("a<=b", le(a, b)),)),
    Case("inequality subtracted", le(b, a), Algebra(-use("a<=b")), (given("a<=b", le(a, b)),)),
    Case("strict from weak", lt(a, b), Algebra(use("a<=b")), (given("a<=b", le(a, b)),)),
    Case("powers of x beyond one", le(0, Q(n)), Algebra(positive(Q(n)))),
    Case("empty sum is positive", lt(0, SUM_S), Algebra(positive(SUM_S)), (X1,)),
    Case("sum over the head is positive", lt(0, total(head, y[head])), Algebra(positive(total(head, y[head])))),
    Case("AM-GM turned", le(a**2 + b**2, 2 * a * b), Algebra(square(a - b))),
    Case("Young with the wrong constant", le(2 * a * b, p * a**2 + b**2 / (4 * p)), Algebra(1 / p * square(p * a - HALF * b))),
    Case(
        "Cauchy-Schwarz turned",
        le(total(i, z[i] ** 2) * total(i, y[i] ** 2), total(i, z[i] * y[i]) ** 2),
        Algebra(HALF * over(i, over(j, square(z[i] * y[j] - z[j] * y[i])))),
    ),
    Case(
        "Jensen turned", le(total(w, r[w, i] ** 2), total(w, r[w, i]) ** 2), Algebra(over(w, square(r[w, i] - total(w, r[w, i]))))
    ),
    # maxima, minima, cases, Chebyshev, vectors
    Case("maximum below", le(apply("max", a, b), a), Known("max", (a, b))),
    Case("minimum above", le(a, apply("min", a, b)), Known("min", (a, b))),
    Case("minimum, one choice short", le(q, apply("min", p, q)), Algebra(at_most_min(q, {p: positive(q - p), q: positive(0)}))),
    Case("minimum, one choice missing", le(q, apply("min", p, q)), Algebra(at_most_min(q, {q: positive(0)}))),
    Case("maximum, one choice short", le(apply("max", p, q), p), Algebra(at_least_max(p, {p: positive(0), q: positive(0)}))),
    Case("minimum turned", le(apply("min", p, q), p / 2), Algebra(at_least_max(p / 2, {p: positive(0), q: positive(0)}))),
    Case("real power of a square", eq((c**2) ** (HALF * alpha), c**alpha), Algebra()),
    Case("power of a possible zero is positive", lt(0, e ** (alpha + 1)), Algebra(positive(e ** (alpha + 1)))),
    Case("number in a power", eq((2 * p) ** alpha, 2 * p**alpha), Algebra()),
    Case("maximum of sums", eq(apply("max", a + c, b + d), apply("max", a, b) + apply("max", c, d)), Algebra()),
    Case("absolute value of a sum", eq(apply("abs", a + b), apply("abs", a) + apply("abs", b)), Algebra()),
    Case("exponential of a sum", eq(apply("exp", a + b), apply("exp", a) + apply("exp", b)), Known("exp of a sum", (a, b))),
    Case("exponential from above", le(apply("exp", -x[i]), 1 - x[i]), Known("exp", (-x[i],))),
    Case("one case only", le(a, b), Cases(a, b, use("case"), use("case"))),
    Case(
        "a case summed",
        le(0, total(i, y[i] - z[i]) * (y[i] - z[i])),
        Cases(z[i], y[i], over(i, use("case")) * use("case"), over(i, use("case")) * use("case")),
    ),
    Case(
        "Chebyshev turned",
        le(total(t, Q(t)) * total(t, g(t)[i]), (n + 1) * total(t, Q(t) * g(t)[i])),
        Chebyshev(s, Q(s), g(s)[i], positive(x[i] * Q(s)), use("g rises", {n: lin(s)}), f_falls=True),
        (X1, MONOTONE),
    ),
    Case(
        "a vector that is not free",
        le(F[i, i], y[i]),
        AtUnitVector("fixed", "z", i),
        (given("fixed", le(total(i, total(j, z[i] * F[i, j] * z[j])), total(i, y[i] * z[i] ** 2))),),
    ),
    Case("off-diagonal entry", le(F[i, j], y[i]), AtUnitVector("loewner", "u", i), (LOEWNER,)),
    Case("outside the range", eq(g(n)[i], 0), Algebra(use("early", {s: lin(n)})), (given("early", eq(g(s)[i], 0)),)),
    Case("head for all", eq(x[i], y[i]), Algebra(use("on the head", {head: i})), (given("on the head", eq(x[head], y[head])),)),
)
