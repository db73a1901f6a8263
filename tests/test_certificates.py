"""Rule (4): Bernstein and LDL^T certificates, the sign of a derivative, enclosures on a box; false claims are refused."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest
from riskbounds.derivations.finders import Side, bernstein, squares
from riskbounds.derivations.law_profiles import E, t

from riskbounds.errors import ProofError
from riskbounds.proofs import (
    Algebra,
    Assumption,
    Derivation,
    Enclosed,
    Known,
    Rising,
    Step,
    check,
    eq,
    le,
    lin,
    lt,
    positive,
    power,
    real,
    scalar,
    term,
    use,
)
from riskbounds.terms.functions import apply

F = Fraction
x, y, z = (scalar(name, "?") for name in "xyz")
N = real("N")
ENDS = {"x": (x, F(0), F(1)), "y": (y, F(-1), F(2)), "z": (z, F(1), F(3)), "N": (term(N), F(2), F(40))}


def steps(names):
    """The box's ends, as hypotheses."""
    for name in names:
        number, low, high = ENDS[name]
        yield Step(id=f"{name} above", claim=le(term(low), number), rule=Assumption("hypothesis", "box"))
        yield Step(id=f"{name} below", claim=le(number, term(high)), rule=Assumption("hypothesis", "box"))


def verdict(claim, rule, names="x", extra=()):
    derivation = Derivation(
        name="box",
        theorem="",
        title="",
        steps=(*steps(names), *extra, Step(id="claim", claim=claim, rule=rule)),
        conclusions={"claim": "claim"},
    )
    result = check(derivation)
    assert result.verdict == "refused" or not result.errors, result.errors
    return result.verdict


def enclosed(claim, names="x", parts=300, ends=ENDS, extra=()):
    certificates = tuple(use(f"{name} {end}") for name in names for end in ("above", "below"))
    return verdict(claim, Enclosed(tuple(ends[name] for name in names), certificates, parts), names, extra)


def box(names):
    return [Side(*ENDS[name], use(f"{name} above"), use(f"{name} below")) for name in names]


def test_a_polynomial_is_positive_on_a_box_by_its_bernstein_coefficients():
    body = x**2 - x + F(1, 3) + (y + 1) * (3 - z) * x
    assert verdict(le(0, body), Algebra(bernstein(body, box("xyz"), 3)), "xyz") == "proved"


def test_bernstein_needs_a_degree_and_refuses_what_is_negative():
    body = (x - F(1, 2)) ** 2 + F(1, 50)
    with pytest.raises(ProofError, match="higher degree"):
        bernstein(body, box("x"))
    assert verdict(le(0, body), Algebra(bernstein(body, box("x"), 16))) == "proved"
    for degree in (2, 8, 32):
        with pytest.raises(ProofError, match="coefficient"):
            bernstein(body - F(3, 100), box("x"), degree)


def test_a_bernstein_certificate_is_for_its_polynomial_alone():
    body = x**2 - x + F(1, 3)
    assert verdict(le(0, body - F(1, 1000)), Algebra(bernstein(body, box("x"), 8))) == "refused"


def test_bernstein_certificates_of_random_polynomials_agree_with_their_values():
    """Whatever is certified is positive at random points; what is far from zero is certified."""
    generator = random.Random(5)
    certified = 0
    for _ in range(20):
        body = sum((generator.randint(-4, 4) * x**i * y**j for i in range(3) for j in range(3)), term(0))
        values = [value(body, F(i, 10), F(3 * j, 10) - 1) for i in range(11) for j in range(11)]
        body = body + generator.choice([F(1, 2), 2, 8]) - min(values)
        try:
            certificate = bernstein(body, box("xy"), 3)
        except ProofError:
            continue
        certified += 1
        assert verdict(le(0, body), Algebra(certificate), "xy") == "proved"
    assert certified >= 10


def value(body, at_x, at_y):
    """The polynomial's value, by its monomials."""
    names = {"x": at_x, "y": at_y}
    total = F(0)
    for monomial, c in body.monomials.items():
        part = F(c)
        for f, e in monomial.factors:
            part *= names[f.name] ** int(e.constant)
        total += part
    return total


def test_a_gram_matrix_gives_squares():
    basis = [x**2, x * y, y**2]
    gram = [[1, F(1, 2), -1], [F(1, 2), 3, F(1, 2)], [-1, F(1, 2), F(3, 2)]]
    body = sum((gram[i][j] * basis[i] * basis[j] for i in range(3) for j in range(3)), term(0))
    claim = Step(id="claim", claim=le(0, body), rule=Algebra(squares(gram, basis)))
    derivation = Derivation(name="squares", theorem="", title="", steps=(claim,), conclusions={"claim": "claim"})
    assert check(derivation).verdict == "proved"


