"""Claims that the checker once accepted although they are false, or hold for fewer values than they speak of."""

from __future__ import annotations

from fractions import Fraction

import pytest

from riskbounds.errors import ProofError
from riskbounds.proofs import (
    Algebra,
    Assumption,
    BelowMin,
    Definition,
    Derivation,
    Known,
    Numbered,
    Step,
    Symbol,
    at_least_max,
    at_most_min,
    below,
    check,
    direction,
    eq,
    le,
    lemma,
    lt,
    natural,
    over,
    positive,
    power,
    scalar,
    term,
    total,
    use,
)
from riskbounds.proofs.numbering import NUMBER, SIZE
from riskbounds.terms.functions import apply
from riskbounds.terms.linear import lin

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


def test_a_symbol_that_is_called_number_does_not_number_the_directions():
    """It may be defined at will: sum w would be 1 + 2 + ... + M."""
    other = Symbol(NUMBER)
    counted = eq(total(i, other[i]), total(below("s", SIZE), below("s", SIZE) + 1))
    steps = (
        Step(id="definition", claim=eq(other[i], w[i]), rule=Definition()),
        Step(id="count", claim=counted, rule=Numbered(body=other[i], direction=i, symbol=NUMBER, size=SIZE)),
        Step(id="end", claim=eq(total(i, w[i]), counted.right), rule=Algebra(use("count") - over(i, use("definition")))),
    )
    assert refusals(*steps) == ["count", "end"]


@pytest.mark.parametrize(("m", "a"), [(Fraction(1, 2), term(-1)), (-1, term(Fraction(1, 2))), (2, term(Fraction(1, 2)))])
def test_a_root_is_at_most_its_number_only_above_one(m, a):
    """(1/2)^(1/a) at a = -1 is 2, (-1)^(1/a) at a = 1/2 is 1, 2^(1/a) at a = 1/2 is 4."""
    rule = Known("root", (term(m), a), positive(Fraction(1, 2)))
    assert refusals(Step(id="end", claim=le(apply("root", m, a), m), rule=rule)) == ["end"]


@pytest.mark.parametrize("exponent", [lin(Fraction(1, 2)), natural("n") * Fraction(1, 2)])
def test_a_root_of_a_square_is_not_a_number_of_any_sign(exponent):
    """(y^2)^(1/2) = y would make |y| = y."""
    y = scalar("y", "?")
    with pytest.raises(ProofError, match="sign is not declared"):
        power(y**2, exponent)
    assert power(scalar("y", "0+") ** 2, lin(Fraction(1, 2))) == scalar("y", "0+")


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


def test_there_is_no_minimum_of_nothing():
    """Everything would be at most min(), min() + 1 too, which makes 1 <= 0."""
    for certificate in (at_most_min(apply("min") + 1, {}), at_least_max(apply("max") - 1, {})):
        assert refusals(Step(id="end", claim=le(1, 0), rule=Algebra(certificate))) == ["end"]
    assert refusals(Step(id="end", claim=le(5, apply("min")), rule=BelowMin(()))) == ["end"]


def test_a_lemma_is_not_cited_for_what_may_be_infinite():
    """From y = 0 follows c y = 0 for every number c; c = 1/y is none."""
    y, c = scalar("y", "?"), scalar("c", "?")
    zero = Step(id="y = 0", claim=eq(y, 0), rule=Assumption("hypothesis", "y = 0"))
    end = Step(id="end", claim=eq(c * y, 0), rule=Algebra(c * use("y = 0")))
    inner = Derivation(name="inner", theorem="", title="", steps=(zero, end), conclusions={"end": "end"})
    assert check(inner).verdict == "proved"
    assert refusals(zero, Step(id="end", claim=eq(1, 0), rule=lemma(inner, "end", {"c": ((), 1 / y)}))) == ["end"]


def test_numbering_captures_no_variable():
    """sum_i i s is s times a sum, not the sum of (s + 1) s."""
    number, s = Symbol(NUMBER, "+"), below("s", SIZE)
    claim = eq(total(i, number[i] * term(s)), total(s, (s + 1) * term(s)))
    rule = Numbered(body=number[i] * term(s), direction=i, symbol=NUMBER, size=SIZE)
    assert refusals(Step(id="end", claim=claim, rule=rule)) == ["end"]
