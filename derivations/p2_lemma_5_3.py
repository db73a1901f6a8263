"""p2-lemma-5.3: Lemma 5.2 for a power law, every sum replaced by an explicit bound in M and gamma N.

With number i of a direction, N x_i <= (K/i)^a and N x_i >= (K_low/i)^a; the sums over i are those of derivations.power_law.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from riskbounds.derivations import p2_lemma_5_2 as parent
from riskbounds.derivations import power_law
from riskbounds.derivations.minkowski import smaller_square, square_of_root
from riskbounds.derivations.p2_lemma_5_2 import growth, lam, multiplicative_reader
from riskbounds.derivations.power_law import K, K_low, a, p, r_high, r_low
from riskbounds.derivations.sgd import ad, av, gamma, i, mean, n, risk, u, w, x
from riskbounds.derivations.threshold_general import THRESHOLD, A_max, head, tail

from riskbounds import symbols
from riskbounds.proofs import (
    Algebra,
    Assumption,
    BelowMin,
    Certificate,
    Claim,
    Derivation,
    Known,
    Lin,
    Numbered,
    Reader,
    Split,
    Step,
    Symbol,
    Term,
    Var,
    below,
    cited,
    eq,
    inherited,
    instance,
    le,
    lin,
    lt,
    natural,
    over,
    parameter,
    positive,
    scalar,
    square,
    term,
    total,
    use,
)
from riskbounds.terms.functions import apply
from riskbounds.theorems import Theorem
from riskbounds.theorems.p2_lemma_5_3 import lemma_5_3

k, m = parameter("m"), natural("m")
steps_done = parameter("k")
N = steps_done + 1
size = parameter("M1") + 1
number = Symbol("number", "+")
c1, c2, c3 = scalar("c1"), scalar("c2"), scalar("c3", "0+")
HALF = Fraction(1, 2)


def power_law_reader(theorem: Theorem, steps: object = N) -> Reader:
    """Reads a theorem about a power law: K, K_low and the envelopes are numbers with defining relations."""
    read = multiplicative_reader(theorem, steps)
    read.meanings |= {
        symbols.a: a, symbols.M: size, symbols.reach: K, symbols.reach_low: K_low, symbols.c1: c1, symbols.c2: c2, symbols.c3: c3,
        symbols.c3_low: scalar("c3_low", "0+"),
    }  # fmt: skip
    return read


def energy(o: Var) -> Term:
    """lam_i E v*_i^2."""
    return lam(o) * mean(u[w, o] ** 2)


def rank(o: Var, exponent: Lin) -> Term:
    """i^exponent for the number i of a direction."""
    return number[o] ** exponent


read = power_law_reader(lemma_5_3)
there = multiplicative_reader(parent.lemma_5_2, N)
ENVELOPE = Assumption("hypothesis", "c1 i^-a <= lam_i <= c2 i^-a and lam_i E v*_i^2 <= c3 i^-a")
REACH = Assumption("model", "K = (c2 gamma N (1+eps_bar_1))^{1/a}, K_low with c1")
down, down2 = lin(a) * -1, lin(a) * -2


def law_of_contractions(steps: Lin) -> tuple[Step, ...]:
    """(K_low/i)^a <= N x_i <= (K/i)^a for N = ``steps``, from the envelopes."""
    scale = gamma * steps * growth
    return (
        Step(id="a > 1", claim=power_law.A_LAW.claim, rule=power_law.A_LAW.rule),
        Step(id="2a > 1", claim=lt(1, term(lin(a) * 2)), rule=Algebra(2 * use("a > 1") + positive(1))),
        Step(id="growth", claim=le(1, growth), rule=parent.above.step("growth").rule),
        Step(id="lam above", claim=le(lam(i), c2 * rank(i, down)), rule=ENVELOPE),
        Step(id="lam below", claim=le(c1 * rank(i, down), lam(i)), rule=ENVELOPE),
        Step(id="K", claim=eq(p(K, a), c2 * scale), rule=REACH),
        Step(id="K_low", claim=eq(p(K_low, a), c1 * scale), rule=REACH),
        Step(
            id="N x above",
            claim=le(term(steps) * x[i], p(K, a) * rank(i, down)),
            rule=Algebra(scale * use("lam above") - rank(i, down) * use("K")),
        ),
        Step(
            id="N x below",
            claim=le(p(K_low, a) * rank(i, down), term(steps) * x[i]),
            rule=Algebra(scale * use("lam below") + rank(i, down) * use("K_low")),
        ),
    )


model = (
    *law_of_contractions(N),
    Step(id="energy above", claim=le(energy(i), c3 * rank(i, down)), rule=ENVELOPE),
    Step(id="head", claim=le(1, term(N) * x[head]), rule=THRESHOLD),
    Step(id="tail", claim=le(term(N) * x[tail], 1), rule=THRESHOLD),
)


# D: every direction counts min(1, (K/i)^{2a}) at most.
def cap(reach: Term, o: object, b: Lin) -> Term:
    """min(1, (reach/o)^b)."""
    return apply("min", 1, p(reach, b) * p(o, b * -1))


def ordered(one: Certificate, other: Certificate, reach: Term, o: Term, b: Lin) -> BelowMin:
    """Certificates in the order of the minimum's arguments."""
    first = str(term(1)) < str(p(reach, b) * p(o, b * -1))
    return BelowMin((one, other) if first else (other, one))


