"""The term language: ring laws, normal forms, substitution, SymPy both ways, against exact evaluation in random models."""

from __future__ import annotations

from fractions import Fraction
from random import Random

import pytest
import sympy as sp

from riskbounds import symbols
from riskbounds.errors import ProofError
from riskbounds.numerics import blocks
from riskbounds.proofs import Model, Reader, Symbol, Var, below, direction, lin, natural, power, real, scalar, term, total
from riskbounds.terms.convert import to_sympy
from riskbounds.terms.functions import apply
from riskbounds.terms.identity import is_zero
from riskbounds.terms.linear import at_least
from riskbounds.terms.polynomial import free_variables, substitute
from tests.conftest import full_and_tenth

i, j, w = direction("i"), direction("j"), Var("w", "outcome")
n, m = natural("n"), natural("m")
x, y, F, r = Symbol("x", "+"), Symbol("y", "?"), Symbol("F", symmetric=True), Symbol("r")
p = scalar("p")


def model(random):
    values = {key: Fraction(random.randint(1, 9), 10) for key in range(40)}
    return Model(
        sizes={"all": 3},
        weights={"outcome": (Fraction(1, 4), Fraction(3, 4))},
        times=3,
        symbols={
            "p": lambda: values[0],
            "x": lambda i: values[1 + i],
            "y": lambda i: values[5 + i] - values[6 + i],
            "F": lambda t, i, j: values[10 + min(i, j) + 3 * max(i, j)] * (t + 1),
            "r": lambda w, i: values[30 + w + 2 * i],
        },
    )


def random_term(random, depth=3):
    """A random term in i, n and what the module names; sums inside."""
    if depth == 0:
        leaves = (term(random.randint(-3, 3)), p, x[i], y[i], power(1 - x[i], lin(n)), F(n)[i, i], term(n), 1 / (2 - x[i]))
        return random.choice(leaves)
    left, right = random_term(random, depth - 1), random_term(random, depth - 1)
    kind = random.randrange(6)
    if kind == 0:
        return total(i, left) + right
    if kind == 1:
        return total(w, left * r[w, i]) * right
    if kind == 2:
        s = below("s", n + 1)
        return total(s, substitute(left, {n: lin(s)})) + right
    if kind == 3:
        return substitute(left, {i: j}) * right if j not in free_variables(left) else left - right
    return left + right if kind == 4 else left * right


def values(found, exact, claim_terms):
    """Values at all small values of the free variables i, j, n."""
    return [
        tuple(exact.value(each, {i: a, j: b, n: c}) for each in claim_terms) for a in range(2) for b in range(2) for c in range(3)
    ]


@full_and_tenth(300)
def test_ring_operations_agree_with_exact_values(size):
    random = Random(5)
    for _ in range(size):
        exact = model(random)
        left, right = random_term(random), random_term(random)
        for a, b, both, product in values(None, exact, (left, right, left + right, left * right)):
            assert both == a + b
            assert product == a * b
        assert left * right == right * left
        assert (left + right) - right == left


@full_and_tenth(300)
def test_zero_test_agrees_with_exact_values(size):
    """A product expanded in two ways is recognised, and a term that is zero by the test is zero in a model."""
    random = Random(6)
    for _ in range(size):
        exact = model(random)
        a, b, c = (random_term(random, 2) for _ in range(3))
        assert is_zero((a + b) * c - a * c - b * c)
        assert is_zero((a + b) / (1 + p) - a / (1 + p) - b / (1 + p))
        if is_zero(a - b):
            assert all(left == right for left, right in values(None, exact, (a, b)))


@full_and_tenth(300)
def test_substitution_agrees_with_exact_values(size):
    random = Random(7)
    for _ in range(size):
        exact = model(random)
        body = random_term(random)
        moved = substitute(body, {n: n + 1, i: j, j: i})
        for a in range(2):
            for b in range(2):
                assert exact.value(moved, {i: a, j: b, n: 1}) == exact.value(body, {i: b, j: a, n: 2})


def test_normal_forms_do_not_depend_on_names():
    k = direction("k")
    assert total(i, total(j, x[i] * F(n)[i, j])) == total(k, total(i, x[k] * F(n)[i, k]))
    assert hash(total(i, x[i])) == hash(total(k, x[k]))


def test_a_sum_does_not_capture_a_free_index():
    """sum_i x_i times x_i is not sum_i x_i^2."""
    assert total(i, x[i]) * x[i] != total(i, x[i] ** 2)
    inner = total(j, x[j] * y[i])
    assert substitute(inner, {i: j}) == y[j] * total(i, x[i])


