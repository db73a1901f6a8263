"""The expectation rule against enumeration of finite probability spaces, and what it refuses."""

from __future__ import annotations

from fractions import Fraction
from random import Random

import pytest
from conftest import full_and_tenth
from riskbounds.derivations.finite_spaces import Space, gaussian, skew, space, two_point

from riskbounds.errors import ProofError
from riskbounds.proofs import (
    Algebra,
    Assumption,
    Definition,
    Derivation,
    Model,
    Step,
    Symbol,
    Term,
    Var,
    check,
    direction,
    eq,
    lemma,
    scalar,
    term,
    total,
    use,
)
from riskbounds.proofs.expectation import Expectation
from riskbounds.terms.expectation import Centred, Cumulant, Family, Gaussian, Independent, expectation

w, o = Var("w", "sample"), Var("o", "draw")
i, j, k, l = (direction(name) for name in "ijkl")  # noqa: E741
z, s, e, y, a, b = (Symbol(name) for name in "zseyab")
SIZE = 2


def moments_of(name: str, variable: str, draws: Space) -> dict[tuple[str, ...], Term]:
    """The table of a variable's first four moments, as numbers."""
    values = draws.values[variable]
    return {(name,) * power: term(draws.moment(lambda n, p=power: values[n] ** p)) for power in range(1, 5)}


def world(random: Random) -> tuple[Model, list[Family]]:
    """Gaussian z and y = sum b z + noise, skew scales s_i, a common centred e; two directions."""
    roots = [Fraction(random.randint(1, 3), random.randint(1, 3)) for _ in range(SIZE)]
    gains = [Fraction(random.randint(-2, 2), 2) for _ in range(SIZE)]
    noise = Fraction(random.randint(1, 3), 2)
    variables = {f"z{n}": gaussian(root) for n, root in enumerate(roots)} | {"noise": gaussian(noise)}
    variables |= {f"s{n}": skew([random.randint(1, 3), -1]) for n in range(SIZE)} | {"e": two_point(Fraction(0), noise)}
    draws = space(variables)
    values = draws.values
    label = [sum(gains[n] * values[f"z{n}"][at] for n in range(SIZE)) + values["noise"][at] for at in range(len(draws.weights))]
    lam, gain, square = Symbol("lam", "+"), Symbol("gain"), scalar("square", "+")
    family = Gaussian(
        outcome=w,
        pairs={
            ("z", "z"): Cumulant(lam[k], ((k,), (k,))),
            ("y", "z"): Cumulant(lam[k] * gain[k], ((), (k,))),
            ("y", "y"): Cumulant(square, ((), ())),
        },
    )
    scales = Independent(outcome=w, site=(k,), moments={("s",) * p: Symbol(f"m{p}")[k] for p in range(1, 5)})
    common = Independent(outcome=w, site=(), moments=moments_of("e", "e", draws))
    numbers = [Fraction(random.randint(-3, 3), 2) for _ in range(4 * SIZE)]
    model = Model(
        sizes={"all": SIZE},
        symbols={
            "z": lambda at, n: values[f"z{n}"][at],
            "s": lambda at, n: values[f"s{n}"][at],
            "y": lambda at: label[at],
            "e": lambda at: values["e"][at],
            "a": lambda n: numbers[n],
            "b": lambda n: numbers[SIZE + n],
            "lam": lambda n: 3 * roots[n] ** 2,
            "gain": lambda n: gains[n],
            "square": lambda: 3 * noise**2 + sum(3 * roots[n] ** 2 * gains[n] ** 2 for n in range(SIZE)),
            **{f"m{p}": lambda n, p=p: draws.moment(lambda at: values[f"s{n}"][at] ** p) for p in range(1, 5)},
        },
        weights={"sample": draws.weights},
    )
    return model, [family, scales, common]


def random_body(random: Random) -> Term:
    """A product of at most four Gaussian and four scale factors under sums, plus a free index now and then."""
    indices = [i, j, k, l][: random.randint(1, 4)]
    free = random.random() < 0.3
    body = term(random.randint(1, 3))
    for _ in range(random.randint(2, 4)):
        body = body * (z[w, random.choice(indices)] if random.random() < 0.75 else y[w])
    for _ in range(random.randint(0, 3)):
        body = body * s[w, random.choice(indices)]
    for _ in range(random.randint(0, 2)):
        body = body * e[w]
    for n, index in enumerate(indices):
        body = body * (a[index] if random.random() < 0.5 else b[index])
        if not (free and n == 0):
            body = total(index, body)
    return total(w, body)