twice = lin(a) * 2
square_above = lambda o: use("N x above", {i: o}) * (use("N x above", {i: o}) + positive(2 * term(N) * x[o]))  # noqa: E731
D = there(symbols.effective_dimension)
sum_of_caps = total(i, cap(K, number[i], twice))
dimension = (
    Step(
        id="counted in the head",
        claim=le(1, cap(K, number[head], twice)),
        rule=ordered(
            positive(0),
            square_above(head) + use("head") * (use("head") + positive(2)),
            K, number[head], twice,
        ),
    ),
    Step(
        id="counted in the tail",
        claim=le((term(N) * x[tail]) ** 2, cap(K, number[tail], twice)),
        rule=ordered(
            use("tail") * (positive(1) + positive(term(N) * x[tail])), square_above(tail), K, number[tail], twice,
        ),
    ),
    Step(
        id="D by caps",
        claim=le(growth * D, sum_of_caps),
        rule=Split(over(head, use("counted in the head")) + over(tail, use("counted in the tail"))),
    ),
)


def sum_over_numbers(name: str, body: Callable[[Term], Term]) -> Step:
    """A sum over the directions as a sum over 1, ..., M."""
    s = below("s", size)
    claim = eq(total(i, body(number[i])), total(s, body(term(s + 1))))
    return Step(id=name, claim=claim, rule=Numbered(body(number[i]), i, "number", size))


numbers = below("s", size)


def floor(reach: Term, r: Var) -> tuple[Step, Step]:
    """r = floor(K)."""
    name = "K" if r == r_high else "K_low"
    source = Assumption("model", f"{r.name} = floor({name})")
    return (
        Step(id=f"{r.name} <= {name}", claim=le(term(r), reach), rule=source),
        Step(id=f"{name} <= {r.name} + 1", claim=le(reach, term(r) + 1), rule=source),
    )


def capped(name: str, derivation: Derivation, reach: Term, r: Var, b: Lin) -> tuple[Step, ...]:
    """sum of min(1, (K/i)^b) over n numbers, with the two inequalities that the lemma asks for."""
    cap_m = cap(reach, term(m + 1), b)
    bound = p(reach, b) * p(m + 1, b * -1)
    used = "K" if r == r_high else "K_low"
    hypotheses = {
        "r <= K": f"{r.name} <= {used}", "K <= r+1": f"{used} <= {r.name} + 1",
        "T <= 1": f"{name}: at most 1", "T <= power": f"{name}: at most the power",
        "b > 1": "a > 1",
    }  # fmt: skip
    s = below("s", m)
    return (
        *floor(reach, r),
        Step(id=f"{name}: at most 1", claim=le(cap_m, 1), rule=Known("min", (term(1), bound))),
        Step(id=f"{name}: at most the power", claim=le(cap_m, bound), rule=Known("min", (bound, term(1)))),
        cited(derivation, "capped sum", {"T": ((m,), cap_m)}, f"{name}: sum", hypotheses),
    )


