"""Derivations whose last line is false for some values: each once fooled the checker, and none may do so again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction

import pytest

from riskbounds.errors import ProofError
from riskbounds.proofs import (
    Algebra,
    Assumption,
    AtUnitVector,
    BelowMin,
    Centred,
    Claim,
    Cumulant,
    Definition,
    Derivation,
    Expectation,
    Induction,
    Known,
    Numbered,
    Step,
    Symbol,
    Var,
    at_most_min,
    below,
    check,
    cited,
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
from riskbounds.proofs.numbering import NUMBER, SIZE
from riskbounds.proofs.rules import Rule
from riskbounds.terms.functions import apply

HALF = Fraction(1, 2)
i, j, k, head = direction("i"), direction("j"), direction("k"), direction("h", "head")
n, m, a = natural("n"), natural("m"), real("a")
w, outcome, site = Var("w", "outcome"), Var("o", "outcome"), direction("site")
y, p, x, z = scalar("y"), scalar("p", "0+"), scalar("x", "?"), scalar("z", "?")
u, U, V, W, X = Symbol("u", "free"), Symbol("u", "+"), Symbol("V"), Symbol("W", symmetric=True), Symbol("X", "+")
Z = Symbol("Z")
LAW = Expectation((Centred(outcome=outcome, pairs={("Z", "Z"): Cumulant(term(1), ((site,), (site,)))}),))


def step(name: str, claim: Claim, rule: Rule | None = None) -> Step:
    """A step, assumed without a rule."""
    return Step(id=name, claim=claim, rule=rule or Assumption("hypothesis", name))


def derivation(*steps: Step) -> Derivation:
    """A derivation of its last step."""
    return Derivation(name="case", theorem="", title="", steps=steps, conclusions={"last": steps[-1].id})


def last(lemma: Derivation, symbols: dict, **hypotheses: str) -> Step:
    """The lemma's last line with its symbols replaced."""
    return cited(lemma, "last", symbols, hypotheses=hypotheses)


def negative_square() -> Iterator[Step]:
    yield step("z^2", eq(z**2, -1), Definition())
    yield step("last", le(0, -1), Algebra(square(z) + use("z^2")))


def minimum_times_another() -> Iterator[Step]:
    yield step("last", le(1, apply("min", 2, 3) * y**2), BelowMin((positive(1), positive(2))))


def minimum_of_nothing() -> Iterator[Step]:
    nothing = apply("min")
    yield step("5 below", le(5, nothing), Algebra(at_most_min(term(5), {})))
    yield step("scaled", eq(nothing, 0 * nothing), Known("min scaled", (term(0),)))
    yield step("last", le(5, 0), Algebra(use("5 below") + use("scaled")))


def vector_inside_a_function() -> Iterator[Step]:
    yield step("tangent", le(1 + u[i], apply("exp", u[i])), Known("exp", (u[i],)))
    weighed = le(total(i, u[i] ** 2 * (1 + u[i])), total(i, u[i] ** 2 * apply("exp", u[i])))
    yield step("weighed", weighed, Algebra(over(i, square(u[i]) * use("tangent"))))
    yield step("last", le(2, apply("exp", u[k])), AtUnitVector("weighed", "u", k))


def symbolic_power_at_a_unit_vector() -> Iterator[Step]:
    """u_i^0 is 1 at every unit vector."""
    yield step("at 0", le(0, total(i, Z(0)[i])))
    yield step("later", le(0, Z(n + 1)[i]))
    rising = over(i, square(power(u[i], n + 1)) * use("later"))
    yield step("sum", le(0, total(i, power(u[i], 2 * n) * Z(n)[i])), Induction(n, base=use("at 0"), step=rising))
    yield step("last", le(0, Z(n)[k]), AtUnitVector("sum", "u", k))


def numbers_as_a_vector() -> Iterator[Step]:
    number, s = Symbol(NUMBER, "free"), below("s", SIZE)
    yield step("numbered", eq(total(i, number[i]), total(s, s + 1)), Numbered(number[i], i, NUMBER, SIZE))
    yield step("last", eq(0, total(s, s + 1)), Algebra(use("numbered", {}, {NUMBER: ((i,), term(0))})))


