"""How far simulated means, exact values and bounds agree over the rows of a table."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from riskbounds.experiments.cases import Table
from riskbounds.plots.series import STANDARD_ERRORS


def agreement(table: Table) -> dict[str, Any]:
    """The checks of every figure, as numbers; null where there is nothing to compare.

    A mean is inside the band up to 4 standard errors: the band is often far narrower than any simulation can resolve.
    """
    lower, exact, upper, mean, stderr = (table.column(name) for name in ("lower", "exact", "upper", "mean", "stderr"))
    away = np.abs(mean - exact) / stderr
    inside = (mean + STANDARD_ERRORS * stderr >= lower) & (mean - STANDARD_ERRORS * stderr <= upper)
    both = np.isfinite(lower) & np.isfinite(upper)
    return {
        "points": len(table.rows),
        "simulated_points": int(np.isfinite(mean).sum()),
        "largest_deviation_in_standard_errors": _largest(away),
        "largest_relative_standard_error": _largest(stderr / np.where(np.isfinite(exact), exact, mean)),
        "largest_upper_over_lower": _largest(upper / lower),
        "exact_outside_band": int(((exact < lower * (1 - 1e-10)) | (exact > upper * (1 + 1e-10))).sum()),
        "means_off_the_band_by_4_standard_errors": int((both & np.isfinite(mean) & ~inside).sum()),
        "means_strictly_inside_band": int((both & (mean >= lower) & (mean <= upper)).sum()),
        "verdicts": dict(Counter(row.verdict for row in table.rows if row.verdict)),
    }


def brief(found: dict[str, Any]) -> str:
    """The same in one line."""
    away, rough = found["largest_deviation_in_standard_errors"], found["largest_relative_standard_error"]
    if away is None or rough is None:
        return "nothing simulated beside an exact value"
    return (
        f"simulated within {away:.1f} standard errors of exact, the largest of them {100 * rough:.1f} %; "
        f"{found['exact_outside_band']} exact values and {found['means_off_the_band_by_4_standard_errors']} means off the band"
    )


def _largest(values: Any) -> float | None:
    good = values[np.isfinite(values)]
    return float(good.max()) if good.size else None