dimension = (
    *dimension,
    sum_over_numbers("caps numbered", lambda o: cap(K, o, twice)),
    *capped("caps", power_law.capped_twice, K, r_high, twice),
    Step(
        id="D",
        claim=le(growth * D, apply("min", term(size), term(twice) * K / (term(twice) - 1))),
        rule=BelowMin(
            (
                use("D by caps") + use("caps numbered") + use("caps: sum", {power_law.n: size}),
                use("D by caps") + use("caps numbered") + over(numbers, use("caps: at most 1", {m: lin(numbers)})),
            )
        ),
    ),
)

# bias, h, k and ||v*||^2: lam E v*^2 <= c3 i^-a, and N x >= (K_low/i)^a.
once = lin(a)
energy_low = lambda o: c3 * p(K_low, down)  # noqa: E731
sum_low = total(i, cap(K_low, number[i], once))
bias_there, h_there, k_there, norm_there = (
    there(symbol) for symbol in (symbols.bias, symbols.h, symbols.k, symbols.target_norm2)
)


saturated = (
    Step(
        id="head, saturated",
        claim=le(energy(head) / (term(N) * x[head]), c3 * p(K_low, down)),
        rule=Algebra(
            1 / (term(N) * x[head]) * (use("energy above", {i: head}) + c3 * p(K_low, down) * use("N x below", {i: head}))
        ),
    ),
    Step(
        id="tail, saturated",
        claim=le(energy(tail), c3 * p(K_low, down)),
        rule=Algebra(
            use("energy above", {i: tail})
            + c3 * p(K_low, down) * (use("N x below", {i: tail}) + use("tail"))
        ),
    ),
)

LEVEL = c3 * p(K_low, down)
CAP = LEVEL * cap(K_low, number[i], once)
flat = lambda o: p(K_low, once) * rank(o, down)  # noqa: E731


def below_level(name: str, o: Var, left: Term, under_level: Certificate, under_power: Certificate) -> tuple[Step, Step]:
    """left <= c3 K_low^-a min(1, (K_low/i)^a)."""
    scaled = apply("min", LEVEL, LEVEL * flat(o))
    first = str(LEVEL) < str(LEVEL * flat(o))
    return (
        Step(
            id=f"{name}, minimum",
            claim=le(left, scaled),
            rule=BelowMin((under_level, under_power) if first else (under_power, under_level)),
        ),
        Step(
            id=name,
            claim=le(left, LEVEL * cap(K_low, number[o], once)),
            rule=Algebra(use(f"{name}, minimum") + use("scaled", {i: o})),
        ),
    )