def numbers_defined() -> Iterator[Step]:
    number, s = Symbol(NUMBER), below("s", SIZE)
    yield step("defined", eq(number[i], 0), Definition())
    yield step("numbered", eq(total(i, number[i]), total(s, s + 1)), Numbered(number[i], i, NUMBER, SIZE))
    yield step("last", eq(0, total(s, s + 1)), Algebra(use("numbered") - over(i, use("defined"))))


def two_symbols_of_one_name() -> Iterator[Step]:
    yield step("weighed", le(0, total(i, u[i] ** 2 * U[i])), Algebra(over(i, square(u[i]) * positive(U[i]))))
    yield step("last", le(0, total(i, -1)), Algebra(use("weighed", {}, {"u": ((i,), term(-1))})))


def range_of_negative_length() -> Iterator[Step]:
    yield step("last", le(0, n - m), Algebra(over(below("s", n - m), positive(1))))


def sum_over_a_fixed_number() -> Iterator[Step]:
    yield step("a > 1", lt(1, a))
    yield step("last", le(0, total(a, term(a) - 1)), Algebra(over(a, use("a > 1"))))


def root_of_a_square() -> Iterator[Step]:
    root = power(y, lin(HALF))
    yield step("x^2 > 0", lt(0, x**2))
    yield last(derivation(step("last", lt(0, root), Algebra(positive(root)))), {"y": ((), x**2)})


def real_power_of_a_square() -> Iterator[Step]:
    yield step("last", eq((x**2) ** (HALF * a), x**a), Algebra())


def real_powers_that_cancel() -> Iterator[Step]:
    first, second = power(y, lin(a) + HALF), power(scalar("y2"), lin(a) * -1)
    yield step("x^2 > 0", lt(0, x**2))
    lemma = derivation(step("last", lt(0, first * second), Algebra(positive(first * second))))
    yield last(lemma, {"y": ((), x**2), "y2": ((), x**2)})


def head_in_place_of_all() -> Iterator[Step]:
    yield step("V > 0", lt(0, V[head]))
    yield last(derivation(step("last", lt(0, X[j]), Algebra(positive(X[j])))), {"X": ((head,), V[head])})


def one_variable_twice() -> Iterator[Step]:
    lemma = derivation(step("below", le(W[j, k], V[k])), step("last", le(W[j, k], V[j]), Algebra(use("below", {j: k, k: j}))))
    yield last(lemma, {"W": ((i, i), V[i])})


def bound_of_a_range() -> Iterator[Step]:
    """That s <= x for s < n for every n is more than the lemma's symbols say."""
    s, longer = below("s", n), below("s", n + 1)
    lemma = derivation(
        step("s", le(s, x)),
        step("scaled", le(s * term(n + 1), x * term(n + 1)), Algebra(term(n + 1) * use("s"))),
        step("next", le(longer * term(n + 2), x * term(n + 2)), Algebra(use("scaled", {n: n + 1}))),
        step("last", le(longer, x), Algebra(1 / term(n + 2) * use("next"))),
    )
    yield step("below n", le(s, term(n) - 1), Algebra(positive(term(n - 1 - s))))
    yield replace(last(lemma, {"x": ((), term(n) - 1)}, s="below n"), id="at n")
    yield step("last", le(n, n - 1), Algebra(use("at n", {longer: n})))


def division_by_zero() -> Iterator[Step]:
    q, r = scalar("q", "0+"), scalar("r", "?")
    yield step("p = 0", eq(p, 0))
    lemma = derivation(step("r = 0", eq(r, 0)), step("last", eq(q * r, 0), Algebra(-1 * q * use("r = 0"))))
    yield last(lemma, {"q": ((), 1 / p), "r": ((), p)}, **{"r = 0": "p = 0"})


def captured_variable() -> Iterator[Step]:
    assumed = step("sum", le(0, total(i, V[i])))
    yield assumed
    lemma = derivation(assumed, step("last", le(0, p * total(i, V[i])), Algebra(p * use("sum"))))
    yield last(lemma, {"p": ((), X[Var('#0"', "all")])})


def name_of_an_opened_variable() -> Iterator[Step]:
    free = Var("$0.0", "all")
    yield step("last", eq(total(i, X[i] / (1 + X[i])), total(i, X[free] / (1 + X[i]))), Algebra())


