"""Derivations: one file per theorem, each step of a proof with its justification; ``riskbounds verify`` checks them."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from riskbounds.proofs import Derivation

#: Schemes that laws exist of.
SCHEMES = ("full-precision", "multiplicative", "additive", "elementwise")


def _floored(name: str) -> tuple[str, ...]:
    """Derivations about each side of the laws with a floor."""
    return tuple(f"{name}-{scheme}-{side}" for scheme in ("additive", "elementwise") for side in ("upper", "lower", "exact"))


#: Derivation -> the file that holds it and its name there (or a function of the derivation's name), in reading order.
PLACES: dict[str, tuple[str, str]] = {
    "sharp": ("sharp", "derivation"),
    "sharp-general": ("sharp_general", "derivation"),
    "sharp-storage": ("sharp_storage", "derivation"),
    "threshold": ("threshold", "derivation"),
    "threshold-general": ("threshold_general", "derivation"),
    "moment": ("moment", "derivation"),
    "moment-step-size": ("step_size", "moment"),
    "sharp-step-size": ("step_size", "sharp"),
    "p2-lemma-5.1": ("p2_lemma_5_1", "derivation"),
    "p2-lemma-5.2": ("p2_lemma_5_2", "derivation"),
    "p2-lemma-5.3": ("p2_lemma_5_3_below", "derivation"),
    "p2-lemma-5.4": ("p2_lemma_5_4_below", "derivation"),
    "p2-theorem-4.1": ("p2_theorem_4_1", "derivation"),
    "p2-theorem-4.2": ("p2_theorem_4_2", "derivation"),
    "p2-theorem-4.3": ("p2_theorem_4_3", "derivation"),
    "p2-theorem-4.4": ("p2_theorem_4_4", "derivation"),
    "p1-theorem-4.1": ("p1_theorem_4_1", "derivation"),
    "p1-corollary-4.1": ("p1_corollary_4_1", "derivation"),
    "p1-theorem-4.2": ("p1_theorem_4_2", "derivation"),
    "p1-corollary-4.2": ("p1_corollary_4_2", "derivation"),
    "p1-corollary-4.3": ("p1_corollary_4_3", "derivation"),
    "zou-2023-upper": ("zou_2023", "derivation"),
    "blocks": ("blocks", "derivation"),
    "blocks-below-head": ("blocks_below", "derivation_head"),
    "blocks-below-tail": ("blocks_below", "derivation_tail"),
    "learning": ("learning", "derivation"),
    "threshold-general-upper": ("threshold_general", "above"),
    "threshold-upper": ("threshold", "above"),
    "p2-lemma-5.1-upper": ("p2_lemma_5_1", "above"),
    "p2-lemma-5.2-upper": ("p2_lemma_5_2", "above"),
    "power-law-sum": ("power_law", "powers"),
    "power-law-capped-sum": ("power_law", "capped"),
    "power-law-capped-sum-2a": ("power_law", "capped_twice"),
    "power-law-capped-sum-a": ("power_law", "capped_once"),
    "power-law-capped-sum-floor": ("power_law", "capped_floor"),
    "power-law-sum-2a": ("power_law", "powers_twice"),
    "power-law-peaked-sum": ("power_law", "peaked"),
    "variance-factors": ("factors", "derivation"),
    "p1-corollary-4.3-rule": ("p1_rule", "enough"),
    "p1-corollary-4.3-rule-converse": ("p1_rule", "necessary"),
    "power-law-sum-below": ("power_law_below", "powers_below"),
    "power-law-capped-sum-below": ("power_law_below", "capped_twice_below"),
    "power-law-rising-sum-below": ("power_law_below", "rising_below"),
    "power-law-growing-sum": ("power_law_growing", "powers"),
    "p2-lemma-5.3-upper": ("p2_lemma_5_3", "above"),
    "power-law-energies": ("energies", "derivation"),
    "power-law-capped-sum-floor-low": ("floor_dimension", "capped_low"),
    "power-law-capped-sum-floor-high": ("floor_dimension", "capped_high"),
    "floor-dimension": ("floor_dimension", "derivation"),
    "p2-lemma-5.4-upper": ("p2_lemma_5_4_upper", "above"),
    "first-directions": ("first_directions", "derivation"),
    "p2-lemma-5.4-commuting": ("floor_commuting", "commuting"),
    "p2-lemma-5.4-lower": ("p2_lemma_5_4_below", "below_side"),
    "p2-lemma-5.3-lower": ("p2_lemma_5_3_below", "below_side"),
    "noise-additive": ("noise_additive", "noise_additive"),
    "noise-dither": ("noise_dither", "noise_dither"),
    "noise-elementwise": ("noise_elementwise", "noise_elementwise"),
    "noise-multiplicative": ("noise_multiplicative", "noise_multiplicative"),
    "noise-moment": ("noise_moment", "noise_moment"),
    "noise-scales": ("noise_scales", "derivation"),
    "noise-squares": ("noise_squares", "noise_squares"),
    **dict.fromkeys(
        (
            *("noise-update-exact", "noise-update-additive", "noise-update-multiplicative", "noise-update-shared"),
            *("noise-update-elementwise", "noise-update-sketched", "noise-update-uncentred"),
            *("noise-layers", "noise-generic-additive-elementwise", "noise-generic-entrywise", "noise-generic-three-layers"),
            *("exact-recursion-additive", "exact-recursion-elementwise", "exact-recursion-multiplicative"),
            *("exact-pairs-exact", "exact-pairs-additive", "exact-pairs-multiplicative", "exact-pairs-shared"),
        ),
        ("noise_cases", "case"),
    ),
    **dict.fromkeys(
        (f"paper-alpha-{case}" for case in ("exact", "additive", "multiplicative", "shared", "elementwise", "sketched")),
        ("paper_alpha", "derivation"),
    ),
    **dict.fromkeys(
        (f"moment-alpha-{case}" for case in ("exact", "additive", "multiplicative", "shared", "elementwise", "sketched")),
        ("paper_alpha", "centred"),
    ),
    "exact-average": ("exact_recursion", "average"),
    "law-decay": ("law_profiles", "decays"),
    "law-average": ("law_profiles", "averages"),
    "law-profiles": ("law_profiles", "profiles"),
    "law-distances": ("law_profiles", "distances"),
    "law-powers": ("law_sums", "powers"),
    "law-squares": ("law_sums", "squares"),
    "law-averages": ("law_averages", "derivation"),
    "law-floor": ("law_floor", "derivation"),
    **dict.fromkeys(("law-full-precision", "law-multiplicative", "law-elementwise", "law-additive"), ("laws", "derivation")),
    **dict.fromkeys(
        ("law-orders-full-precision", "law-orders-multiplicative", "law-orders-elementwise", "law-orders-additive"),
        ("law_orders", "derivation"),
    ),
    "law-exact-risk": ("exact_risk", "derivation"),
    "law-exact-noise": ("exact_noise_sums", "derivation"),
    "law-exact-sides": ("exact_sides", "derivation"),
    **dict.fromkeys(
        (f"law-exact-steps-{scheme}" for scheme in ("full-precision", "multiplicative", "additive", "elementwise")),
        ("exact_steps", "derivation"),
    ),
    "law-exact-floor": ("exact_laws", "floor_shares"),
    **dict.fromkeys(
        (f"law-exact-{scheme}" for scheme in ("full-precision", "multiplicative", "additive", "elementwise")),
        ("exact_laws", "derivation"),
    ),
    **dict.fromkeys((f"law-kappa-{scheme}" for scheme in SCHEMES), ("law_kappa", "derivation")),
    **dict.fromkeys(
        (f"law-noise-{scheme}-{side}" for scheme in SCHEMES for side in ("upper", "lower")), ("law_noise", "derivation")
    ),
    **dict.fromkeys((f"law-noise-{scheme}-exact" for scheme in SCHEMES), ("law_stationary", "derivation")),
    **dict.fromkeys(
        (
            f"law-source-{strip}-{scheme}"
            for scheme in ("full-precision", "multiplicative")
            for strip in ("rough", "smooth", "saturated")
        ),
        ("law_source", "derivation"),
    ),
    **dict.fromkeys(
        (
            f"law-exact-source-{strip}-{scheme}"
            for scheme in ("full-precision", "multiplicative")
            for strip in ("rough", "smooth", "saturated")
        ),
        ("exact_laws", "of_source"),
    ),
    **dict.fromkeys(
        ("law-N_eff-upper", "law-N_eff-lower", "law-N_eff-exact", *_floored("law-N_eff")), ("law_sizes", "data_size")
    ),
    **dict.fromkeys(_floored("law-N_eff-past-floor"), ("law_sizes", "data_size_past_floor")),
    "law-learned-sides": ("learned_sides", "derivation"),
    **dict.fromkeys(
        ("law-learned-full-precision", "law-learned-multiplicative", "law-learned-additive", "law-learned-elementwise"),
        ("law_learned", "derivation"),
    ),
    **dict.fromkeys(
        (f"law-exact-learned-{scheme}" for scheme in ("full-precision", "multiplicative", "additive", "elementwise")),
        ("exact_learned", "derivation"),
    ),
    **dict.fromkeys(
        ("law-sum-r", "law-sum-a-plus-r", "law-sum-a-minus-r", "law-sum-minus-r"), ("source_power_sums", "derivation")
    ),
    **dict.fromkeys(
        (
            f"law-learned-source-{place}-{scheme}"
            for scheme in ("full-precision", "multiplicative")
            for place in ("below-a", "above-a", "below-2a", "above-2a", "saturated")
        ),
        ("law_learned_source", "derivation"),
    ),
    **dict.fromkeys(
        (f"law-learned-orders-{scheme}" for scheme in ("full-precision", "multiplicative", "additive", "elementwise")),
        ("learned_orders", "derivation"),
    ),
    **dict.fromkeys(
        ("law-N_eff-source-upper", "law-N_eff-source-lower", "law-N_eff-source-exact"), ("law_source_sizes", "derivation")
    ),
    **dict.fromkeys(("law-noise-source-upper", "law-noise-source-lower"), ("law_source_noise", "derivation")),
    "law-M_eff": ("law_sizes", "model_size"),
    "law-share-profiles": ("law_shares", "profiles"),
    "law-shares": ("law_shares", "sums"),
    **dict.fromkeys(("law-shrinkage-additive", "law-shrinkage-elementwise"), ("law_shrinkage", "derivation")),
    **dict.fromkeys(("law-past-floor-additive", "law-past-floor-elementwise"), ("law_past_floor", "derivation")),
    "law-whole-weight": ("exact_past_floor", "whole"),
    **dict.fromkeys(("law-exact-past-floor-additive", "law-exact-past-floor-elementwise"), ("exact_past_floor", "derivation")),
    "law-model": ("law_model", "derivation"),
    "law-remain-profiles": ("law_remains", "profiles"),
    "law-remains-rough": ("law_remains", "rough"),
    "law-remains-smooth": ("law_remains", "smooth"),
    **dict.fromkeys(
        (
            f"law-source-past-floor-{scheme}-{strip}"
            for scheme in ("additive", "elementwise")
            for strip in ("rough", "smooth", "saturated")
        ),
        ("law_source_floor", "derivation"),
    ),
    "law-model-source-rough": ("law_model_source", "rough_targets"),
    "law-model-source-saturated": ("law_model_source", "saturated_targets"),
}


@cache
def load(name: str) -> Derivation:
    """The derivation of that name."""
    file, attribute = PLACES[name]
    found = getattr(import_module(f"riskbounds.derivations.{file}"), attribute)
    derivation: Derivation = found(name) if callable(found) else found
    return derivation
