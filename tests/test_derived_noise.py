"""The noise of the laws is derived: V, U, feedback and kappa end in the registered constants and fail when one of them moves."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sympy as sp
from riskbounds.derivations import SCHEMES, law_kappa, law_noise, law_stationary, load

from riskbounds import exact_risk
from riskbounds import symbols as s
from riskbounds.asymptotics.law_setting import law_setting
from riskbounds.asymptotics.law_values import in_force, number
from riskbounds.asymptotics.laws import law
from riskbounds.asymptotics.stationary_noise import stationary_noise
from riskbounds.proofs import check
from tests.law_cases import quantization, setting, values_of
from tests.moved_laws import FACTOR

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


# ------------------------------------------------------------------ the exact side


@pytest.mark.parametrize("scheme", SCHEMES)
def test_another_exact_noise_level_is_refused(scheme, monkeypatch):
    for symbol, steps in (
        (s.gradient_noise, {"V", "noise"}), (s.feedback, {"feedback", "V", "noise"}), (s.kappa, {"kappa"}),
        (s.first_noise, {"omega"}), (s.shared_noise, {"U"}),
    ):  # fmt: skip
        if symbol in law(scheme, "exact").definitions:
            monkeypatch.setattr(law_stationary, "law", lambda *names, symbol=symbol: with_definition(law(*names), symbol))
            found = refused(law_stationary.derivation(f"law-noise-{scheme}-exact"))
            assert found == steps, symbol


@pytest.mark.parametrize("scheme", SCHEMES)
def test_another_stationary_coefficient_is_refused(scheme, monkeypatch):
    """c_0, c_1, s, t and z times 1.01: the recursion has no such stationary point."""
    found = stationary_noise(law_setting(scheme))
    for name in ("constant", "feedback", "own", "target", "rough"):
        if getattr(found, name) != 0:
            moved = replace(found, **{name: FACTOR * getattr(found, name)})
            monkeypatch.setattr(law_stationary, "stationary_noise", lambda _, moved=moved: moved)
            assert "fixed point" in refused(law_stationary.derivation(f"law-noise-{scheme}-exact")), name


def risk(steps, size, levels, **keys):
    """The exact risk at a = 2 of additive levels."""
    (found,) = exact_risk(setting("2", size, steps, quantization=quantization("additive", levels), **keys))
    return found.value


def law_part(name, slots, values):
    """The terms of the additive exact law whose name holds a word."""
    terms = law("additive", "exact", slots=slots).terms
    return sum(number(term.expression, values) for term in terms if name in term.name and in_force(term, values))


def test_directions_that_are_not_learned_feed_nothing_back(tell):
    """M e = 6 makes the load 0.39 at stationarity, 0.09 in the directions that N steps learn: N step e = 0.06."""
    levels, size, steps = {"feature": "0.00003"}, 200_000, 20_000
    exact = risk(steps, size, levels, noise_variance=1) - risk(steps, size, levels, noise_variance=0)
    found = law_part("label noise", ("feature",), values_of("2", size, steps, 1, levels) | {"sigma": 1.0})
    tell(f"label noise with a floor that has not acted: {found / exact - 1:.1e}")
    assert found == pytest.approx(exact, rel=0.03)


def test_stored_weights_feed_the_noise_past_the_floor(tell):
    """M e step/2 = 0.4: what storage adds to tr(Sigma Cov v) drives as much noise as the store term itself is."""
    size, steps, levels = 4000, 10**7, {"feature": "0.002", "storage": "0.0001"}
    exact = risk(steps, size, levels) - risk(steps, size, {"feature": "0.002"})
    found = law_part("storage", ("feature", "storage"), values_of("2", size, steps, 1, levels))
    tell(f"storage past the floor: {found / exact - 1:.1e}")
    assert found == pytest.approx(exact, rel=0.03)
