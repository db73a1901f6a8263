"""The noise of the laws is derived: V, U, feedback and kappa end in the registered constants and fail when one of them moves."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sympy as sp
from riskbounds.derivations import SCHEMES, law_kappa, law_noise, load

from riskbounds import symbols as s
from riskbounds.asymptotics.laws import law
from riskbounds.proofs import check

FACTOR = sp.Rational(101, 100)
SIDES = ("upper", "lower")


def with_definition(found, symbol):
    """The law with one of its definitions times 1.01."""
    return replace(found, definitions={**found.definitions, symbol: FACTOR * found.definitions[symbol]})


def refused(derivation):
    """The steps that are not proved."""
    return {result.step.id for result in check(derivation).steps if result.verdict.status in ("refused", "refuted")}


@pytest.mark.parametrize("scheme", SCHEMES)
def test_another_kappa_is_refused(scheme, monkeypatch):
    monkeypatch.setattr(law_kappa, "law", lambda *names: with_definition(law(*names), s.kappa))
    assert refused(law_kappa.derivation(f"law-kappa-{scheme}")) == {"below", "above"}


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("scheme", SCHEMES)
def test_another_noise_level_is_refused(scheme, side, monkeypatch):
    """V carries phi, and so does the feedback."""
    for symbol, steps in (
        (s.gradient_noise, {"V", "phi"}), (s.feedback, {"feedback", "phi"}), (s.shared_noise, {"U, from below", "U, from above"}),
    ):  # fmt: skip
        if symbol in law(scheme, side).definitions:
            monkeypatch.setattr(law_noise, "law", lambda *names, symbol=symbol: with_definition(law(*names), symbol))
            derivation = law_noise.derivation(f"law-noise-{scheme}-{side}")
            assert refused(derivation) == steps & set(derivation.conclusions)


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("scheme", SCHEMES)
def test_another_noise_constant_is_refused(scheme, side, monkeypatch):
    """A or Alow of the registered row times 1.01."""
    name = "A" if side == "upper" else "Alow"

    def moved(self):
        noise = self.setting.noise
        return replace(noise, **{name: FACTOR * getattr(noise, name)})

    monkeypatch.setattr(law_noise.Levels, "noise", property(moved))
    assert "V" in refused(law_noise.derivation(f"law-noise-{scheme}-{side}"))


@pytest.mark.parametrize("scheme", SCHEMES)
def test_what_the_noise_claims(scheme):
    """One claim each; the additive scheme alone has A_i that rise, and storage."""
    upper = {"V", "feedback", "phi"} | ({"U, from below", "U, from above"} if scheme == "additive" else set())
    assert set(load(f"law-noise-{scheme}-upper").conclusions) == upper
    assert set(load(f"law-noise-{scheme}-lower").conclusions) == {"V"}


def test_features_add_to_the_noise_of_an_elementwise_law():
    """sigma_q^2 - sigma_M^2 holds the share of the growth, (1 - 1/g) ||v*||^2, which A holds C = 81 times."""
    found = law("elementwise", "upper")
    pieces = {piece.name: piece.size for piece in found.noise[s.gradient_noise]}
    energy = s.c * sp.zeta(s.a)
    assert sp.simplify(pieces["features"] - 81 * energy * (s.growth - 1) / (s.growth * s.B)) == 0
