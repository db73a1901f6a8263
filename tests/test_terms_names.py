"""Bound variables of terms never capture free ones: in powers and functions under sums, and in replaced symbols."""

from riskbounds.proofs import Symbol, direction, eq, total
from riskbounds.terms.claims import instance

i, j, k = (direction(name) for name in "ijk")
x, a, f = Symbol("x"), Symbol("a", "+"), Symbol("f")


def test_an_inverse_sum_keeps_the_index_of_the_sum_around_it() -> None:
    rows, columns = total(i, x[i] / total(j, a[i, j])), total(i, x[i] / total(j, a[j, i]))
    assert rows != columns
    assert rows == total(k, x[k] / total(i, a[k, i]))


def test_a_replaced_symbol_keeps_its_index() -> None:
    claim = instance(eq(total(i, x[i] * f[i]), 0), {}, {"f": ((k,), total(i, a[k, i]))})
    assert claim.left == total(i, total(j, x[i] * a[i, j]))
    assert claim.left != total(i, total(j, x[i] * a[j, i]))
    assert claim.left != total(i, total(j, x[j] * a[i, i]))


def test_a_symbol_replaced_inside_an_inverse_sum_keeps_its_index() -> None:
    claim = instance(eq(total(i, x[i] / total(j, a[i, j] * f[j])), 0), {}, {"f": ((k,), total(i, a[k, i]))})
    assert claim.left == total(i, x[i] / total(j, total(k, a[i, j] * a[j, k])))
