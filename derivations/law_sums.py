"""The sums of the sharp pair over a power law: (1-x)^N against e^(-N x), one direction at a time, then the Mellin transfer.

With t = N x, E = e^(-t) and Q = (1-x)^N: 0 <= E - Q <= x (1-E), so each summand differs from its limit by a multiple of x.
"""

from __future__ import annotations

from riskbounds.derivations.law_profiles import average, decays, lag, profiles, share, spare, squared
from riskbounds.derivations.law_reading import N, c, gamma, i, k, rank, reach, x
from riskbounds.derivations.power_law import A_LAW, a, p

from riskbounds.proofs import (
    Algebra,
    Assumption,
    Certificate,
    Derivation,
    Induction,
    Known,
    Lin,
    Step,
    Symbol,
    Term,
    Transfer,
    Var,
    cited,
    eq,
    le,
    lin,
    lt,
    natural,
    positive,
    power,
    square,
    term,
    total,
    use,
)
from riskbounds.proofs.certificates import NOTHING
from riskbounds.proofs.numbering import SIZE
from riskbounds.terms.exponentials import decay, exponentials, root
from riskbounds.terms.functions import apply
from riskbounds.terms.polynomial import combine
from riskbounds.terms.profiles import TAU

n = natural("n")


def left(steps: Lin | Var, o: Var = i, of: Symbol = x) -> Term:
    """(1-x)^n."""
    return power(1 - of[o], lin(steps))


def limit(steps: Lin | Var, o: Var = i) -> Term:
    """e^(-n x)."""
    return decay(term(steps) * x[o])


STEP_SIZE = Step(id="x <= 1", claim=le(x[i], 1), rule=Assumption("hypothesis", "gamma mu_1 <= 1"))
powers = Derivation(
    name="law-powers",
    theorem="",
    title="(1-x)^n against e^(-n x)",
    steps=(
        STEP_SIZE,
        Step(id="1 - x <= e^-x", claim=le(1 - x[i], decay(x[i])), rule=Known("exp", (-x[i],))),
        Step(id="1 + x <= e^x", claim=le(1 + x[i], apply("exp", x[i])), rule=Known("exp", (x[i],))),
        Step(id="e^0 = 1", claim=eq(apply("exp", 0), 1), rule=Known("exp of 0", ())),
        Step(
            id="inverse", claim=eq(apply("exp", 0), apply("exp", x[i]) * decay(x[i])), rule=Known("exp of a sum", (x[i], -x[i]))
        ),
        Step(
            id="e^-x - (1-x) <= x^2 e^-x",
            claim=le(decay(x[i]) - (1 - x[i]), x[i] ** 2 * decay(x[i])),
            rule=Algebra((1 - x[i]) * (decay(x[i]) * use("1 + x <= e^x") + use("e^0 = 1") - use("inverse"))),
        ),
        Step(
            id="one more",
            claim=eq(limit(n + 1), limit(n) * decay(x[i])),
            rule=Known("exp of a sum", (-term(n) * x[i], -x[i])),
        ),
        Step(
            id="below",
            claim=le(left(n), limit(n)),
            rule=Induction(
                n, base=use("e^0 = 1") * -1, step=(1 - x[i]) * use("ih") + limit(n) * use("1 - x <= e^-x") - use("one more")
            ),
        ),
        Step(
            id="above",
            claim=le(limit(n) - left(n), term(n) * x[i] ** 2 * limit(n)),
            rule=Induction(
                n,
                base=use("e^0 = 1"),
                step=(1 - x[i]) * use("ih")
                + limit(n) * use("e^-x - (1-x) <= x^2 e^-x")
                + term(n) * x[i] ** 2 * limit(n) * use("1 - x <= e^-x")
                + (1 - term(n + 1) * x[i] ** 2) * use("one more"),
            ),
        ),
    ),
    conclusions={"below": "below", "above": "above"},
)


def lag_of_mean(steps: Lin | Var, o: Var = i, of: Symbol = x) -> Term:
    """K(x, n), the sum of (1 - (1-x)^s)^2 over s < n."""
    q = left(steps, o, of)
    return term(lin(steps)) - 2 * (1 - q) / of[o] + (1 - q**2) / (of[o] * (2 - of[o]))


TWO = Step(id="2 - x > 0", claim=lt(0, 2 - x[i]), rule=Algebra(use("x <= 1") + positive(1)))
squares = Derivation(
    name="law-squares",
    theorem="",
    title="K(x, n) is a sum of squares",
    steps=(
        STEP_SIZE,
        TWO,
        Step(
            id="K",
            claim=le(0, lag_of_mean(n)),
            rule=Induction(n, step=use("ih") + square(1 - left(n))),
        ),
        Step(id="q <= 1", claim=le(left(n), 1), rule=Induction(n, step=use("ih") + x[i] * left(n))),
    ),
    conclusions={"K": "K", "q <= 1": "q <= 1"},
)