@full_and_tenth(300)
def test_expectation_is_the_sum_over_outcomes(size: int) -> None:
    for seed in range(size):
        random = Random(seed)
        model, law = world(random)
        claim = eq(random_body(random), 0)
        result = expectation(claim.left, law)
        for at in model.assignments(claim):
            assert model.value(result, at) == model.value(claim.left, at), (seed, claim.left)


# What it refuses -------------------------------------------------------------------------------------------------------

PLAIN = Independent(outcome=w, site=(k,), moments={("s",): term(0), ("s", "s"): Symbol("m2")[k]})


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (total(w, s[w, i] ** 3), "no moment"),
        (total(w, s[w, i] * s[w, j]), "may or may not coincide"),
        (s[w, i], "not under an expectation"),
        (total(w, a[i] / (1 + s[w, i])), "inside a power"),
        (total(w, s[w, i] * s[w, direction("h", "head")]), "cannot decide"),
    ],
)
def test_refusals(body: Term, message: str) -> None:
    with pytest.raises(ProofError, match=message):
        expectation(body, [PLAIN])


def test_free_indices_that_are_the_same_are_no_question() -> None:
    assert expectation(total(w, s[w, i] ** 2), [PLAIN]) == Symbol("m2")[i]
    assert expectation(total(w, total(j, s[w, i] * s[w, j] * a[j])), [PLAIN]) == Symbol("m2")[i] * a[i]


def test_two_outcomes_are_independent_copies() -> None:
    copy = Var("v", "sample")
    law = [Independent(outcome=w, site=(), moments={("e",): scalar("mean"), ("e", "e"): scalar("square")})]
    assert expectation(total(w, total(copy, e[w] * e[copy])), law) == scalar("mean") ** 2
    assert expectation(total(w, e[w] ** 2), law) == scalar("square")


def test_only_second_moments_are_known_of_centred_symbols() -> None:
    law = [Centred(outcome=w, pairs={("e", "e"): Cumulant(scalar("square"), ((), ()))})]
    assert expectation(total(w, (1 + e[w]) ** 2), law) == 1 + scalar("square")
    with pytest.raises(ProofError, match="no moment"):
        expectation(total(w, e[w] ** 4), law)


def test_conditional_moments_are_averaged_later_and_never_before() -> None:
    inner = Centred(outcome=w, pairs={("e", "e"): Cumulant(s[w, k] ** 2, ((k,), (k,)))})
    assert expectation(total(w, e[w, i] ** 2), [inner, PLAIN]) == Symbol("m2")[i]
    with pytest.raises(ProofError, match="averaged before"):
        expectation(total(w, e[w, i] ** 2), [PLAIN, inner])


def test_a_moment_depends_on_outcome_and_site_alone() -> None:
    """E e = a_i for every i would make all a_i equal."""
    stray = (Independent(outcome=w, site=(), moments={("e",): a[i]}),)
    steps = (
        Step(id="a", claim=eq(total(w, e[w]), a[i]), rule=Expectation(stray)),
        Step(id="b", claim=eq(a[i], a[j]), rule=Algebra(use("a", {i: j}) - use("a"))),
    )
    result = check(derivation(*steps))
    assert "no site of its symbols" in result.steps[0].verdict.reason
    assert result.steps[1].verdict.status == "refused"
    paired = (Centred(outcome=w, pairs={("e", "e"): Cumulant(a[i] * a[k], ((k,), (k,)))}),)
    with pytest.raises(ProofError, match="depends on i"):
        expectation(total(w, e[w, j] ** 2), paired)
    placed = (Independent(outcome=w, site=(k,), moments={("e",): a[k]}),)
    assert expectation(total(w, e[w, i]), placed) == a[i]