@pytest.mark.parametrize("limit", [0, 1, 2, 5])
def test_sums_with_numbers_as_limits_are_expanded(limit):
    s = below("s", limit)
    assert total(s, power(1 - x[i], lin(s))) == sum((power(1 - x[i], lin(t)) for t in range(limit)), term(0))


def test_ranges_that_depend_on_other_variables_peel():
    t = below("t", n + 1)
    s, t_n = below("s", t), below("t", n)
    last, inner = below("s", n), below("s", t_n)
    left = total(t, total(s, power(1 - x[i], t - s)))
    assert left == total(t_n, total(inner, power(1 - x[i], t_n - inner))) + total(last, power(1 - x[i], n - last))


def test_at_least_uses_the_ranges():
    s = below("s", n + 1)
    assert at_least(n - s)
    assert not at_least(n - s, 1)
    assert at_least(n - below("s", n), 1)
    assert not at_least(n - m)


def test_forbidden():
    with pytest.raises(ProofError):
        total(natural("t"), x[i])
    with pytest.raises(ProofError):
        power(x[i] - x[i], lin(-1))
    with pytest.raises(ProofError):
        substitute(x[i], {i: n + 1})


# ---------------------------------------------------------------- SymPy

READ = Reader({symbols.N: n + 1, symbols.contraction: lambda k: x[k]})


@pytest.mark.parametrize("block", blocks.BLOCKS, ids=lambda block: block.__name__)
def test_blocks_are_read_by_their_definition(block):
    expression = block(symbols.contraction[symbols.i], symbols.N)
    for value in (Fraction(1, 3), Fraction(1), Fraction(1, 7)):
        exact = Model(sizes={"all": 1}, symbols={"x": lambda i, value=value: value})
        for steps in range(3):
            wanted = block.definition(sp.Rational(value), sp.Integer(steps + 1))
            assert exact.value(READ(expression), {i: 0, n: steps}) == Fraction(int(wanted.p), int(wanted.q))


@full_and_tenth(200)
def test_to_sympy_and_back(size):
    """What is written for reading is the same term when it is read."""
    random = Random(8)
    read = Reader({sp.Symbol("n", integer=True, nonnegative=True): n})
    for _ in range(size):
        body = x[i] * random.randint(1, 5) + total(i, x[i] ** random.randint(1, 3) / (2 - x[i])) * p ** random.randint(-2, 2)
        body = body * power(1 - x[i], n * random.randint(1, 2) + random.randint(0, 2))
        assert is_zero(read(to_sympy(body)) - body)


def test_what_has_no_term_is_refused():
    for expression in (sp.Float("0.1") * symbols.step, sp.sin(symbols.step), symbols.step ** sp.Rational(1, 3)):
        with pytest.raises(ProofError):
            READ(expression)


def test_a_float_is_never_a_term():
    with pytest.raises(TypeError):
        term(0.1)


def test_a_bound_index_is_shown_under_another_letter_than_a_free_one():
    shown = str(power(1 - x[i], lin(n)) * total(i, x[i]))
    assert "sum_{j}" in shown


def test_equal_terms_have_the_same_text_and_functions_sort_by_it():
    """What a substitution makes of min(p, n + 2) is the same minimum, whatever the order of its arguments and monomials."""
    found = substitute(apply("min", p + x[i], n + 2), {i: j, n: m})
    assert found == apply("min", m + 2, x[j] + p)
    assert str(x[i] + p + n) == str(term(n) + p + x[i])
    moved = substitute(apply("max", term(n), term(m)), {n: m, m: n})
    assert moved == apply("max", term(n), term(m))


def test_numbers_leave_powers():
    """(2 q)^b = 2^b q^b, and whole powers of numbers are numbers."""
    b, two = real("b"), term(2)
    assert (2 * p + 2 * x[i]) ** b == two**b * (p + x[i]) ** b
    assert (Fraction(3, 2) * p) ** (b - 1) == Fraction(2, 3) * term(3) ** b * two ** (b * -1) * p ** (b - 1)
    assert model(Random(0)).value(substitute((3 * p) ** n, {n: lin(2)}), {}) == 9 * model(Random(0)).value(p, {}) ** 2


@pytest.mark.parametrize("name", ["max", "min"])
def test_the_largest_of_one_number_is_that_number(name):
    found = model(Random(0))
    assert found.value(apply(name, p), {}) == found.value(p, {})
