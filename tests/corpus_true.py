"""True claims that SymPy's `simplify` does not settle (a long test asks it), each with its proof."""

from __future__ import annotations

from fractions import Fraction

from riskbounds.proofs import (
    AboveMax,
    Algebra,
    AtUnitVector,
    BelowMin,
    Known,
    Root,
    Split,
    Step,
    at_least_max,
    at_most_min,
    distinct,
    eq,
    le,
    lin,
    lt,
    over,
    positive,
    square,
    term,
    total,
    use,
)
from riskbounds.terms.functions import apply
from tests.corpus_inductions import INDUCTIONS
from tests.corpus_setting import (
    ABS,
    CENTRED,
    HALF,
    LOEWNER,
    POWERS,
    ROOTS,
    SUM_S,
    SUM_T,
    X1,
    X2,
    Case,
    F,
    Q,
    a,
    alpha,
    b,
    c,
    d,
    e,
    given,
    h,
    head,
    i,
    j,
    n,
    p,
    q,
    r,
    s,
    t,
    tail,
    w,
    w2,
    x,
    y,
    z,
)

TRUE = (
    *INDUCTIONS,
    Case("square split at k*", eq(total(i, y[i]) ** 2, (total(head, y[head]) + total(tail, y[tail])) ** 2), Split()),
    Case("powers fall", le(Q(n + 1), Q(n)), Algebra(positive(x[i] * Q(n))), (X1,)),
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
        "linear inequality solved",
        le(d, p / (1 - e)),
        Algebra(1 / (1 - e) * use("d")),
        (given("e<1", lt(e, 1)), given("d", le(d, p + e * d))),
    ),
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
    Case(
        "tangent at a possible zero",
        le(e ** (alpha + 1) + term(alpha + 1) * (p - e) * e**alpha, p ** (alpha + 1)),
        Known("power above its tangent", (p, e, term(alpha + 1)), term(alpha + 1) * positive(alpha)),
    ),
    Case("larger of two squares", le(a * b, a**2 + b**2), Algebra(HALF * (square(a - b) + square(a) + square(b)))),
    Case(
        "centred noise",
        eq(total(w, (a + r[w, i]) ** 2), a**2 + total(w, r[w, i] ** 2)),
        Algebra(2 * a * use("centred")),
        (CENTRED,),
    ),
    # squares
    Case("square of a sum of two", le((a + b) ** 2, 2 * a**2 + 2 * b**2), Algebra(square(a - b))),
    Case(
        "square of a sum of three",
        le((a + b + c) ** 2, 3 * (a**2 + b**2 + c**2)),
        Algebra(square(a - b) + square(b - c) + square(c - a)),
    ),
    Case("product and one", le(a * b + a + b, a**2 + b**2 + 1), Algebra(HALF * (square(a - b) + square(a - 1) + square(b - 1)))),
    Case(
        "fourth powers",
        le(a**3 * b + a * b**3, a**4 + b**4),
        Algebra(HALF * square(a - b) * (square(a + b) + square(a) + square(b))),
    ),
    Case("geometric below arithmetic mean", le(4 * a * b, (a + b) ** 2), Algebra(square(a - b))),
    Case("two squares by two", le((a * c + b * d) ** 2, (a**2 + b**2) * (c**2 + d**2)), Algebra(square(a * d - b * c))),
    Case("cubes", le(p**2 * q + p * q**2, p**3 + q**3), Algebra((p + q) * square(p - q))),
    Case(
        "products of squares",
        le(a * b * c * (a + b + c), a**2 * b**2 + b**2 * c**2 + c**2 * a**2),
        Algebra(HALF * (square(a * b - b * c) + square(b * c - c * a) + square(c * a - a * b))),
    ),
    # quotients
    Case("ratio and its inverse", le(2, p / q + q / p), Algebra(1 / (p * q) * square(p - q))),
    Case("sum of inverses", le(4 / (p + q), 1 / p + 1 / q), Algebra(1 / (p * q * (p + q)) * square(p - q))),
    Case("harmonic mean", le(2 * p * q / (p + q), (p + q) / 2), Algebra(HALF / (p + q) * square(p - q))),
    Case("square over a number", le(2 * a - q, a**2 / q), Algebra(1 / q * square(a - q))),
    Case(
        "two quotients", le((a + b) ** 2 / (p + q), a**2 / p + b**2 / q), Algebra(1 / (p * q * (p + q)) * square(a * q - b * p))
    ),
    Case(
        "quotients under a sum",
        le(2 * total(i, z[i]) - total(i, y[i]), total(i, z[i] ** 2 / y[i])),
        Algebra(over(i, 1 / y[i] * square(z[i] - y[i]))),
    ),
    Case(
        "Cauchy-Schwarz with quotients",
        le(total(i, z[i]) ** 2, total(i, z[i] ** 2 / y[i]) * total(i, y[i])),
        Algebra(HALF * over(i, over(j, y[i] * y[j] * square(z[i] / y[i] - z[j] / y[j])))),
    ),
    # sums
    Case(
        "Young under a sum", le(2 * total(i, z[i] * y[i]), total(i, z[i] ** 2 + y[i] ** 2)), Algebra(over(i, square(z[i] - y[i])))
    ),
    Case(
        "mean and mean square",
        le(total(i, z[i]) ** 2, total(i, term(1)) * total(i, z[i] ** 2)),
        Algebra(HALF * over(i, over(j, square(z[i] - z[j])))),
    ),
    Case(
        "square of a sum of vectors",
        le(total(i, (z[i] + y[i]) ** 2), 2 * total(i, z[i] ** 2) + 2 * total(i, y[i] ** 2)),
        Algebra(over(i, square(z[i] - y[i]))),
    ),
    Case("diagonal of a product", le(total(i, y[i] ** 2), total(i, y[i]) ** 2), Algebra(distinct(i, j, positive(y[i] * y[j])))),
    Case("product of two contractions", le(x[i] * x[j], 1), Algebra(x[j] * use("x<=1") + use("x<=1", {i: j})), (X1,)),
    Case("sum of contractions", le(total(i, x[i] * y[i]), total(i, y[i])), Algebra(over(i, y[i] * use("x<=1"))), (X1,)),
    Case("head below all", le(total(head, y[head]), total(i, y[i])), Split(over(tail, positive(y[tail])))),
    Case(
        "capped sum",
        le(total(i, apply("min", 1, y[i])), total(head, term(1)) + total(tail, y[tail])),
        Split(over(head, use("min 1", {i: head})) + over(tail, use("min y", {i: tail}))),
        (
            Step(id="min 1", claim=le(apply("min", 1, y[i]), 1), rule=Known("min", (term(1), y[i]))),
            Step(id="min y", claim=le(apply("min", 1, y[i]), y[i]), rule=Known("min", (y[i], term(1)))),
        ),
    ),
    # means
    Case(
        "covariance",
        le(total(w, r[w, i] * r[w, j]) ** 2, total(w, r[w, i] ** 2) * total(w, r[w, j] ** 2)),
        Algebra(HALF * over(w, over(w2, square(r[w, i] * r[w2, j] - r[w2, i] * r[w, j])))),
    ),
    Case(
        "variance is the least second moment",
        le(total(w, r[w, i] ** 2) - total(w, r[w, i]) ** 2, total(w, (r[w, i] - a) ** 2)),
        Algebra(square(total(w, r[w, i]) - a)),
    ),
    Case(
        "mean below a square", le(2 * a * total(w, r[w, i]), a**2 + total(w, r[w, i] ** 2)), Algebra(over(w, square(r[w, i] - a)))
    ),
    Case("powers below their count", le(SUM_T, n + 1), Algebra(over(t, use("powers", {n: lin(t)}))), (X1, POWERS)),
    Case(
        "squares below powers", le(total(t, Q(2 * t)), SUM_T), Algebra(over(t, Q(t) * use("powers", {n: lin(t)}))), (X1, POWERS)
    ),
    Case("weighted powers", le(total(s, s * Q(s)), n * SUM_S), Algebra(over(s, positive(term(n) - s) * positive(Q(s)))), (X1,)),
    # functions
    Case("double absolute value", le(2 * apply("abs", a), a**2 + 1), Algebra(square(apply("abs", a) - 1) + use("abs")), (ABS,)),
    Case(
        "root below the mean of it and one",
        le(2 * apply("sqrt", p), p + 1),
        Algebra(square(apply("sqrt", p) - 1) + use("sqrt p")),
        ROOTS,
    ),
    Case(
        "product of roots",
        le(2 * apply("sqrt", p) * apply("sqrt", q), p + q),
        Algebra(square(apply("sqrt", p) - apply("sqrt", q)) + use("sqrt p") + use("sqrt q")),
        ROOTS,
    ),
    Case(
        "root of a sum",
        le(apply("sqrt", p + q), apply("sqrt", p) + apply("sqrt", q)),
        Root(
            2 * apply("sqrt", p) * apply("sqrt", q) + use("sqrt of both") - use("sqrt p") - use("sqrt q"),
            positive(apply("sqrt", p) + apply("sqrt", q)),
        ),
        ROOTS,
    ),
    Case(
        "minimum below the mean",
        le(2 * apply("min", a, b), a + b),
        Algebra(use("min a") + use("min b")),
        (
            Step(id="min a", claim=le(apply("min", a, b), a), rule=Known("min", (a, b))),
            Step(id="min b", claim=le(apply("min", a, b), b), rule=Known("min", (b, a))),
        ),
    ),
    Case("maximum below the sum", le(apply("max", p, q), p + q), AboveMax((positive(q), positive(p)))),
    Case(
        "minimum above half the harmonic mean",
        le(p * q / (p + q), apply("min", p, q)),
        BelowMin((positive(p**2 / (p + q)), positive(q**2 / (p + q)))),
    ),
    Case("exponential of a positive number", le(1 + e, apply("exp", e)), Known("exp", (e,))),
    Case(
        "power above its tangent at one",
        le(1 + term(alpha + 1) * (p - 1), p ** (alpha + 1)),
        Known("power above its tangent", (p, term(1), term(alpha + 1)), term(alpha + 1) * positive(alpha)),
    ),
    # consequences
    Case(
        "trace of a Loewner inequality",
        le(total(i, F[i, i]), total(i, y[i])),
        Algebra(over(i, use("diagonal"))),
        (LOEWNER, Step(id="diagonal", claim=le(F[i, i], y[i]), rule=AtUnitVector("loewner", "u", i))),
    ),
    Case(
        "half solved",
        le(h, 2 * p),
        Algebra(2 * use("h") + h * use("small")),
        (given("small", le(2 * e, 1)), given("h", le(h, p + e * h))),
    ),
    Case(
        "three in a row",
        le(a, p * e),
        Algebra(use("one") + use("two") + e * use("three")),
        (given("one", le(a, b)), given("two", le(b, q * e)), given("three", le(q, p))),
    ),
)