def root_of_a_fraction() -> Iterator[Step]:
    below_half = le(apply("root", HALF, -1), HALF)
    yield step("last", below_half, Known("root", (term(HALF), term(-1)), positive(1)))


def law_of_a_free_vector() -> Iterator[Step]:
    free = Symbol("Z", "free")
    yield step("mean", eq(total(w, free[w, i]), 0), LAW)
    yield step("last", eq(1, 0), Algebra(use("mean", {}, {"Z": ((w, i), term(1))})))


def law_of_the_head_alone() -> Iterator[Step]:
    pairs = {("Z", "Z"): Cumulant(V[head], ((head,), (head,)))}
    law = Expectation((Centred(outcome=outcome, pairs=pairs),))
    yield step("second", eq(total(w, Z[w, i] ** 2), V[i]), law)
    yield step("last", le(0, V[i]), Algebra(over(w, square(Z[w, i])) + use("second")))


def law_of_a_positive_symbol() -> Iterator[Step]:
    signed = Symbol("Z", "+")
    yield step("mean", eq(total(w, signed[w, i]), 0), LAW)
    yield step("last", lt(0, 0), Algebra(over(w, positive(signed[w, i])) + use("mean")))


def law_of_a_defined_symbol() -> Iterator[Step]:
    yield step("one", eq(Z[w, i], 1), Definition())
    yield step("mean", eq(total(w, Z[w, i]), 0), LAW)
    yield step("last", eq(1, 0), Algebra(use("mean") - over(w, use("one"))))


def law_of_a_lemma_of_a_lemma() -> Iterator[Step]:
    inner = derivation(step("mean", eq(total(w, Z[w, i]), 0), LAW))
    outer = derivation(cited(inner, "last", name="mean"), step("last", eq(2 * total(w, Z[w, i]), 0), Algebra(2 * use("mean"))))
    yield last(outer, {"Z": ((w, i), term(1))})


CASES = (
    negative_square,
    minimum_times_another,
    minimum_of_nothing,
    vector_inside_a_function,
    symbolic_power_at_a_unit_vector,
    numbers_as_a_vector,
    numbers_defined,
    two_symbols_of_one_name,
    range_of_negative_length,
    sum_over_a_fixed_number,
    root_of_a_square,
    real_power_of_a_square,
    real_powers_that_cancel,
    head_in_place_of_all,
    one_variable_twice,
    bound_of_a_range,
    division_by_zero,
    captured_variable,
    name_of_an_opened_variable,
    root_of_a_fraction,
    law_of_a_free_vector,
    law_of_the_head_alone,
    law_of_a_positive_symbol,
    law_of_a_defined_symbol,
    law_of_a_lemma_of_a_lemma,
)


def proved(steps: Callable[[], Iterator[Step]]) -> bool:
    """Whether the checker accepts the derivation; terms that cannot be written are refused too."""
    try:
        return check(derivation(*steps())).verdict == "proved"
    except ProofError:
        return False


@pytest.mark.parametrize("steps", CASES, ids=lambda case: case.__name__)
def test_it_is_not_proved(steps):
    assert not proved(steps)


def true_ones() -> Iterator[tuple[str, Step]]:
    """Neighbours of the false ones that hold, so that no refusal is one of everything."""
    yield "definition", step("last", eq(z, -1), Definition())
    yield "minimum", step("last", le(1, apply("min", 2, 3)), BelowMin((positive(1), positive(2))))
    number, s = Symbol(NUMBER, "+"), below("s", SIZE)
    yield "numbers", step("last", eq(total(i, number[i]), total(s, s + 1)), Numbered(number[i], i, NUMBER, SIZE))
    yield "range", step("last", le(0, n), Algebra(over(below("s", n), positive(1))))
    yield "root of a number", step("last", le(apply("root", 2, 3), 2), Known("root", (term(2), term(3)), positive(2)))
    root = power(y, lin(HALF))
    lemma = derivation(step("last", lt(0, root), Algebra(positive(root))))
    yield "root of a positive square", last(lemma, {"y": ((), scalar("q") ** 2)})
    yield "law", step("last", eq(total(w, Z[w, i]), 0), LAW)


@pytest.mark.parametrize(("name", "claim"), tuple(true_ones()), ids=lambda value: value if isinstance(value, str) else "")
def test_its_true_neighbour_is_proved(name, claim):
    assert check(derivation(claim)).verdict == "proved"
