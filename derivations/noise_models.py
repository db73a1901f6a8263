"""Exact models of the batch gradient: finite spaces for the draws of a batch and of a sample, in which the laws hold.

An error is the Cholesky factor of its covariance times random signs; a sample's gradient is its mean given the draws plus or
minus its deviation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from fractions import Fraction
from functools import cache, partial
from math import prod
from operator import mul
from random import Random

from riskbounds.derivations.finite_spaces import Space, Variable, space, two_point

from riskbounds.proofs import Derivation, Model
from riskbounds.proofs.expectation import Expectation
from riskbounds.terms.expectation import Centred, Family, Independent
from riskbounds.terms.irrational import Exact, root

SIZE, BATCH, STORE = 2, 2, "store_error"
SIGN = two_point(Fraction(0), Fraction(1))


#: A vector's entries by direction.
Entries = Callable[[int], Fraction]


def number(random: Random, low: int = 1) -> Fraction:
    """A random rational."""
    return Fraction(random.randint(low, 6), random.choice((3, 4, 5)))


def vector(random: Random) -> Entries:
    """A random vector, no entry zero."""
    entries = [number(random) * random.choice((-1, 1)) for _ in range(SIZE)]
    return entries.__getitem__


def errors_of(laws: Iterable[Family]) -> dict[str, Centred]:
    """The centred errors in an order in which each depends on earlier ones alone."""
    return {name: law for law in reversed(list(laws)) if type(law) is Centred for name in law.names}


def signs_of(name: str, law: Centred) -> dict[str, Variable]:
    """A sign for each direction of an error; one sign where it has no direction or a covariance of rank one, x_j x_k."""
    ((value, (left, right)),) = law.pairs.values()
    several = any(v.range == "all" for v in left) and (left == right or any(m.bound for m in value.monomials))
    return {f"{name} {k}": SIGN for k in (range(SIZE) if several else (0,))}


def error(model: Model, name: str, law: Centred, draws: Space) -> Callable[..., Exact]:
    """The error as a symbol: signs times the Cholesky factor of the covariance."""
    ((value, (left, right)),) = law.pairs.values()
    signs = [draws.values[sign] for sign in signs_of(name, law)]

    @cache
    def covariance(given: tuple[int, ...], n: int, m: int) -> Exact:
        if left == right and n != m:
            return Fraction(0)
        outcome, *others = given
        places = dict(zip((*left, *right), (*others, n, *others, m), strict=True))
        return model.value(value, {law.outcome: outcome, **places})

    def alone(*at: int) -> Exact:
        return signs[0][at[0]] * root(model.value(value, dict(zip((law.outcome, *left), at, strict=True))))

    def directed(*at: int) -> Exact:
        *given, n = at
        entry = partial(covariance, tuple(given))
        first = root(entry(0, 0))
        if n == 0:
            return signs[0][at[0]] * first
        cross = entry(0, 1) * first**-1
        return signs[0][at[0]] * cross + (signs[1][at[0]] * root(entry(1, 1) - cross * cross) if len(signs) > 1 else 0)

    return directed if any(v.range == "all" for v in left) else alone


def with_errors(model: Model, laws: Mapping[str, Centred], spaces: Mapping[str, Space]) -> Model:
    """The model with its errors, drawn from the space of their outcome."""
    symbols = dict(model.symbols)
    extended = replace(model, symbols=symbols, remembered={})
    for name, law in laws.items():
        symbols[name] = error(extended, name, law, spaces[law.outcome.range])
    return extended


def with_gradients(model: Model, moments: Independent, draws: Space) -> Model:
    """The model with the samples' gradients and their moments given the draws, ``moments`` being those of the moments."""
    symbols = dict(model.symbols)
    extended = replace(model, symbols=symbols, remembered={})

    @cache
    def value(name: str, *at: int) -> Exact:
        places = dict(zip((moments.outcome, *moments.site), at, strict=True))
        return extended.value(moments.moments[(name,)], places)

    def gradient(*at: int) -> Exact:
        *given, sample = at
        mean = value("first_moment", *given)
        return mean + draws.values[f"gradient {sample}"][at[0]] * root(value("second_moment", *given) - mean * mean)

    symbols["first_moment"] = partial(value, "first_moment")
    symbols["second_moment"] = partial(value, "second_moment")
    symbols["gradient"] = gradient
    return extended


def laws_of(derivation: Derivation) -> list[Family]:
    """The laws of the derivation's expectations, each once, in the order of averaging."""
    found: list[Family] = []
    for step in derivation.steps:
        if isinstance(step.rule, Expectation):
            found += [law for law in step.rule.law if law not in found]
    return found


def with_storage(draws: Space) -> Space:
    """The space with signs of stored weights' errors that are uncorrelated with the gradients: products of other signs."""
    gradients = [draws.values[f"gradient {n}"] for n in range(BATCH)]
    own = tuple(prod(signs) for signs in zip(*gradients, strict=True))
    other = next(signs for name, signs in draws.values.items() if not name.startswith("gradient"))
    products = {f"{STORE} 0": own, f"{STORE} 1": tuple(map(mul, own, other))}
    return Space(draws.weights, {**draws.values, **products})


def batch_model(derivation: Derivation, features: Mapping[str, Variable], model: Callable[[Space], Model]) -> Model:
    """A model of a batch: ``features`` are the variables of a sample, ``model`` gives the symbols made of them."""
    laws = laws_of(derivation)
    errors = errors_of(laws)
    signs = {"sample": dict(features), "draw": {f"gradient {n}": SIGN for n in range(BATCH)}}
    for name, law in errors.items():
        if name != STORE:
            signs[law.outcome.range] |= signs_of(name, law)
    spaces = {outcome: space(variables) for outcome, variables in signs.items()}
    if STORE in errors:
        spaces["draw"] = with_storage(spaces["draw"])
    found = model(spaces["sample"])
    weights = {**found.weights, **{outcome: each.weights for outcome, each in spaces.items()}}
    sizes = {"all": SIZE, "coordinate": SIZE, "batch": BATCH}
    found = with_errors(replace(found, weights=weights, sizes=sizes), errors, spaces)
    (moments,) = (law for law in laws if isinstance(law, Independent) and "first_moment" in law.names)
    return with_gradients(found, moments, spaces["draw"])