t, E, Q = term(N) * x[i], limit(N), left(N)
AT = {"tau": ((), t)}
LAG, TANGENT, LEFT, LEARNED = (use(name) for name in ("E - Q <= x (1-E)", "1 - t <= e^-t", "0 <= E - Q", "0 <= 1 - e^-t"))
SUMMANDS = {"share": share, "square": squared, "average": average, "lag": lag, "spare": spare}
#: Those without stored weights.
PLAIN = ("share", "square", "average", "lag")
TRACE = total(i, x[i])
TAIL = p(reach, a) * p(term(SIZE), 1 - lin(a)) / (term(a) - 1)

GAMMA = apply("gamma", 1 - 1 / term(a))
SHIFTS = (  # each s with the whole number below it: Gamma(s+1) = s Gamma(s)
    ("Gamma(-1/a)", -1 / term(a), -1),
    ("Gamma(-1-1/a)", -1 - 1 / term(a), -2),
    ("Gamma(-2-1/a)", -2 - 1 / term(a), -3),
)

#: One direction of the theorem's sums.
learned = 1 - Q
weight = lag_of_mean(N) / term(N)
weight_before = (1 - left(k)) ** 2
bias = learned**2 / t


def model(g: Term, step_size: tuple[Step, ...] = (STEP_SIZE, TWO)) -> tuple[Step, ...]:
    """The power law and the step size; with a floor x_i leaves it out."""
    return (
        A_LAW,
        *step_size,
        Step(
            id="power law",
            claim=eq(x[i], gamma * g * c * rank(i)),
            rule=Assumption("hypothesis", "lam_i = c i^-a and x_i = gamma g lam_i"),
        ),
        Step(
            id="X", claim=eq(p(reach, a), term(N) * gamma * g * c), rule=Assumption("model", "reach = X^(1/a), X = N gamma g c")
        ),
        Step(
            id="N x",
            claim=eq(t, p(reach, a) * rank(i)),
            rule=Algebra(term(N) * use("power law") - rank(i) * use("X")),
        ),
        Step(
            id="rate",
            claim=eq(reach / (term(N) * gamma * g), c * p(reach, 1 - lin(a))),
            rule=Algebra(p(reach, 1 - lin(a)) / (term(N) * gamma * g) * use("X")),
        ),
    )


def directions() -> tuple[Step, ...]:
    """Each summand in Q = (1-x)^N against its limit in E = e^(-t)."""
    return (*_powers_apart(), *_weights(), *_earlier_weights())


def _powers_apart() -> tuple[Step, ...]:
    """Q against E."""
    d = E - Q
    return (
        *(cited(decays, name, AT) for name in ("1 - t <= e^-t", "t e^-t <= 1 - e^-t", "0 <= 1 - e^-t")),
        cited(powers, "below", name="Q below"),
        cited(powers, "above", name="Q above"),
        cited(squares, "q <= 1"),
        Step(id="0 <= E - Q", claim=le(0, d), rule=Algebra(use("Q below", {n: N}))),
        Step(
            id="E - Q <= x (1-E)",
            claim=le(d, x[i] * (1 - E)),
            rule=Algebra(use("Q above", {n: N}) + x[i] * use("t e^-t <= 1 - e^-t")),
        ),
        Step(id="0 <= Q", claim=le(0, Q), rule=Algebra(left(k) * use("x <= 1"))),
        Step(id="1 - Q", claim=le(0, 1 - Q), rule=Algebra(LEFT + LEARNED)),
        Step(id="share above", claim=le(learned, share(t, E) + x[i]), rule=Algebra(LAG + x[i] * E)),
        Step(
            id="1 - Q <= 2t",
            claim=le(learned, 2 * t),
            rule=Algebra(LAG + (1 + x[i]) * TANGENT + t * use("x <= 1")),
        ),
    )


def _weights() -> tuple[Step, ...]:
    """The share of the variance that is learned."""
    return (
        Step(
            id="weight above",
            claim=le(weight, average(t, E) + 2 * x[i]),
            rule=Algebra(
                1 / (2 * t) * LEFT * (2 * LEARNED + LEFT + 2)
                + x[i] / (2 * t) / (2 - x[i]) * (4 * t * use("x <= 1") + 2 * use("1 - Q <= 2t") + square(1 - Q))
            ),
        ),
        Step(
            id="weight below",
            claim=le(average(t, E) - 2 * x[i], weight),
            rule=Algebra(
                x[i] / (2 * t) / (2 - x[i]) * use("1 - Q") * (1 + use("0 <= Q"))
                + 1 / (2 * t) * (4 * LAG + 4 * x[i] * TANGENT + LEFT * (E + use("0 <= Q")))
            ),
        ),
    )


