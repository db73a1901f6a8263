"""Laws of source targets have derivations: they end in the registered law and fail when a coefficient or a hypothesis moves."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
import sympy as sp
from riskbounds.derivations import law_learned_source, law_reading, law_source, law_source_noise, law_source_sizes, load
from riskbounds.derivations.law_profiles import distances
from riskbounds.derivations.law_reading import NUMBERED, b, i, rank, reach, x
from riskbounds.derivations.law_source import STRIPS, TAIL, Strip
from riskbounds.derivations.power_law import A_LAW, a

from riskbounds import symbols as s
from riskbounds.asymptotics.data_term import LEARNING
from riskbounds.asymptotics.laws import law
from riskbounds.proofs import (
    Assumption,
    Definition,
    Derivation,
    Step,
    Symbol,
    Weighted,
    check,
    eq,
    le,
    lin,
    lt,
    power,
    term,
    total,
)
from riskbounds.terms.exponentials import TAU, decay, exponentials
from tests.moved_laws import FACTOR, verdicts, with_part

SCHEMES = ("full-precision", "multiplicative")
ENDS = [f"{side}, from {end}" for side in ("upper", "lower") for end in ("above", "below")]
CASES = [(strip, scheme) for strip in STRIPS for scheme in SCHEMES]


# ------------------------------------------------------------------ the last line is the law


@pytest.mark.parametrize(("strip", "scheme"), CASES)
def test_a_law_coefficient_times_1_01_is_refused(strip, scheme, monkeypatch):
    name = f"law-source-{strip}-{scheme}"
    kept = load(name)
    for moved in ("bias", "cross", "shrinkage", "variance"):
        if scheme == "full-precision" and moved in ("cross", "shrinkage"):
            continue
        monkeypatch.setattr(law_reading, "law", lambda *names, moved=moved, **options: with_part(law(*names, **options), moved))
        other = law_source.derivation(name)
        assert all(other.step(end).claim != kept.step(end).claim for end in ENDS), moved
        found = verdicts(other)
        assert [found[end] for end in ENDS] == ["refused"] * 4, moved


@pytest.mark.parametrize("place", law_learned_source.PLACES)
@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_learned_law_coefficient_times_1_01_is_refused(scheme, place, monkeypatch):
    name = f"law-learned-source-{place}-{scheme}"
    kept = load(name)
    for moved in ("bias", "variance") if scheme == "full-precision" else ("bias", "cross", "shrinkage", "variance"):
        monkeypatch.setattr(law_reading, "law", lambda *names, moved=moved, **options: with_part(law(*names, **options), moved))
        other = law_learned_source.derivation(name)
        assert all(other.step(end).claim != kept.step(end).claim for end in ENDS), moved
        found = verdicts(other)
        assert [found[end] for end in ENDS] == ["refused"] * 4, moved


@pytest.mark.parametrize("place", law_learned_source.PLACES)
def test_a_place_reads_the_terms_in_force_there(place):
    """a = 2: the exponents of M in bias and cross term, or zeta where they saturate."""
    found = law("multiplicative", "upper", source=True)
    at = law_learned_source.PLACES[place].at
    short = law_reading.law_terms(found, "learned", {s.a: sp.Integer(2), s.b: sp.Rational(at)})
    for part, times in (("bias", 2), ("cross", 1)):
        assert short[part].has(sp.zeta) == (at > 2 * times + 1)
        assert short[part].has(s.M) == (at < 2 * times + 1)


@pytest.mark.parametrize(("strip", "scheme"), CASES)
def test_the_terms_read_are_those_in_force_on_the_whole_strip(strip, scheme):
    """The law's conditions in a and b hold for its bias and cross term, and for no other ones, all over the strip."""
    place = STRIPS[strip]
    found = law(scheme, "upper", source=True)
    short = law_reading.law_terms(found, point=place.point)
    for exponent in (sp.Rational(11, 10), sp.Integer(2), sp.Integer(5)):
        for share in (sp.Rational(1, 20), sp.Rational(1, 2), sp.Rational(19, 20)):
            point = {s.a: exponent, s.b: 1 + (place.n + share) * exponent}
            for part in ("bias", "cross"):
                terms = [each for each in found.terms if each.name == f"{part}, {LEARNING}"]
                conditions = {each.short: [w for w in each.short_when if w.free_symbols <= set(point)] for each in terms}
                chosen = [value for value, when in conditions.items() if all(w.subs(point) > 0 for w in when)]
                assert chosen == ([short[part]] if terms else [])


