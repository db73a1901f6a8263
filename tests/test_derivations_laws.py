"""Laws have derivations: they end in the registered law, hold in numbers, and fail when a coefficient or a hypothesis moves."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
import sympy as sp
from riskbounds.derivations import law_orders, law_reading, law_sizes, law_sums, laws, load
from riskbounds.derivations.law_profiles import profiles
from riskbounds.derivations.law_reading import i, rank, reach, x
from riskbounds.derivations.law_sums import SUMMANDS, TAIL, transfers
from riskbounds.derivations.power_law import A_LAW, a

from riskbounds import symbols as s
from riskbounds.asymptotics.laws import law
from riskbounds.errors import ProofError
from riskbounds.proofs import (
    Algebra,
    Assumption,
    Derivation,
    Known,
    Numbered,
    Step,
    Symbol,
    Transfer,
    check,
    eq,
    le,
    lemma,
    lin,
    positive,
    power,
    term,
    total,
    use,
)
from riskbounds.proofs.numbering import NUMBER, SIZE
from riskbounds.terms.exponentials import Exponentials, decay, exponentials
from riskbounds.terms.functions import apply
from riskbounds.terms.profiles import TAU
from tests.moved_laws import FACTOR, verdicts, with_part

SCHEMES = ("full-precision", "multiplicative", "elementwise", "additive")
PLAIN = ("full-precision", "additive")
ORDER_STEPS = [f"{side}, {end}" for side in ("upper", "lower") for end in ("above", "below")]
ENDS = [f"{side}, from {end}" for side in ("upper", "lower") for end in ("above", "below")]


# ------------------------------------------------------------------ the last line is the law


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_law_coefficient_times_1_01_is_refused(scheme, monkeypatch):
    """The conclusion is read off the law, so another law is another claim, which the steps do not prove."""
    kept = load(f"law-{scheme}")
    growing = () if scheme in PLAIN else ("cross", "shrinkage")
    for moved in ("bias", "variance", *growing, *(("storage",) if scheme == "additive" else ())):
        monkeypatch.setattr(law_reading, "law", lambda *names, moved=moved: with_part(law(*names), moved))
        other = laws.derivation(f"law-{scheme}")
        assert all(other.step(end).claim != kept.step(end).claim for end in ENDS), moved
        found = verdicts(other)
        assert [found[end] for end in ENDS] == ["refused"] * 4, moved


@pytest.mark.parametrize("scheme", SCHEMES)
def test_another_exponent_of_x_is_refused(scheme, monkeypatch):
    def steeper(*names):
        found = law(*names)
        terms = tuple(replace(each, short=each.short / s.learned_time) if "bias" in each.name else each for each in found.terms)
        return replace(found, terms=terms)

    monkeypatch.setattr(law_reading, "law", steeper)
    found = verdicts(laws.derivation(f"law-{scheme}"))
    assert [found[end] for end in ENDS] == ["refused"] * 4


@pytest.mark.parametrize("side", ["upper", "lower"])
def test_another_f_is_another_data_size(side, monkeypatch):
    monkeypatch.setattr(law_sizes, "law", lambda *names: replace(law(*names), short_F=FACTOR * law(*names).short_F))
    assert verdicts(law_sizes.data_size(f"law-N_eff-{side}"))["same data term"] == "refused"


def test_another_m_eff_is_refused(monkeypatch):
    def moved(*names):
        found = law(*names)
        (size,) = {*found.short_M_eff.args} - {s.M}
        return replace(found, short_M_eff=sp.Min(s.M, FACTOR * size))

    monkeypatch.setattr(law_sizes, "law", moved)
    assert verdicts(law_sizes.model_size("law-M_eff"))["same error"] == "refused"


@pytest.mark.parametrize("place", range(3))
def test_a_smaller_constant_of_an_order_is_refused(place, monkeypatch):
    constants = law_orders.constants

    def smaller(scale, side, end):
        found = list(constants(scale, side, end))
        found[place] = Fraction(99, 100) * found[place]
        return tuple(found)

    monkeypatch.setattr(law_orders, "constants", smaller)
    found = verdicts(law_orders.derivation("law-orders-full-precision"))
    kept = "lower, below"  # has no third part
    expected = ["proved" if (place, each) == (2, kept) else "refused" for each in ORDER_STEPS]
    assert [found[each] for each in ORDER_STEPS] == expected


@pytest.mark.parametrize("place", range(4))
def test_a_smaller_constant_of_a_floor_is_refused(place, monkeypatch):
    constants, touched = law_orders.floor_constants, []

    def smaller(scale, side, end):
        found = list(constants(scale, side, end))
        touched.append(f"{side}, {end}" if found[place] != term(0) else "")
        found[place] = Fraction(99, 100) * found[place]
        return tuple(found)

    monkeypatch.setattr(law_orders, "floor_constants", smaller)
    found = verdicts(law_orders.derivation("law-orders-additive"))
    assert {each for each in ORDER_STEPS if found[each] == "refused"} == set(touched) - {""}
    assert len(set(touched)) > 1


# ------------------------------------------------------------------ the rule refuses what the theorem does not cover


def transfer(claim, **changes):
    """A derivation with one transfer of the share, and its verdict."""
    fields = {
        "profile": profiles, "summand": SUMMANDS["share"](TAU, decay()), "rising": "share rises", "slope": "share <= t",
        "scale": "N x", "exponent": "a > 1", "reach": reach, "a": a,
    }  # fmt: skip
    scale = changes.pop("scaled", eq(x[i], power(reach, lin(a)) * rank(i)))
    step = Step(id="claim", claim=claim, rule=Transfer(**{**fields, **changes}))
    model = Step(id="N x", claim=scale, rule=Assumption("hypothesis", "power law"))
    derivation = Derivation(name="t", theorem="", title="", steps=(A_LAW, model, step), conclusions={"claim": "claim"})
    return verdicts(derivation)["claim"]


SHARE = total(i, 1 - decay(x[i]))
INTEGRAL = reach / term(a) * exponentials(SUMMANDS["share"](TAU, decay())).mellin(a)


def test_the_transfer_is_a_cited_result():
    assert transfer(le(SHARE, INTEGRAL)) == "assumed"
    assert transfer(le(INTEGRAL - 1 - TAIL, SHARE)) == "assumed"
    cited = [step.rule for step in transfers() if isinstance(step.rule, Transfer)]
    assert len(cited) == 8


@pytest.mark.parametrize(
    ("claim", "changes"),
    [
        (le(SHARE, INTEGRAL * Fraction(99, 100)), {}),
        (le(INTEGRAL - 1 - TAIL, SHARE * Fraction(99, 100)), {}),
        (le(INTEGRAL - 1, SHARE), {}),
        (le(INTEGRAL - TAIL, SHARE), {}),
        (le(INTEGRAL, SHARE), {}),
        (eq(SHARE, INTEGRAL), {}),
        (le(SHARE, INTEGRAL), {"rising": "lag rises"}),
        (le(SHARE, INTEGRAL), {"slope": "square <= t"}),
        (le(SHARE, INTEGRAL), {"summand": 2 - decay()}),  # does not vanish at 0
        (le(SHARE, INTEGRAL), {"summand": TAU}),  # not bounded
        (le(SHARE, INTEGRAL), {"scaled": eq(x[i], power(reach, lin(a) * 2) * rank(i))}),
        (le(SHARE, INTEGRAL), {"scaled": eq(x[i], power(reach, lin(a)) * rank(i) ** 2)}),
        (le(SHARE, INTEGRAL), {"scaled": le(x[i], power(reach, lin(a)) * rank(i))}),
    ],
)
def test_a_transfer_beyond_its_hypotheses_is_refused(claim, changes):
    assert transfer(claim, **changes) == "refused"


def test_a_profile_that_assumes_something_is_refused():
    """e^-t >= 0 may be assumed for one t; the transfer needs it for every t."""
    assumed = Step(id="extra", claim=le(1, TAU), rule=Assumption("hypothesis", "t >= 1"))
    assert transfer(le(SHARE, INTEGRAL), profile=replace(profiles, steps=(assumed, *profiles.steps))) == "refused"


def test_the_class_and_its_calculus():
    f = exponentials(SUMMANDS["average"](TAU, decay()))
    assert [f.taylor(j) for j in range(-1, 3)] == [0, 0, 0, Fraction(1, 3)]
    assert Exponentials({(2, 3): Fraction(1, 2)}).derivative() == Exponentials({(1, 3): 1, (2, 3): Fraction(-3, 2)})
    for body in (1 / (1 + TAU), decay() ** -1, apply("exp", TAU), total(i, x[i])):
        with pytest.raises(ProofError):
            exponentials(body)


@pytest.mark.parametrize(("at", "below"), [(0, -1), (-1, -2), (-1, -1), (2, 0)])
def test_the_gamma_function_is_not_shifted_across_a_pole(at, below):
    claim = eq(apply("gamma", at + 1), at * apply("gamma", at))
    step = Step(id="g", claim=claim, rule=Known("gamma shift", (term(at), term(below)), positive(0)))
    assert verdicts(Derivation(name="g", theorem="", title="", steps=(step,), conclusions={"g": "g"}))["g"] == "refused"


def test_a_lemma_does_not_renumber_the_directions():
    """Numbered knows one symbol that numbers 1, ..., M: nothing may be put in its place."""
    number = Symbol(NUMBER, "+")
    s = Numbered(body=number[i], direction=i, symbol=NUMBER, size=SIZE)
    from riskbounds.proofs import below

    counted = Step(id="count", claim=eq(total(i, number[i]), total(below("s", SIZE), below("s", SIZE) + 1)), rule=s)
    inner = Derivation(name="inner", theorem="", title="", steps=(counted,), conclusions={"count": "count"})
    assert check(inner).verdict == "proved"
    doubled = eq(total(i, 2 * number[i]), counted.claim.right)
    step = Step(id="wrong", claim=doubled, rule=lemma(inner, "count", {NUMBER: ((i,), 2 * number[i])}))
    outer = Derivation(name="outer", theorem="", title="", steps=(step,), conclusions={"wrong": "wrong"})
    assert verdicts(outer)["wrong"] == "refused"


def test_orders_compare_by_the_sign_of_an_exponent():
    base = Step(id="1 <= reach", claim=le(1, reach), rule=Assumption("hypothesis", "X >= 1"))
    up = lin(a) - 1
    step = Step(
        id="order",
        claim=le(1, power(reach, up)),
        rule=Known("power above one", (reach, term(up)), use("a > 1") * use("1 <= reach")),
    )
    derivation = Derivation(name="o", theorem="", title="", steps=(A_LAW, base, step), conclusions={"order": "order"})
    assert check(derivation).verdict == "proved"
    for claim in (le(1, power(reach, up * -1)), le(1, power(reach, up) / 2)):
        assert verdicts(replace(derivation, steps=(A_LAW, base, replace(step, claim=claim))))["order"] == "refused"


def test_the_closed_forms_are_those_of_the_theory():
    """Gamma(1 - 1/a) X^(1/a) times 1, 2 - 2^(1/a), a (2 - 2^(1/a))/(a+1)."""
    G, two = apply("gamma", 1 - 1 / term(a)), apply("root", 2, a)
    known = {
        "share": reach * G,
        "square": reach * G * (2 - two),
        "average": reach * G * (2 - two) * term(a) / (term(a) + 1),
    }
    for name, value in known.items():
        step = Step(id="same", claim=eq(law_sums.integral(name), value), rule=Algebra())
        derivation = Derivation(name="s", theorem="", title="", steps=(step,), conclusions={"same": "same"})
        assert check(derivation).verdict == "proved", name


def test_a_root_is_not_symmetric_in_its_arguments():
    """2^(1/a) <= 2, but not 2^(1/a) <= a: root(a, 2) is another number than root(2, a)."""
    right, wrong = (
        Step(id="r", claim=le(apply("root", 2, a), most), rule=Known("root", order, use("a > 1")))
        for most, order in ((2, (term(2), term(a))), (a, (term(a), term(2))))
    )
    for step, verdict in ((right, "proved"), (wrong, "refused")):
        assert verdicts(Derivation(name="r", theorem="", title="", steps=(A_LAW, step), conclusions={"r": "r"}))["r"] == verdict
