"""The registered theorems in one tuple, in reading order; importing it builds all of them."""

from __future__ import annotations

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
from riskbounds.theorems.theorem import Theorem
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
