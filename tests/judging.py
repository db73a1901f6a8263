"""Is a claim false? Exact models say so: those of a derivation, or free ones in which what a step rests on holds."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction
from functools import cache
from random import Random

from riskbounds.errors import ProofError
from riskbounds.proofs import Claim, Derivation, Expectation, Model, Step
from riskbounds.proofs.certificates import Premises
from riskbounds.proofs.derivation import Lemma
from riskbounds.proofs.numbering import NUMBER, SIZE
from riskbounds.proofs.signs import Facts
from riskbounds.terms.linear import FIXED, MEANS, REAL, Var, lin
from riskbounds.terms.models import Symbol
from riskbounds.terms.monomials import used_variables
from riskbounds.terms.polynomial import Atom, Term, atoms_of, factor, free_variables
from tests.moments import true_under

SECONDS = 10
EXPONENTS = (Fraction(1, 2), 1, 2, 3)
SIZES = {"all": 3, "head": 1, "feature": 2, "batch": 2}


class Expired(BaseException):
    """The time is over; not an Exception, so that nothing between here and the test catches it."""


@contextmanager
def time_limit(seconds: float = SECONDS) -> Iterator[None]:
    """Raise Expired after that many seconds."""

    def expire(number: int, frame: object) -> None:
        raise Expired

    before = signal.signal(signal.SIGALRM, expire)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def stages(derivation: Derivation) -> Iterator[tuple[Step, Premises]]:
    """Every step with the premises it has."""
    claims, facts = {}, Facts()
    for step in derivation.steps:
        yield step, Premises(dict(claims), facts)
        claims[step.id] = step.claim
        facts.learn(step.claim, step.id)


def witnesses(derivation: Derivation) -> list[Model]:
    """Two models of the derivation's assumptions, if it has a witness."""
    return [model for seed in (1, 2) if (model := derivation.model(Random(seed))) is not None]


def judged(claim: Claim, models: list[Model]) -> str:
    """ "false" in one of the models, "true" in all that give it exact values (one at least), else "undecided"."""
    found = {_holds(claim, model) for model in models}
    return "false" if False in found else "true" if True in found else "undecided"


def _holds(claim: Claim, model: Model) -> bool | None:
    """Whether the claim holds at all values of its free variables where it has an exact value; None if it has none."""
    decided = None
    try:
        with time_limit():
            for at in model.assignments(claim):
                try:
                    holds = model.holds(claim, at)
                except (ProofError, ZeroDivisionError, IndexError):
                    continue
                if not holds:
                    return False
                decided = True
    except (Expired, KeyError):
        return None
    return decided


def truth(step: Step, mutant: Claim, premises: Premises, models: list[Model]) -> str:
    """What is known of a mutant of a step's claim, by the first of these that decides.

    "implied" by the claim itself, an equation or a strict inequality made a weak one; the models of the derivation; for a law the
    mean of both sides index by index; free models of what the step uses.
    """
    weaker = (step.claim.relation, mutant.relation) in (("=", "<="), ("<", "<="))
    if weaker and (step.claim.left, step.claim.right) == (mutant.left, mutant.right):
        return "implied"
    found = judged(mutant, models)
    if found == "undecided" and isinstance(step.rule, Expectation) and mutant.relation == "=":
        found = by_moments(step.rule, mutant)
    return judged(mutant, free_models(replace(step, claim=mutant), premises)) if found == "undecided" else found


def by_moments(rule: Expectation, claim: Claim) -> str:
    """Whether both sides have the same mean, every sum written out (tests/moments.py)."""
    try:
        with time_limit():
            return "true" if true_under(rule.law, claim) else "false"
    except (Expired, ProofError):
        return "undecided"


def free_models(step: Step, premises: Premises, tries: int = 40, wanted: int = 2) -> list[Model]:
    """Models of the symbols of a step and of the claims it uses, drawn until what it uses holds in ``wanted`` of them.

    An equation that it uses gives one symbol its value.

    Where those claims hold and the step's claim does not, the step does not follow.  A claim about all vectors, a law or a lemma
    cannot be drawn: no model then.
    """
    used = [premises.claims[name] for name in (step.rule.uses() | premises.facts.consulted) & premises.claims.keys()]
    if isinstance(step.rule, Expectation | Lemma) or any(atom.sign == "free" for claim in used for atom in claim.atoms):
        return []
    found: list[Model] = []
    for seed in range(tries):
        model = _drawn((step.claim, *used), used, Random(seed), roots=seed % 2 == 0)
        if all(judged(claim, [replace(model, times=5, remembered={})]) == "true" for claim in used):
            found.append(model)
        if len(found) == wanted:
            break
    return found


class Drawn(Model):
    """A model whose real exponents may be fractions."""

    def range(self, var, at):
        """The values of a variable."""
        return (self.sizes[var.name],) if var.range in FIXED else super().range(var, at)


def _drawn(claims: tuple[Claim, ...], used: list[Claim], random: Random, roots: bool) -> Model:
    """Values by sign, remembered; squares if roots may be taken; those that equations give."""

    def symbol(atom: Atom) -> Symbol:
        @cache
        def value(*at: int) -> Fraction:
            size = Fraction(random.randint(1, 9), random.choice((1, 5, 10))) ** (2 if roots else 1)
            return size * random.choice({"+": (1,), "0+": (0, 1)}.get(atom.sign, (1, -1, 1, -1, 0)))

        count = len(atom.times)
        if atom.name == NUMBER:
            return lambda i: i + 1
        return (lambda *at: value(*at[:count], *sorted(at[count:]))) if atom.symmetric else value

    fixed = {v.name: v.range for claim in claims for v in _variables(claim) if v.range in FIXED}
    drawn = {name: random.choice(EXPONENTS if fixed[name] == REAL else EXPONENTS[1:]) for name in sorted(fixed)}
    symbols = {atom.name: symbol(atom) for claim in claims for atom in sorted(claim.atoms, key=str)}
    model = Drawn(
        sizes={**SIZES, **drawn, SIZE.parts[0][0].name: SIZES["all"] - 1},
        weights=dict.fromkeys(MEANS, (Fraction(1, 2), Fraction(1, 2))),
        symbols=symbols,
    )
    for claim in used:
        symbols.update(_solved(claim, model))
    return model


def _solved(claim: Claim, model: Model) -> dict[str, Symbol]:
    """A symbol that an equation gives, a factor of its left side; nothing for other claims."""
    if claim.relation != "=" or not claim.left.monomials or any(m.bound for m in claim.left.monomials):
        return {}
    for f, e in next(iter(claim.left.monomials)).factors:
        if isinstance(f, Atom) and not f.times and e in (lin(1), lin(-1)):
            rest = claim.left / factor(f, e)
            if f.name not in {a.name for a in (*atoms_of(rest), *atoms_of(claim.right))}:
                return {f.name: _function((claim.right / rest) ** int(e.constant), f, model)}
    return {}


def _function(value: Term, f: Atom, model: Model) -> Symbol:
    """The value at the symbol's indices."""
    fixed = {v: model.sizes[v.name] for v in free_variables(value) if v.range in FIXED}
    return cache(lambda *at: model.value(value, {**fixed, **dict(zip(f.indices, at, strict=True))}))


def _variables(claim: Claim) -> set[Var]:
    return {v for side in (claim.left, claim.right) for m in side.monomials for v in used_variables(m.bound, m.factors)}