def test_a_moment_does_not_depend_on_a_free_vector() -> None:
    """E e_i^2 = f_i^2 for every vector f would make f_i^2 = 0."""
    f = Symbol("f", "free")
    law = (Centred(outcome=w, pairs={("e", "e"): Cumulant(f[k] ** 2, ((k,), (k,)))}),)
    steps = (
        Step(id="a", claim=eq(total(w, e[w, i] ** 2), f[i] ** 2), rule=Expectation(law)),
        Step(id="b", claim=eq(f[i] ** 2, 0), rule=Algebra(use("a", {}, {"f": ((i,), term(0))}) - use("a"))),
    )
    result = check(derivation(*steps))
    assert "depends on f" in result.steps[0].verdict.reason
    assert result.steps[1].verdict.status == "refused"


def derivation(*steps: Step) -> Derivation:
    return Derivation(name="d", theorem="t", title="", steps=steps, conclusions={step.id: step.id for step in steps})


def test_a_symbol_has_one_law() -> None:
    other = Independent(outcome=w, site=(k,), moments={("s",): term(1), ("s", "s"): Symbol("m2")[k]})
    steps = [
        Step(id=name, claim=eq(total(w, s[w, i]), value), rule=Expectation((law,)))
        for name, value, law in (("a", 0, PLAIN), ("b", 1, other))
    ]
    assert check(derivation(steps[0])).verdict == "proved"
    assert check(derivation(*steps)).verdict == "refused"


def test_nothing_is_averaged_while_a_symbol_depends_on_it() -> None:
    """E[e^2 s] = E s^3 is not 0, though E s = 0 with e^2 taken as fixed."""
    inner = Centred(outcome=w, pairs={("e", "e"): Cumulant(s[w, k] ** 2, ((k,), (k,)))})
    first = Step(id="a", claim=eq(total(w, e[w, i] ** 2), Symbol("m2")[i]), rule=Expectation((inner, PLAIN)))
    wrong = Step(id="b", claim=eq(total(w, e[w, i] ** 2 * s[w, i]), 0), rule=Expectation((PLAIN,)))
    assert check(derivation(first)).verdict == "proved"
    assert check(derivation(first, wrong)).verdict == "refused"


def test_a_definition_does_not_hide_a_random_symbol() -> None:
    """With c = s, E[c s] is E s^2 and not c E s = 0."""
    c = Symbol("c")
    define = Step(id="a", claim=eq(c[w, i], s[w, i]), rule=Definition())
    wrong = Step(id="b", claim=eq(total(w, c[w, i] * s[w, i]), 0), rule=Expectation((PLAIN,)))
    assert check(derivation(wrong)).verdict == "proved"
    assert check(derivation(define, wrong)).verdict == "refused"
    assumed = Step(id="a", claim=eq(c[w, i], s[w, i]), rule=Assumption("model", "c is s"))
    assert check(derivation(assumed, wrong)).verdict == "refused"


def test_a_moment_does_not_hide_a_random_symbol_behind_a_definition() -> None:
    """E e^2 = c with c = s^2 depends on s."""
    c = Symbol("c")
    define = Step(id="a", claim=eq(c[w, i], s[w, i] ** 2), rule=Definition())
    inner = Centred(outcome=w, pairs={("e", "e"): Cumulant(c[w, k], ((k,), (k,)))})
    first = Step(id="b", claim=eq(total(w, e[w, i] ** 2), total(w, c[w, i])), rule=Expectation((inner,)))
    wrong = Step(id="c", claim=eq(total(w, e[w, i] ** 2 * s[w, i]), 0), rule=Expectation((PLAIN,)))
    assert check(derivation(define, first)).verdict == "proved"
    assert check(derivation(define, first, wrong)).verdict == "refused"


def test_a_lemma_cannot_replace_what_its_law_speaks_of() -> None:
    step = Step(id="a", claim=eq(total(w, s[w, i] ** 2), Symbol("m2")[i]), rule=Expectation((PLAIN,)))
    for name, variables in (("s", (w, k)), ("m2", (k,))):
        cited = Step(id="b", claim=eq(0, 1), rule=lemma(derivation(step), "a", {name: (variables, term(0))}))
        assert "belongs to a law" in check(derivation(cited)).steps[0].verdict.reason