spent = use("head") * (1 / (term(N) * x[head])) * positive(energy(head))  # e - e/(N x)
levels = (
    Step(
        id="scaled",
        claim=eq(apply("min", LEVEL, LEVEL * flat(i)), CAP),
        rule=Known("min scaled", (LEVEL, term(1), flat(i)), positive(LEVEL)),
    ),
    *below_level(
        "head, capped", head, energy(head) / (term(N) * x[head]), use("head, saturated"), use("energy above", {i: head}) + spent
    ),
    *below_level("tail, capped", tail, energy(tail), use("tail, saturated"), use("energy above", {i: tail})),
    sum_over_numbers("low caps numbered", lambda o: cap(K_low, o, once)),
    *capped("low caps", power_law.capped, K_low, r_low, once),
    sum_over_numbers("powers numbered", lambda o: p(o, down)),
    cited(power_law.powers, "whole sum", hypotheses={"b > 1": "a > 1"}),
    Step(
        id="norm",
        claim=le(norm_there, c3 * (term(a) - p(size, 1 - a)) / (term(a) - 1)),
        rule=Algebra(
            over(i, use("energy above")) + c3 * (use("powers numbered") + use("whole sum", {power_law.m: size - 1}))
        ),
    ),
    Step(
        id="h by caps",
        claim=le(growth * h_there, LEVEL * sum_low),
        rule=Split(over(head, use("head, capped")) + over(tail, use("tail, capped"))),
    ),
    Step(
        id="h by the norm",
        claim=le(growth * h_there, norm_there),
        rule=Split(over(head, spent)),
    ),
    Step(
        id="k by the norm",
        claim=le(growth * k_there, norm_there),
        rule=Split(over(tail, energy(tail) * use("tail") * (positive(1) + positive(term(N) * x[tail])))),
    ),
    Step(
        id="bias by h",
        claim=le(bias_there, h_there),
        rule=Split(over(head, 1 / growth * spent * (1 / (term(N) * x[head])))),
    ),
)
RATIO = term(a) / (term(a) - 1)
whole_power = term(size) * p(size, a)
FLAT_BIAS = p(size, a + 1) * p(K_low, down2)
bias_steps = (
    sum_over_numbers("rising powers numbered", lambda o: p(o, a)),
    Step(
        id="tangent at s+1",
        claim=le(p(numbers + 1, a) + term(a) * (term(size) - numbers - 1) * p(numbers + 1, lin(a) - 1), p(size, a)),
        rule=Known("power above its tangent", (term(size), term(numbers + 1), term(a)), term(a) * use("a > 1")),
        note="t^a is convex",
    ),
    Step(
        id="i^a <= M^a",
        claim=le(p(numbers + 1, a), p(size, a)),
        rule=Algebra(use("tangent at s+1") + term(a) * positive(term(size) - numbers - 1) * positive(p(numbers + 1, lin(a) - 1))),
    ),
    Step(
        id="bias by rising powers",
        claim=le(growth * bias_there, c3 * p(K_low, down2) * total(i, rank(i, lin(a)))),
        rule=Split(
            over(
                head,
                1
                / (term(N) * x[head]) ** 2
                * (
                    use("energy above", {i: head})
                    + c3
                    * p(K_low, down2)
                    * rank(head, lin(a))
                    * use("N x below", {i: head})
                    * (use("N x below", {i: head}) + positive(2 * flat(head)))
                ),
            )
            + over(
                tail,
                use("energy above", {i: tail})
                + c3
                * p(K_low, down2)
                * rank(tail, lin(a))
                * (use("N x below", {i: tail}) + use("tail"))
                * (positive(1) + positive(flat(tail))),
            )
        ),
    ),
)
rising = use("rising powers numbered") + over(numbers, use("i^a <= M^a"))
by_caps = use("h by caps") + LEVEL * (use("low caps numbered") + use("low caps: sum", {power_law.n: size}))
by_norm = use("h by the norm") + use("norm")
limit = positive(c3 * p(size, 1 - a)) * (1 / (term(a) - 1))
by_size = use("h by caps") + LEVEL * (
    use("low caps numbered") + over(numbers, use("low caps: at most 1", {m: lin(numbers)}))
)
CAPPED = RATIO * p(K_low, 1 - a)


def at_most(name: str, left: Term, choices: dict[Term, Certificate]) -> tuple[Step, Step, Step]:
    """left <= c3 min(...), each choice with its certificate for left <= c3 choice."""
    scaled = apply("min", *(c3 * choice for choice in choices))
    ordered_choices = sorted(choices, key=lambda choice: str(c3 * choice))
    return (
        Step(
            id=f"{name}, each",
            claim=le(left, scaled),
            rule=BelowMin(tuple(choices[choice] for choice in ordered_choices)),
        ),
        Step(
            id=f"{name}, scaled",
            claim=eq(scaled, c3 * apply("min", *choices)),
            rule=Known("min scaled", (c3, *choices), positive(c3)),
        ),
        Step(id=name, claim=le(left, c3 * apply("min", *choices)), rule=Algebra(use(f"{name}, each") + use(f"{name}, scaled"))),
    )


