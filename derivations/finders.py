"""Finders of certificates: they search, outside the checker, and return expressions that the checker verifies as identities.

Bernstein coefficients prove that a polynomial in up to three numbers is non-negative on a box; an exact LDL^T of a Gram matrix
writes a polynomial as a sum of squares.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import product
from math import comb
from typing import NamedTuple

from riskbounds.errors import ProofError
from riskbounds.proofs import Certificate, Term, positive, square, term
from riskbounds.terms.polynomial import single

Coefficients = dict[tuple[int, ...], Fraction]


class Side(NamedTuple):
    """A number of a box: its ends, and certificates (of kind non-negative) of number - low and high - number."""

    number: Term
    low: Fraction
    high: Fraction
    above: Certificate
    below: Certificate


def bernstein(body: Term, box: Sequence[Side], degree: int | None = None) -> Certificate:
    """A certificate of 0 <= body on the box: non-negative Bernstein coefficients of that degree in every number.

    Parameters
    ----------
    body: a polynomial in the box's numbers.
    degree: by default the polynomial's own; higher ones prove more.

    Raises
    ------
    ProofError: body is no polynomial in these numbers, or a coefficient is negative (naming the least one).
    """
    powers = polynomial(body, [side.number for side in box])
    own = max((max(e) for e in powers), default=0)
    d = max(own, degree or 0)
    found = powers
    for axis, side in enumerate(box):
        found = _on_axis(found, axis, side, d)
    worst = min(found.values(), default=Fraction(0))
    if worst < 0:
        raise ProofError(f"a Bernstein coefficient of degree {d} is {worst}: try a higher degree or a smaller box")
    total: Certificate = positive(0)
    for exponents, value in found.items():
        part: Certificate = positive(value)
        for e, side in zip(exponents, box, strict=True):
            part = part * (Fraction(comb(d, e)) / (side.high - side.low) ** d)
            for factor in (*[side.above] * e, *[side.below] * (d - e)):
                part = part * factor
        total = total + part
    return total


def polynomial(body: Term, numbers: Sequence[Term]) -> Coefficients:
    """The coefficients of a polynomial by the exponents of the numbers; raises ProofError for other terms."""
    place = {single(number): axis for axis, number in enumerate(numbers)}
    found: Coefficients = {}
    for monomial, c in body.monomials.items():
        exponents = [0] * len(numbers)
        for f, e in monomial.factors:
            if f not in place or monomial.bound or e.parts or e.constant.denominator != 1 or e.constant < 0:
                raise ProofError(f"{body} is not a polynomial in {', '.join(map(str, numbers))}")
            exponents[place[f]] = int(e.constant)
        found[tuple(exponents)] = Fraction(c)
    return found


def _on_axis(powers: Coefficients, axis: int, side: Side, d: int) -> Coefficients:
    """Powers of one number as Bernstein polynomials of degree d on its interval."""
    width, found = side.high - side.low, Coefficients()
    for exponents, c in powers.items():
        e = exponents[axis]
        # (low + width s)^e = sum_j C(e, j) low^(e-j) width^j s^j, and s^j = sum_{k >= j} C(k, j)/C(d, j) B_k
        for j in range(e + 1):
            power = c * comb(e, j) * side.low ** (e - j) * width**j
            for k in range(j, d + 1):
                key = (*exponents[:axis], k, *exponents[axis + 1 :])
                found[key] = found.get(key, Fraction(0)) + power * Fraction(comb(k, j), comb(d, j))
    return found


def squares(gram: Sequence[Sequence[Fraction | int]], basis: Sequence[Term]) -> Certificate:
    """A certificate of 0 <= sum_ij gram_ij basis_i basis_j: the exact LDL^T of the Gram matrix, as a sum of squares.

    Raises
    ------
    ProofError: the matrix is not symmetric, or not positive semidefinite (naming the pivot).
    """
    size = len(basis)
    rest = [[Fraction(value) for value in row] for row in gram]
    if any(rest[i][j] != rest[j][i] for i, j in product(range(size), repeat=2)):
        raise ProofError("the Gram matrix is not symmetric")
    total: Certificate = positive(0)
    for k in range(size):
        pivot = rest[k][k]
        if pivot < 0 or (pivot == 0 and any(rest[k])):
            raise ProofError(f"the Gram matrix is not positive semidefinite: pivot {k + 1} is {pivot}")
        if pivot == 0:
            continue
        row = [value / pivot for value in rest[k]]
        total = total + pivot * square(sum((row[j] * basis[j] for j in range(size)), term(0)))
        rest = [[rest[i][j] - pivot * row[i] * row[j] for j in range(size)] for i in range(size)]
    return total