@pytest.mark.parametrize("side", ["upper", "lower", "exact"])
def test_another_f_is_another_data_size(side, monkeypatch):
    name = f"law-N_eff-source-{side}"
    assert check(load(name)).verdict == "proved"
    monkeypatch.setattr(law_source_sizes, "law", changed_factor)
    assert verdicts(law_source_sizes.derivation(name))["same data term"] == "refused"


@pytest.mark.parametrize("side", ["upper", "lower"])
def test_another_noise_level_is_refused(side, monkeypatch):
    name = f"law-noise-source-{side}"
    assert check(load(name)).verdict == "proved"
    monkeypatch.setattr(law_source_noise, "law", changed_level)
    assert check(law_source_noise.derivation(name)).verdict == "refused"


def changed_level(*names, **options):
    found = law(*names, **options)
    moved = {s.gradient_noise: FACTOR * found.definitions[s.gradient_noise]}
    return replace(found, definitions={**found.definitions, **moved})


def changed_factor(*names, **options):
    found = law(*names, **options)
    return replace(found, short_F=FACTOR * found.short_F)


# ------------------------------------------------------------------ the rule refuses what the theorem does not cover


def transfer(claim, at=0, **changes):
    """A derivation with one transfer of the averaged distance, and its verdict."""
    fields = {
        "profile": distances, "summand": (1 - decay()) / TAU, "rising": "distance falls faster", "slope": "distance <= 1/t",
        "positive": "0 < distance", "bounded": "distance <= 1", "scale": "N x", "exponent": "a > 1", "reach": reach, "a": a,
        "b": b, "strip": ("strip", "strip ends"),
    }  # fmt: skip
    scale = changes.pop("scaled", eq(x[i], power(reach, lin(a)) * rank(i)))
    step = Step(id="claim", claim=claim, rule=Weighted(**{**fields, **changes}))
    steps = (A_LAW, Step(id="N x", claim=scale, rule=Assumption("hypothesis", "power law")), *Strip("", at).steps, step)
    return verdicts(Derivation(name="t", theorem="", title="", steps=steps, conclusions={"claim": "claim"}))["claim"]


def parts(f, j):
    """Integral, edge, and what the first directions and those beyond M leave."""
    far, weight = power(reach, lin(a) * -j), power(reach, 1 - lin(b)) / term(a)
    edge = power(reach, lin(b) * -1) + far
    return weight * exponentials(f).mellin(a, b), edge, far / (j * term(a) + 1 - term(b)) + TAIL


F = (1 - decay()) / TAU
DISTANCE = total(i, rank(i, b) * (1 - decay(x[i])) / x[i])
INTEGRAL, EDGE, REST = parts(F, 1)
SQUARED = {
    "summand": F**2, "rising": "distance^2 falls faster", "slope": "distance^2 <= 1/t^2", "positive": "0 < distance^2",
    "bounded": "distance^2 <= 1",
}  # fmt: skip


def test_the_weighted_transfer_is_a_cited_result():
    assert transfer(le(DISTANCE, INTEGRAL + EDGE)) == "assumed"
    assert transfer(le(INTEGRAL - EDGE - REST, DISTANCE)) == "assumed"
    square, edge, rest = parts(F**2, 2)
    found = total(i, rank(i, b) * ((1 - decay(x[i])) / x[i]) ** 2)
    for strip in (0, 1):
        assert transfer(le(found, square + edge), strip, **SQUARED) == "assumed"
        assert transfer(le(square - edge - rest, found), strip, **SQUARED) == "assumed"
        assert transfer(le(square - edge, found), strip, **SQUARED) == "refused"