finals = (
    *at_most(
        "bias",
        growth * bias_there,
        {
            FLAT_BIAS: use("bias by rising powers") + c3 * p(K_low, down2) * rising,
            CAPPED: growth * use("bias by h") + by_caps,
        },
    ),
    *at_most(
        "h",
        growth * h_there,
        {term(size) * p(K_low, down): by_size, CAPPED: by_caps, RATIO: by_norm + limit},
    ),
    Step(
        id="k",
        claim=le(growth * k_there, c3 * RATIO),
        rule=Algebra(use("k by the norm") + use("norm") + limit),
    ),
)

# The upper side, one factor at a time.


def statement(theorem: Theorem) -> dict[str, Claim]:
    """The registered theorem as claims: the upper side for N = k + 1, the lower side for N = m + 2."""
    upper = power_law_reader(theorem)(theorem.upper)
    return {"upper": le(instance(le(0, risk), {n: steps_done}).right, upper)}


claims = statement(lemma_5_3)
bias, D_here, h_here, k_here = (
    read(symbol) for symbol in (symbols.bias, symbols.effective_dimension, symbols.h, symbols.k)
)
NORM = c3 * (term(a) - p(size, 1 - a)) / (term(a) - 1)
share = (term(a) - p(size, 1 - a)) / (term(a) - 1)
excess = use("growth") * positive(1 / growth)
squared = square(1 - 1 / growth)
sqrt = lambda body: apply("sqrt", body)  # noqa: E731
low_root, high_root = sqrt(norm_there) * sqrt(bias_there), sqrt(bias) * sqrt(c3) * sqrt(share)
share_certificate = use("whole sum", {power_law.m: size - 1}) + positive(total(numbers, p(numbers + 1, down)))
noise_there = A_max + ad * h_there + av * k_there
larger_noise = ad * (1 / growth) * use("h") + av * (1 / growth) * use("k")
roots = (
    square_of_root("root of norm", norm_there, positive(norm_there)),
    square_of_root("root of bias there", bias_there, positive(bias_there)),
    square_of_root("root of bias", bias, positive(bias_there) + 1 / growth * use("bias")),
    square_of_root("root of c3", c3, positive(c3)),
    square_of_root("root of share", share, share_certificate),
    smaller_square(
        "roots",
        low_root,
        high_root,
        positive(norm_there) * (1 / growth) * use("bias")
        + (positive(bias_there) + 1 / growth * use("bias")) * use("norm")
        + sqrt(bias_there) ** 2 * use("root of norm")
        + norm_there * use("root of bias there")
        - sqrt(c3) ** 2 * sqrt(share) ** 2 * use("root of bias")
        - bias * sqrt(share) ** 2 * use("root of c3")
        - bias * c3 * use("root of share"),
        positive(high_root),
    ),
)
room = 1 - parent.parent.load
upper = (
    *roots,
    Step(
        id="variance",
        claim=le(D * noise_there, D_here * (A_max + ad * h_here + av * k_here)),
        rule=Algebra(
            1 / growth * use("D") * (positive(noise_there) + larger_noise) + positive(D) * larger_noise
        ),
    ),
    cited(parent.above, "upper", name="general upper"),
    Step(
        id="upper",
        claim=claims["upper"],
        rule=Algebra(
            use("general upper", {n: steps_done})
            + HALF * squared * use("norm")
            + HALF / growth * use("bias")
            + excess * use("roots")
            + 1 / (2 * term(N)) * (1 / room) * use("variance")
        ),
    ),
)
PROVED_HERE = ("a > 1", "growth")
above = Derivation(
    name="p2-lemma-5.3-upper",
    theorem="p2-lemma-5.3",
    title="Explicit form for a power law, multiplicative levels, upper side",
    steps=(
        *(step for step in inherited(parent.above) if step.id not in PROVED_HERE),
        *model,
        *dimension,
        *saturated,
        *levels,
        *bias_steps,
        *finals,
        *upper,
    ),
    conclusions={"upper": "upper"},
)
