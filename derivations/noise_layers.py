"""The kurtosis that layers of random errors leave to a linear form: layer_factor of theorems/noise_rows.py.

Given all layers, L is linear in independent symmetric variables of kurtosis at most 3 (Gaussian data, additive errors); it is
affine in the errors of every layer.  Then E L^4 <= C (E L^2)^2, C = 3 times a factor for each layer: 3 for independent symmetric
errors of kurtosis at most 3, 2 for one common error of kurtosis 1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from operator import mul

from riskbounds.derivations.noise_terms import k, w

from riskbounds.proofs import (
    Algebra,
    Assumption,
    Derivation,
    Step,
    Symbol,
    Term,
    Var,
    eq,
    le,
    over,
    positive,
    square,
    term,
    total,
    use,
)
from riskbounds.proofs.certificates import Certificate
from riskbounds.proofs.expectation import Expectation
from riskbounds.terms.expectation import Independent
from riskbounds.terms.polynomial import substitute

L, DATA, F = Symbol("form"), Symbol("x"), Symbol("coefficient")
#: A layer's kind -> its factor.
FACTORS = {"many": 3, "common": 2}
other = Var("l", "all")


def draw(layer: int) -> Var:
    """The outcome of a layer's errors."""
    return Var(f"d{layer}", "draw")


def expect(outcomes: Sequence[Var], body: Term) -> Term:
    """E over several outcomes."""
    for outcome in outcomes:
        body = total(outcome, body)
    return body


def everywhere(outcomes: Sequence[Var], certificate: Certificate) -> Certificate:
    """Expectation of a certificate."""
    for outcome in outcomes:
        certificate = over(outcome, certificate)
    return certificate


def cauchy_schwarz(outcomes: Sequence[Var], first: Term, second: Term) -> Certificate:
    """E first^2 E second^2 - (E first second)^2."""
    copies = {v: Var(v.name + "*", v.range) for v in outcomes}
    determinant = first * substitute(second, copies) - substitute(first, copies) * second
    return positive(term(1) / 2) * everywhere((*outcomes, *copies.values()), square(determinant))


LACK = Symbol("lack_x", "0+")


def _moments(name: str, fourth: Term) -> dict[tuple[str, ...], Term]:
    return {(name,): term(0), (name,) * 2: term(1), (name,) * 3: term(0), (name,) * 4: fourth}


#: Data and additive errors: independent, symmetric, of variance 1 and kurtosis 3 - lack <= 3.
LINEAR_LAW = (Independent(outcome=w, site=(k,), moments=_moments("x", 3 - LACK[k])),)


def linear_steps(draws: tuple[Var, ...]) -> Iterator[Step]:
    """E_x L^4 <= 3 (E_x L^2)^2 given the layers."""
    form, lack, law = total(k, DATA[w, k] * F[(*draws, k)]), LACK, LINEAR_LAW
    size = total(k, F[(*draws, k)] ** 2)
    whole = L[(w, *draws)]
    lost = total(k, lack[k] * F[(*draws, k)] ** 4)
    yield Step(id="linear", claim=eq(whole, form), rule=Assumption("model", "L is linear in the data and additive errors"))
    yield Step(id="linear fourth", claim=eq(total(w, form**4), 3 * size**2 - lost), rule=Expectation(law))
    yield Step(id="linear square", claim=eq(total(w, form**2), size), rule=Expectation(law))
    fourth = use("linear fourth") + over(w, use("linear") * ((form + whole) * (form**2 + whole**2)))
    norm = use("linear square") + over(w, use("linear") * (form + whole))
    yield Step(
        id="base",
        claim=le(total(w, whole**4), 3 * total(w, whole**2) ** 2),
        rule=Algebra(fourth + over(k, positive(lack[k]) * square(F[(*draws, k)] ** 2)) - 3 * norm * (size + total(w, whole**2))),
    )