@pytest.mark.parametrize(
    ("claim", "changes"),
    [
        (le(DISTANCE, (INTEGRAL + EDGE) * Fraction(99, 100)), {}),
        (le(DISTANCE, INTEGRAL), {}),
        (le(DISTANCE, INTEGRAL + power(reach, lin(b) * -1)), {}),
        (le(INTEGRAL - EDGE, DISTANCE), {}),
        (le(INTEGRAL - REST, DISTANCE), {}),
        (le(INTEGRAL + EDGE, DISTANCE), {}),
        (eq(DISTANCE, INTEGRAL + EDGE), {}),
        (le(DISTANCE, INTEGRAL + EDGE), {"strip": ("strip ends", "strip")}),
        (le(DISTANCE, INTEGRAL + EDGE), {"strip": ("a > 1", "strip ends")}),
        (le(DISTANCE, INTEGRAL + EDGE), {"b": a}),
        (le(DISTANCE, INTEGRAL + EDGE), {"rising": "distance^2 falls faster"}),
        (le(DISTANCE, INTEGRAL + EDGE), {"slope": "distance^2 <= 1/t^2"}),
        (le(DISTANCE, INTEGRAL + EDGE), {"slope": "distance <= 1"}),
        (le(DISTANCE, INTEGRAL + EDGE), {"bounded": "distance <= 1/t"}),
        (le(DISTANCE, INTEGRAL + EDGE), {"positive": "0 < distance^2"}),
        (le(DISTANCE, INTEGRAL + EDGE), {"positive": "distance <= 1"}),
        (le(DISTANCE, INTEGRAL + EDGE), {"scaled": eq(x[i], power(reach, lin(a) * 2) * rank(i))}),
        (le(DISTANCE, INTEGRAL + EDGE), {"scaled": eq(x[i], power(reach, lin(a)) * rank(i, b))}),
        (le(total(i, (1 - decay(x[i])) / x[i]), INTEGRAL + EDGE), {}),
        (le(total(i, rank(i, b) * NUMBERED[i] * (1 - decay(x[i])) / x[i]), INTEGRAL + EDGE), {}),
        (le(DISTANCE, INTEGRAL + EDGE), {"strip": ("strip", "N x")}),
    ],
)
def test_a_transfer_beyond_its_hypotheses_is_refused(claim, changes):
    assert transfer(claim, **changes) == "refused"


def test_a_strip_beyond_the_power_that_bounds_the_summand_is_refused():
    """Where b > a + 1 the integral of u^-b (1-e^-t)/t is infinite at u = 0: its continuation is not near the sum."""
    assert transfer(le(DISTANCE, INTEGRAL + EDGE), 1) == "refused"


def test_a_profile_that_assumes_something_is_refused():
    assumed = Step(id="extra", claim=le(1, TAU), rule=Assumption("hypothesis", "t >= 1"))
    profile = replace(distances, steps=(assumed, *distances.steps))
    assert transfer(le(DISTANCE, INTEGRAL + EDGE), profile=profile) == "refused"


def test_a_definition_may_depend_on_a_fixed_real_number_and_on_no_other_variable():
    h, j = Symbol("h"), Symbol("y", "+")
    for body, verdict in ((total(i, rank(i, b)), "proved"), (rank(i, b), "refused"), (j[i], "refused")):
        step = Step(id="h", claim=eq(h.term, body), rule=Definition())
        assert verdicts(Derivation(name="d", theorem="", title="", steps=(step,), conclusions={"h": "h"}))["h"] == verdict


def test_strips_are_apart():
    assert [each.steps[0].claim for each in (Strip("", 0), Strip("", 1))] == [lt(1, b), lt(term(a) + 1, b)]
