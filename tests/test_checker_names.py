"""Claims that the checker once accepted although they are false, or hold for fewer values than they speak of."""

from __future__ import annotations

import pytest

from riskbounds.proofs import (
    Algebra,
    Assumption,
    Definition,
    Derivation,
    Known,
    Numbered,
    Step,
    Symbol,
    below,
    check,
    direction,
    eq,
    le,
    lemma,
    lt,
    positive,
    scalar,
    term,
    total,
    use,
)
from riskbounds.proofs.numbering import NUMBER, SIZE
from riskbounds.terms.functions import apply

i = direction("i")
w, u = Symbol("w", "+"), Symbol("u", "free")


def result(*steps):
    """A derivation that concludes its last step, checked."""
    return check(Derivation(name="hole", theorem="", title="", steps=steps, conclusions={"end": steps[-1].id}))


def refusals(*steps):
    return [each.step.id for each in result(*steps).steps if each.verdict.status == "refused"]


def test_a_lemma_that_assumes_something_of_every_vector_is_not_cited_for_one():
    """From 0 <= sum u w for every u follows sum w <= 0; at u = 0 the assumption says nothing."""
    every = Step(id="every u", claim=le(0, total(i, u[i] * w[i])), rule=Assumption("hypothesis", "for every u"))
    end = Step(id="end", claim=le(total(i, w[i]), 0), rule=Algebra(use("every u", {}, {"u": ((i,), term(-1))})))
    inner = Derivation(name="inner", theorem="", title="", steps=(every, end), conclusions={"end": "end"})
    assert check(inner).verdict == "proved"
    for body in (term(0), w[i]):
        assert refusals(Step(id="end", claim=end.claim, rule=lemma(inner, "end", {"u": ((i,), body)})))[-1:] == ["end"]


def test_a_name_has_one_sign():
    """y = -1 and 0 < y speak of two symbols that a reader takes for one."""
    first = Step(id="first", claim=eq(scalar("y", "?"), -1), rule=Definition())
    end = Step(
        id="end",
        claim=lt(0, scalar("y", "+") - scalar("y", "?")),
        rule=Algebra(positive(scalar("y", "+") + 1) - use("first") * -1),
    )
    assert result(first, end).errors == ("y is a symbol of two signs",)


@pytest.mark.parametrize("value", [-1, 0])
def test_the_absolute_value_of_a_number_that_is_not_positive(value):
    claim = eq(apply("abs", value), -value)
    assert not refusals(Step(id="end", claim=claim, rule=Known("abs of nonpositive", (term(value),), positive(-value))))
    wrong = Step(id="end", claim=eq(apply("abs", 1), -1), rule=Known("abs of nonpositive", (term(1),), positive(1)))
    assert refusals(wrong) == ["end"]


def test_numbering_captures_no_variable():
    """sum_i i s is s times a sum, not the sum of (s + 1) s."""
    number, s = Symbol(NUMBER, "+"), below("s", SIZE)
    claim = eq(total(i, number[i] * term(s)), total(s, (s + 1) * term(s)))
    rule = Numbered(body=number[i] * term(s), direction=i, symbol=NUMBER, size=SIZE)
    assert refusals(Step(id="end", claim=claim, rule=rule)) == ["end"]
