"""What a certificate says of its value is true: random certificates over true premises, in exact models.

A certificate is all that most rules ask for, so one of a wrong kind would prove false claims whatever the claims are.
"""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from random import Random

import pytest
from conftest import full_and_tenth

from riskbounds.errors import ProofError
from riskbounds.proofs import (
    Claim,
    Term,
    at_least_max,
    at_most_min,
    distinct,
    le,
    lin,
    lt,
    over,
    positive,
    power,
    square,
    term,
    total,
    use,
)
from riskbounds.proofs.certificates import Certificate, Kind, Over, Premises, Product
from riskbounds.proofs.signs import Facts
from riskbounds.terms.functions import apply
from riskbounds.terms.polynomial import summed
from tests.corpus_setting import (
    LOEWNER,
    MONOTONE,
    START,
    STEP,
    X1,
    X2,
    F,
    Q,
    a,
    b,
    c,
    e,
    i,
    j,
    level,
    model,
    n,
    p,
    q,
    s,
    t,
    x,
    y,
    z,
)
from tests.judging import judged

INDICES, NUMBERS = (i, j), (n, s, t)
GIVEN = {step.id: step.claim for step in (X1, X2, MONOTONE, LOEWNER, START, STEP)} | {
    "e<1": lt(e, 1),
    "a<=b": le(a, b),
    "c<0": lt(c, 0),
}
MODELS = [found for found in map(model, map(Random, range(20))) if all(judged(g, [found]) == "true" for g in GIVEN.values())][:3]
RELATION = {Kind.NONNEGATIVE: "<=", Kind.POSITIVE: "<", Kind.ZERO: "="}


def random_term(random: Random, depth: int) -> Term:
    """A term of the setting: atoms, powers, quotients, sums over indices and times, roots, minima and maxima."""
    index, number = random.choice(INDICES), random.choice(NUMBERS)
    if depth == 0:
        atoms = [a, b, c, e, p, q, x[index], y[index], z[index], F[i, j], F[index, index], Q(number), Q(number + 1), 1 - x[index]]
        return random.choice([*atoms, level(number)[index], term(number), term(random.randint(-2, 3)), term(Fraction(1, 3))])
    one, other = random_term(random, depth - 1), random_term(random, depth - 1)
    made = random.randrange(10)
    if made < 3:
        return one + other if made else one - other
    if made < 5:
        return one * other
    if made == 5:
        return one / random.choice([p, q, y[index], 2 - x[index], 1 + other**2, 1 - e, other])
    if made == 6:
        return total(random.choice((*INDICES, s, t)), one)
    if made == 7:
        return apply("abs", one) if random.random() < 0.3 else apply(random.choice(("min", "max")), one, other)
    return power(one, lin(random.choice([2, 3, n]))) if made == 8 else -one


def random_certificate(random: Random, depth: int) -> Certificate:
    """Uses, squares and terms; sums, products, multiples, sums over variables, minima and maxima of those."""
    if depth == 0:
        leaf = random.randrange(4)
        if leaf == 0:
            return square(random_term(random, 1))
        if leaf == 1:
            return positive(random_term(random, random.randint(0, 2)))
        name = random.choice(list(GIVEN))
        changes = {old: random.choice(INDICES) for old in (i, j) if random.random() < 0.4}
        changes |= {n: random.choice([s * 1, t * 1, n + 1, n * 0])} if random.random() < 0.4 else {}
        vectors = {"u": ((i,), random_term(random, 1))} if name == LOEWNER.id and random.random() < 0.7 else {}
        return use(name, changes, vectors)
    one, other = random_certificate(random, depth - 1), random_certificate(random, depth - 1)
    made = random.randrange(8)
    if made < 2:
        return one + other
    if made < 4:
        return one * other
    if made == 4:
        return random_term(random, 1) * one
    if made == 5:
        return over(random.choice((*INDICES, s, t)), one)
    if made == 6:
        return distinct(i, j, one)
    bound, parts = random_term(random, 0), [random_term(random, 0) for _ in range(2)]
    extreme = random.choice((at_most_min, at_least_max))
    return extreme(bound, {part: random.choice((one, other, positive(part - bound), positive(bound - part))) for part in parts})


def wrong(size: int, counts: Counter) -> Claim | None:
    """The first claim that a certificate says and a model contradicts."""
    premises = Premises(GIVEN, Facts())
    for name, claim in GIVEN.items():
        premises.facts.learn(claim, name)
    random = Random(11)
    for _ in range(size):
        try:
            value, kind = random_certificate(random, random.randint(0, 3)).value(premises)
        except ProofError:
            counts["refused"] += 1
            continue
        if kind == Kind.ANY or len(value.monomials) > 60:
            counts["nothing said"] += 1
            continue
        claim = Claim(RELATION[kind], term(0), value)
        found = judged(claim, MODELS)
        counts[kind.name.lower(), found] += 1
        if found == "false":
            return claim
    return None


@full_and_tenth(20_000)
def test_a_certificates_value_is_of_its_kind(size, tell):
    """About a fifth say something that a model decides: of 4 000, a share of 1 in 1 000 wrong is missed with probability 2 %."""
    counts = Counter()
    assert wrong(size, counts) is None
    tell(f"{size} random certificates: {dict(counts)}")
    assert sum(number for key, number in counts.items() if key[-1] == "true") >= size / 10


def positive_sum(self, premises):
    """Over, a sum of positive terms taken for positive where its range may be empty."""
    value, kind = self.body.value(premises)
    return summed(self.variable, value), kind


def careless_product(self, premises):
    """Product, the better kind of the two."""
    (left, one), (right, other) = self.left.value(premises), self.right.value(premises)
    return left * right, max(one, other)


@pytest.mark.parametrize(("part", "broken"), [(Over, positive_sum), (Product, careless_product)])
def test_a_certificate_of_a_wrong_kind_is_found_out(part, broken, monkeypatch):
    monkeypatch.setattr(part, "value", broken)
    assert wrong(2000, Counter()) is not None
