"""The step by which ||a + b||^2 <= (||a|| + ||b||)^2 enters: <a, b> <= sqrt(||a||^2 bound) sqrt(||b||^2), from Cauchy-Schwarz."""

from __future__ import annotations

from riskbounds.proofs import Algebra, Cases, Certificate, Known, Step, Term, eq, le, positive, use
from riskbounds.proofs.functions import apply


def root(shrinkage: Term, bias: Term) -> Term:
    """sqrt(s) sqrt(bias)."""
    return apply("sqrt", shrinkage) * apply("sqrt", bias)


def below_root(cross: Term, shrinkage: Term, bias: Term, distance: Certificate) -> tuple[Step, ...]:
    """cross <= sqrt(s bias) from the steps "Cauchy-Schwarz" (cross^2 <= energy s) and "energy" (energy <= bias).

    ``distance`` shows s >= 0.
    """
    bound = root(shrinkage, bias)
    return (
        Step(id="root of s", claim=eq(apply("sqrt", shrinkage) ** 2, shrinkage), rule=Known("sqrt", (shrinkage,), distance)),
        Step(id="root of bias", claim=eq(apply("sqrt", bias) ** 2, bias), rule=Known("sqrt", (bias,), positive(bias))),
        Step(
            id="square of the cross term",
            claim=le(cross**2, bound**2),
            rule=Algebra(
                use("Cauchy-Schwarz")
                + distance * use("energy")
                - apply("sqrt", bias) ** 2 * use("root of s")
                - shrinkage * use("root of bias")
            ),
        ),
        Step(
            id="cross term",
            claim=le(cross, bound),
            rule=Cases(
                cross,
                bound,
                if_le=use("case"),
                if_gt=1 / (cross - bound) * use("square of the cross term") + positive(2 * bound),
            ),
            note="if cross > root, divide cross^2 <= root^2 by cross - root",
        ),
    )