@pytest.mark.parametrize(
    ("gram", "words"),
    [([[1, 2], [2, 1]], "pivot 2"), ([[0, 1], [1, 5]], "pivot 1"), ([[1, 2], [3, 9]], "symmetric")],
)
def test_a_matrix_that_is_not_semidefinite_gives_no_squares(gram, words):
    with pytest.raises(ProofError, match=words):
        squares(gram, [x, y])


def rises(claim, slope, rule=None):
    slope_step = Step(id="slope", claim=slope, rule=rule or Algebra(2 * E * use("1 - t <= e^-t")))
    tangent = Step(id="1 - t <= e^-t", claim=le(1 - t, E), rule=Known("exp", (-t,)))
    used = (tangent,) if rule is None else ()
    profile = Derivation(name="slope", theorem="", title="", steps=(*used, slope_step), conclusions={"slope": "slope"})
    step = Step(id="claim", claim=claim, rule=Rising(profile, "slope"))
    result = check(Derivation(name="rising", theorem="", title="", steps=(step,), conclusions={"claim": "claim"}))
    return result.verdict


def test_the_sign_of_a_derivative():
    slope = le(0, 2 * E**2 - 2 * E + 2 * t * E)
    assert rises(le(2 * t * E, 1 - E**2), slope) == "proved"
    assert rises(le(2 * t * E, F(99, 100) - E**2), slope) == "refused"  # negative at 0
    assert rises(le(F(201, 100) * t * E, 1 - E**2), slope) == "refused"  # another derivative
    assert rises(lt(2 * t * E, 1 - E**2), slope) == "refused"  # equal at 0
    assert rises(le(0, -1 / t), le(0, 1 / t**2), Algebra(positive(1 / t**2))) == "refused"  # no value at 0


def test_a_derivative_that_is_assumed_for_one_number_proves_nothing():
    slope = le(0, t - 1)
    assert rises(le(0, t**2 / 2 - t), slope, Assumption("hypothesis", "t >= 1")) == "refused"


def test_enclosures_on_a_box():
    assert enclosed(lt(x * (1 - x), term(F(26, 100)))) == "enclosed"
    assert enclosed(lt(1 - x + x**2 / 2, apply("exp", -x) + F(1, 5))) == "enclosed"
    assert enclosed(lt(x * y * z, term(F(61, 10))), "xyz") == "enclosed"


def test_one_power_of_a_remaining_share():
    """(1-x)^N against e^(-Nx) for real N, away from x = 1 where the logarithm has no enclosure."""
    ends = {**ENDS, "x": (x, F(0), F(9, 10))}
    smaller = Step(id="x below", claim=le(x, term(F(9, 10))), rule=Assumption("hypothesis", "x <= 9/10"))
    claim = lt(power(1 - x, lin(N)), apply("exp", -term(N) * x) + F(1, 10))
    certificates = tuple(use(f"{name} {end}") for name in ("x", "N") for end in ("above", "below"))
    room = Step(id="1 - x > 0", claim=lt(0, 1 - x), rule=Algebra(use("x below") + positive(F(1, 10))))
    box_steps = [each for each in steps(("x", "N")) if each.id != "x below"]
    derivation = Derivation(
        name="power",
        theorem="",
        title="",
        steps=(*box_steps, smaller, room, Step(id="claim", claim=claim, rule=Enclosed((ends["x"], ends["N"]), certificates))),
        conclusions={"claim": "claim"},
    )
    assert check(derivation).verdict == "enclosed"


@pytest.mark.parametrize(
    "claim",
    [
        lt(x * (1 - x), term(F(24, 100))),
        lt(x * (1 - x), term(F(1, 4))),  # an equality inside: undecided, not guessed
        le(apply("exp", x), term(F(27, 10))),
        le(1 / (x + F(1, 1000)), term(999)),
        le(apply("sqrt", x), x),
        eq(x, x**2),
        le(apply("log", x), term(0)),  # no enclosure at 0
        le(x, 2 * y + 10),  # y is not in the box
    ],
)
def test_no_false_or_undecidable_claim_is_enclosed(claim):
    ready = Step(id="x + 1/1000 > 0", claim=lt(0, x + F(1, 1000)), rule=Algebra(use("x above") + positive(F(1, 1000))))
    assert enclosed(claim, extra=(ready,)) == "refused"


def test_a_box_needs_its_certificates():
    wide = {**ENDS, "x": (x, F(0), F(1, 2))}
    assert enclosed(lt(x, term(F(3, 4))), ends=wide) == "refused"
