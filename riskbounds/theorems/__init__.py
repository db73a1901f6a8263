"""The registered theorems, in reading order; every row of theory section 9b under its name."""

from __future__ import annotations

import difflib

from riskbounds.errors import ProblemError
from riskbounds.instance import commutes
from riskbounds.setting import Setting
from riskbounds.theorems.lin_2024 import lin_2024
from riskbounds.theorems.moment_bound import moment, moment_step_size
from riskbounds.theorems.p1_corollary_4_1 import p1_corollary_4_1
from riskbounds.theorems.p1_corollary_4_2 import p1_corollary_4_2
from riskbounds.theorems.p1_corollary_4_3 import p1_corollary_4_3
from riskbounds.theorems.p1_theorem_4_1 import p1_theorem_4_1
from riskbounds.theorems.p1_theorem_4_2 import p1_theorem_4_2
from riskbounds.theorems.p2_lemma_5_1 import lemma_5_1
from riskbounds.theorems.p2_lemma_5_2 import lemma_5_2
from riskbounds.theorems.p2_lemma_5_3 import lemma_5_3
from riskbounds.theorems.p2_lemma_5_4 import lemma_5_4
from riskbounds.theorems.p2_theorem_4_1 import theorem_4_1
from riskbounds.theorems.p2_theorem_4_2 import theorem_4_2
from riskbounds.theorems.p2_theorem_4_3 import theorem_4_3
from riskbounds.theorems.p2_theorem_4_4 import theorem_4_4
from riskbounds.theorems.sharp_pair import sharp, sharp_general, sharp_step_size, sharp_storage
from riskbounds.theorems.theorem import Assumption, Hypothesis, Theorem, latex
from riskbounds.theorems.threshold_pair import threshold, threshold_general
from riskbounds.theorems.zou_2023 import zou_2023_lower, zou_2023_upper

THEOREMS: tuple[Theorem, ...] = (
    sharp,
    sharp_general,
    sharp_storage,
    threshold,
    threshold_general,
    moment,
    moment_step_size,
    sharp_step_size,
    lemma_5_1,
    lemma_5_2,
    lemma_5_3,
    lemma_5_4,
    theorem_4_1,
    theorem_4_2,
    theorem_4_3,
    theorem_4_4,
    p1_theorem_4_1,
    p1_corollary_4_1,
    p1_theorem_4_2,
    p1_corollary_4_2,
    p1_corollary_4_3,
    zou_2023_upper,
    zou_2023_lower,
    lin_2024,
)

__all__ = ["THEOREMS", "Assumption", "Hypothesis", "Theorem", "default_theorem", "latex", "theorem_named"]


def theorem_named(name: str) -> Theorem:
    """The registered theorem of that name; raises ProblemError that names the nearest."""
    for theorem in THEOREMS:
        if theorem.name == name:
            return theorem
    names = [theorem.name for theorem in THEOREMS]
    near = difflib.get_close_matches(name, names, n=1)
    raise ProblemError(f"unknown theorem {name!r}; " + (f"did you mean {near[0]}?" if near else f"known: {', '.join(names)}"))


def default_theorem(setting: Setting) -> Theorem:
    """sharp, or the member of its family that covers the setting: storage, not commuting, measured data."""
    if setting.is_data:
        return moment
    if "storage" in setting.quantization.levels():
        return sharp_storage
    return sharp if commutes(setting) else sharp_general
