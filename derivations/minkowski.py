"""The step by which ||a + b||^2 <= (||a|| + ||b||)^2 enters: <a, b> <= sqrt(||a||^2 bound) sqrt(||b||^2), from Cauchy-Schwarz."""

from __future__ import annotations

from riskbounds.proofs import Cases, Certificate, Known, Step, Term, eq, le, positive, use
from riskbounds.terms.functions import apply


def root(shrinkage: Term, bias: Term) -> Term:
    """sqrt(s) sqrt(bias)."""
    return apply("sqrt", shrinkage) * apply("sqrt", bias)


def below_root(cross: Term, shrinkage: Term, bias: Term, distance: Certificate) -> tuple[Step, ...]:
    """cross <= sqrt(s bias) from the steps "Cauchy-Schwarz" (cross^2 <= energy s) and "energy" (energy <= bias).

    ``distance`` shows s >= 0.
    """
    bound = root(shrinkage, bias)
    return (
        square_of_root("root of s", shrinkage, distance),
        square_of_root("root of bias", bias, positive(bias)),
        smaller_square(
            "cross term",
            cross,
            bound,
            use("Cauchy-Schwarz")
            + distance * use("energy")
            - apply("sqrt", bias) ** 2 * use("root of s")
            - shrinkage * use("root of bias"),
            positive(bound),
        ),
    )


def smaller_square(name: str, low: Term, high: Term, squares: Certificate, sign: Certificate) -> Step:
    """low <= high, where ``squares`` shows low^2 <= high^2 and ``sign`` that high >= 0."""
    return Step(
        id=name,
        claim=le(low, high),
        rule=Cases(low, high, if_le=use("case"), if_gt=1 / (low - high) * squares + 2 * sign),
        note="if left > right >= 0, divide left^2 <= right^2 by left - right",
    )


def square_of_root(name: str, body: Term, sign: Certificate) -> Step:
    """sqrt(body)^2 = body, where ``sign`` shows body >= 0."""
    return Step(id=name, claim=eq(apply("sqrt", body) ** 2, body), rule=Known("sqrt", (body,), sign))