def layer_steps(layer: int, kind: str, draws: tuple[Var, ...]) -> Iterator[Step]:
    """E (E' L^2)^2 <= factor (E E' L^2)^2, E over the layer's errors, E' over all that was averaged before."""
    own, inside = draws[layer - 1], (w, *draws[layer:])
    others = (w, *(v for v in draws if v != own))
    r, a = Symbol(f"error_{layer}"), Symbol(f"fixed_{layer}")[others]
    lack, slope = Symbol(f"lack_{layer}", "0+"), Symbol(f"slope_{layer}")
    many = kind == "many"
    b: Callable[[Var], Term] = lambda index: slope[(*others, *((index,) if many else ()))]  # noqa: E731
    affine = a + (total(k, r[own, k] * b(k)) if many else r[own] * b(k))
    fourth = 3 - lack[k] if many else term(1)
    law = (Independent(outcome=own, site=(k,) if many else (), moments=_moments(f"error_{layer}", fourth)),)
    n, c, G = expect(inside, a**2), lambda index: expect(inside, a * b(index)), lambda p, q: expect(inside, b(p) * b(q))
    g = total(k, G(k, k)) if many else G(k, k)
    whole = L[(w, *draws)]
    if many:
        pairs = total(k, total(other, 2 * G(k, other) ** 2)) - total(k, lack[k] * G(k, k) ** 2)
        value = n**2 + 4 * total(k, c(k) ** 2) + 2 * n * g + g**2 + pairs
        gap = (
            2 * square(n)
            + 4 * over(k, cauchy_schwarz(inside, a, b(k)))
            + 2 * over(k, over(other, cauchy_schwarz(inside, b(k), b(other))))
            + over(k, positive(lack[k]) * square(G(k, k)))
        )
    else:
        value = n**2 + 4 * c(k) ** 2 + 2 * n * g + g**2
        gap = square(n - g) + 4 * cauchy_schwarz(inside, a, b(k))
    norm, formed = expect(inside, whole**2), expect(inside, affine**2)
    yield Step(
        id=f"affine {layer}", claim=eq(whole, affine), rule=Assumption("model", f"L is affine in the errors of layer {layer}")
    )
    yield Step(id=f"fourth {layer}", claim=eq(total(own, formed**2), value), rule=Expectation(law))
    yield Step(id=f"square {layer}", claim=eq(total(own, formed), n + g), rule=Expectation(law))
    same = everywhere(inside, use(f"affine {layer}") * (affine + whole))
    yield Step(
        id=f"layer {layer}",
        claim=le(total(own, norm**2), FACTORS[kind] * total(own, norm) ** 2),
        rule=Algebra(
            use(f"fourth {layer}")
            + gap
            + over(own, same * (formed + norm))
            - FACTORS[kind] * (use(f"square {layer}") + over(own, same)) * (n + g + total(own, norm))
        ),
    )


def noise_layers(kinds: tuple[str, ...]) -> Derivation:
    """The kurtosis bound for layers of these kinds, outermost first."""
    draws = tuple(draw(layer + 1) for layer in range(len(kinds)))
    steps = [*linear_steps(draws)]
    for layer, kind in reversed(list(enumerate(kinds, 1))):
        steps += layer_steps(layer, kind, draws)
    whole = L[(w, *draws)]
    certificate = everywhere(draws, use("base"))
    factors = list(accumulate((FACTORS[kind] for kind in reversed(kinds)), mul, initial=3))
    for layer, factor in zip(range(len(kinds), 0, -1), factors, strict=False):
        certificate = certificate + factor * everywhere(draws[: layer - 1], use(f"layer {layer}"))
    every = (w, *draws)
    claim = le(expect(every, whole**4), factors[-1] * expect(every, whole**2) ** 2)
    steps.append(Step(id="kurtosis", claim=claim, rule=Algebra(certificate)))
    return Derivation(
        name="noise-layers", theorem="noise constants: layers", title="Kurtosis through layers of errors", steps=tuple(steps),
        conclusions={"kurtosis": "kurtosis"},
    )  # fmt: skip