def _earlier_weights() -> tuple[Step, ...]:
    """The squares: what was learned before, and the bias."""
    return (
        Step(
            id="weight before above",
            claim=le(weight_before, squared(t, E) + 3 * x[i]),
            rule=Algebra(
                x[i] * left(k) * (2 * use("q <= 1", {n: lin(k)}) + x[i] * left(k))
                + 3 * (LAG + x[i] * E)
                + 2 * E * LEFT
                + LEFT * (LEARNED + use("0 <= Q"))
            ),
        ),
        Step(
            id="weight before below",
            claim=le(squared(t, E) - 2 * x[i], weight_before),
            rule=Algebra(
                LEFT * (use("1 - Q") + LEARNED)
                + x[i] * (2 * use("q <= 1", {n: lin(k)}) * positive(1) + 2 * left(k) * use("0 <= Q") + x[i] * left(k) ** 2)
            ),
        ),
        Step(
            id="bias above",
            claim=le(bias, squared(t, E) / t + 3 * x[i]),
            rule=Algebra(
                1
                / t
                * (
                    2 * LEARNED * LAG
                    + 2 * x[i] * (TANGENT + E * LEARNED)
                    + x[i] * TANGENT
                    + LAG
                    + LEFT * (LEARNED + use("0 <= Q"))
                )
            ),
        ),
        Step(id="bias below", claim=le(squared(t, E) / t, bias), rule=Algebra(1 / t * LEFT * (use("1 - Q") + LEARNED))),
    )


def whole_weights() -> tuple[Step, ...]:
    """The weights are sums of squares, none is above 1, and what is missing is at most what was not learned."""
    rest = 1 / t / (2 - x[i]) * (use("1 - Q") * (use("1 - Q") + 2 * use("x <= 1")))
    risen = 1 / (2 - x[i]) * use("1 - Q") * (1 + use("0 <= Q"))
    return (
        cited(squares, "K"),
        Step(id="x (1 - weight)", claim=le(x[i] * (1 - weight), 2 * learned / N), rule=Algebra(1 / term(N) * risen)),
        Step(id="0 <= W", claim=le(0, (1 - Q**2) / (2 - x[i])), rule=Algebra(risen)),
        Step(id="weight <= 1", claim=le(weight, 1), rule=Algebra(rest), note="K(x, N) <= N"),
        Step(id="W <= 2 (1-Q)", claim=le((1 - Q**2) / (2 - x[i]), 2 * (1 - Q)), rule=Algebra(t * rest)),
    )


def parts(name: str) -> tuple[Term, ...]:
    """Coefficients of Gamma(-1/a), Gamma(-1-1/a) and Gamma(-2-1/a) in the summand's Mellin transform at -1/a."""
    f = exponentials(SUMMANDS[name](TAU, decay()))
    return tuple(
        combine((root(m, a) * term(m) ** -k, q) for (k, m), q in f.parts.items() if m and k == power) for power in (0, -1, -2)
    )


def integral(name: str) -> Term:
    """The integral of f(X u^-a) over u > 0, with Gamma(1 - 1/a)."""
    first, second, third = parts(name)
    return -reach * GAMMA * (first - (second - third / (2 + 1 / term(a))) / (1 + 1 / term(a)))


def transfers(names: tuple[str, ...] = PLAIN) -> tuple[Step, ...]:
    """Each sum of a limit against its integral, and the residues with one Gamma function."""
    shifts = (
        Step(
            id=name,
            claim=eq(apply("gamma", s + 1), s * apply("gamma", s)),
            rule=Known("gamma shift", (s, term(whole)), 1 / term(a) ** 2 * use("a > 1")),
        )
        for name, s, whole in (SHIFTS if "spare" in names else SHIFTS[:2])
    )
    return (*shifts, *(step for name in names for step in _transfer(name)))


def _transfer(name: str) -> tuple[Step, ...]:
    f = SUMMANDS[name](TAU, decay())
    whole = reach / term(a) * exponentials(f).mellin(a)
    rule = Transfer(profiles, f, f"{name} rises", f"{name} <= t", "N x", "a > 1", reach, a)
    first, second, third = parts(name)
    one, two = 1 + 1 / term(a), 2 + 1 / term(a)
    once, twice = second - third / two, use("Gamma(-2-1/a)") if third != term(0) else NOTHING
    found = total(i, SUMMANDS[name](t, E))
    return (
        Step(id=f"{name}: sum <= integral", claim=le(found, whole), rule=rule),
        Step(id=f"{name}: integral - 1 <= sum", claim=le(whole - 1 - TAIL, found), rule=rule),
        Step(
            id=f"{name}: residues",
            claim=eq(whole, integral(name)),
            rule=Algebra(
                reach * (first - once / one) * use("Gamma(-1/a)")
                + reach / term(a) * (once / one * use("Gamma(-1-1/a)") + third / two * twice)
            ),
        ),
    )


def above(name: str) -> Certificate:
    """integral - sum of the limits."""
    return use(f"{name}: sum <= integral") + use(f"{name}: residues")


def below(name: str) -> Certificate:
    """Sum of the limits - (integral - 1 - tail)."""
    return use(f"{name}: integral - 1 <= sum") - use(f"{name}: residues")
