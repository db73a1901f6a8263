"""The product of two variables of bounded kurtosis: what turns the layers' kurtosis into the generic row."""

from __future__ import annotations

from riskbounds.derivations.noise_layers import everywhere, expect

from riskbounds.proofs import Algebra, Assumption, Derivation, Root, Step, Symbol, Var, le, positive, square, term, use

A, B = Symbol("first_form"), Symbol("second_form")
KURTOSIS = Symbol("kurtosis", "+")
C = KURTOSIS.term


def noise_product(outcomes: tuple[Var, ...]) -> Derivation:
    """E A^2 B^2 <= C E A^2 E B^2 for two variables of kurtosis at most C."""
    a, b = A[outcomes], B[outcomes]
    first, second, both = expect(outcomes, a**2), expect(outcomes, b**2), expect(outcomes, a**2 * b**2)
    fourths = expect(outcomes, a**4), expect(outcomes, b**4)
    copies = {o: Var(o.name + "*", o.range) for o in outcomes}
    other = tuple(copies.values())
    determinant = a**2 * B[other] ** 2 - A[other] ** 2 * b**2
    steps = (
        Step(id="first", claim=le(fourths[0], C * first**2), rule=Assumption("hypothesis", "kurtosis at most C")),
        Step(id="second", claim=le(fourths[1], C * second**2), rule=Assumption("hypothesis", "kurtosis at most C")),
        Step(
            id="Cauchy-Schwarz",
            claim=le(both**2, fourths[0] * fourths[1]),
            rule=Algebra(positive(term(1) / 2) * everywhere((*outcomes, *other), square(determinant))),
        ),
        Step(
            id="product",
            claim=le(both, C * first * second),
            rule=Root(
                use("Cauchy-Schwarz")
                + use("first") * positive(C) * square(second)
                + everywhere(outcomes, square(a**2)) * use("second"),
                positive(C) * everywhere(outcomes, square(a)) * everywhere(outcomes, square(b)),
            ),
        ),
    )
    return Derivation(
        name="noise-product",
        theorem="noise constants: layers",
        title="Product of two variables of bounded kurtosis",
        steps=steps,
        conclusions={"product": "product"},
    )
