"""Noise constants, generic row: any mixture of quantizers on data, sketch and features (theory section 4).

The label is y = y_0 + xi, xi of variance sigma_0^2 independent of q; y_0 and q are linear in the data x and additive errors
given the layers, and affine in the errors of each layer, so y_0 - q^T v and q^T u have kurtosis at most C (noise_layers).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from riskbounds.derivations.layer_models import generic_model
from riskbounds.derivations.noise_layers import (
    DATA,
    LACK,
    LINEAR_LAW,
    F,
    L,
    cauchy_schwarz,
    draw,
    everywhere,
    noise_layers,
)
from riskbounds.derivations.noise_product import KURTOSIS, A, B, noise_product
from riskbounds.derivations.noise_terms import (
    Sample,
    at,
    both,
    covariance,
    cross_moments,
    delta,
    i,
    k,
    mu,
    norm2,
    row_claims,
    second_moments,
    t,
    u,
    v,
    vq,
    w,
    weighted,
)

from riskbounds import symbols
from riskbounds.proofs import (
    Algebra,
    Assumption,
    AtUnitVector,
    Claim,
    Derivation,
    Reader,
    Step,
    Symbol,
    Term,
    Var,
    eq,
    le,
    over,
    positive,
    scalar,
    square,
    term,
    total,
    use,
)
from riskbounds.proofs.derivation import lemma
from riskbounds.proofs.expectation import Expectation
from riskbounds.quantization.slots import Quantization
from riskbounds.quantization.structures import Structure
from riskbounds.terms.claims import instance
from riskbounds.terms.expectation import Centred, Cumulant
from riskbounds.theorems.noise_rows import feature_layers, generic_row, layer_factor

xi, floor = Symbol("label_noise"), scalar("floor", "0+")
Q, Y = Symbol("q"), Symbol("signal")


class Model:
    """The symbols of q and of the label's signal, layer by layer, and the forms that need a kurtosis."""

    def __init__(self, kinds: tuple[str, ...]) -> None:
        """``kinds`` of the layers, outermost first."""
        self.kinds = kinds
        self.draws = tuple(draw(m) for m in range(1, len(kinds) + 1))
        self.outcomes = (w, *self.draws)
        self.sample = Sample(q=lambda index: Q[(*self.outcomes, index)], y=Y[w] + xi[w], outcomes=self.outcomes)
        self.kurtosis = noise_layers(kinds)
        self.product = noise_product(self.outcomes)

    def others(self, layer: int) -> tuple[Var, ...]:
        """All outcomes but the layer's."""
        return tuple(o for o in self.outcomes if o != self.draws[layer - 1])

    def slope(self, layer: int, index: Var, error: Var) -> Term:
        """What one error of a layer adds to q."""
        place = (*self.others(layer), error) if self.kinds[layer - 1] == "many" else self.others(layer)
        return Symbol(f"q_slope_{layer}")[(*place, index)]

    def fixed(self, layer: int, index: Var) -> Term:
        """q without the errors of a layer."""
        return Symbol(f"q_fixed_{layer}")[(*self.others(layer), index)]

    def errors(self, layer: int, slope: Term) -> Term:
        """The layer's errors times a slope."""
        error, own = Symbol(f"error_{layer}"), self.draws[layer - 1]
        return total(k, error[own, k] * slope) if self.kinds[layer - 1] == "many" else error[own] * slope

    def linear(self, index: Var) -> Term:
        """The coefficient of x_k in q, given the layers."""
        return Symbol("q_coefficient")[(*self.draws, k, index)]

    def hypotheses(self) -> Iterator[Step]:
        """What the generic row asks of the model."""
        q = self.sample.q(i)
        yield from (*second_moments(self.sample), cross_moments(self.sample)[0])
        yield Step(
            id="q linear",
            claim=eq(q, total(k, DATA[w, k] * self.linear(i))),
            rule=Assumption("model", "q is linear in data and additive errors, given the layers"),
        )
        yield Step(
            id="signal linear",
            claim=eq(Y[w], total(k, DATA[w, k] * SIGNAL)),
            rule=Assumption("model", "y less the independent noise is linear in the data"),
        )
        yield Step(
            id="signal Gaussian",
            claim=eq(LACK[k] * SIGNAL, 0),
            rule=Assumption("model", "the label depends on Gaussian data alone"),
        )
        for m in range(1, len(self.kinds) + 1):
            yield Step(
                id=f"q layer {m}",
                claim=eq(q, self.fixed(m, i) + self.errors(m, self.slope(m, i, k))),
                rule=Assumption("model", f"q is affine in the errors of layer {m}"),
            )

    def form_steps(self, name: str, signal: int, vector: Symbol, sign: int) -> Iterator[Step]:
        """E G^4 <= C (E G^2)^2 for G = signal y_0 + sign q^T vector."""
        c = lambda index: sign * vector[index]  # noqa: E731
        coefficient = signal * SIGNAL + total(i, c(i) * self.linear(i))
        whole = signal * Y[w] + sign * self.sample.along(vector)
        symbols = {L.name: (self.outcomes, whole), F.name: ((*self.draws, k), coefficient)}
        yield Step(
            id=f"{name} linear",
            claim=eq(whole, total(k, DATA[w, k] * coefficient)),
            rule=Algebra(signal * use("signal linear") + over(i, c(i) * use("q linear"))),
        )
        given = {"linear": f"{name} linear"}
        for m, kind in enumerate(self.kinds, 1):
            fixed, slope = signal * Y[w] + total(i, c(i) * self.fixed(m, i)), total(i, c(i) * self.slope(m, i, k))
            yield Step(
                id=f"{name} layer {m}",
                claim=eq(whole, fixed + self.errors(m, slope)),
                rule=Algebra(over(i, c(i) * use(f"q layer {m}"))),
            )
            given[f"affine {m}"] = f"{name} layer {m}"
            symbols[f"fixed_{m}"] = (self.others(m), fixed)
            symbols[f"slope_{m}"] = ((*self.others(m), *((k,) if kind == "many" else ())), slope)
        claim = instance(self.kurtosis.step("kurtosis").claim, {}, symbols)
        yield Step(
            id=f"{name} kurtosis",
            claim=claim,
            rule=lemma(self.kurtosis, "kurtosis", symbols, given),
        )

    def product_step(self, name: str, first: tuple[str, Term], second: tuple[str, Term], factor: int) -> Step:
        """E G^2 H^2 <= C E G^2 E H^2."""
        symbols = {A.name: (self.outcomes, first[1]), B.name: (self.outcomes, second[1]), KURTOSIS.name: ((), term(factor))}
        given = {"first": f"{first[0]} kurtosis", "second": f"{second[0]} kurtosis"}
        claim = instance(self.product.step("product").claim, {}, symbols)
        return Step(id=name, claim=claim, rule=lemma(self.product, "product", symbols, given))


SIGNAL = Symbol("signal_coefficient")[k]
NOISE = (Centred(outcome=w, pairs={("label_noise", "label_noise"): Cumulant(floor, ((), ()))}),)


def row_steps(model: Model, row: dict[str, Claim], factor: int) -> Iterator[Step]:
    """The row from the kurtosis of y_0 - q^T v and of q^T u."""
    sample, mean = model.sample, model.sample.mean
    X, along_u, T, D = sample.along(t), sample.along(u), norm2(t), norm2(delta)
    quiet, error = Y[w] - sample.along(v), sample.y - sample.along(vq)
    yield from model.hypotheses()
    yield from model.form_steps("t", 0, t, 1)
    yield from model.form_steps("u", 0, u, 1)
    yield from model.form_steps("residual", 1, v, -1)
    yield model.product_step("t and residual", ("t", X), ("residual", quiet), factor)
    yield model.product_step("t and u", ("t", X), ("u", along_u), factor)
    own = use("Sigma", {}, at(t))
    yield Step(
        id="covariance",
        claim=eq(covariance(sample), mean((X * quiet) ** 2) - mean(X * quiet) ** 2 + floor * mean(X**2)),
        rule=Expectation(NOISE),
    )
    yield Step(id="noise", claim=eq(mean(sample.residual**2), mean(quiet**2) + floor), rule=Expectation(NOISE))
    yield Step(
        id="residual square",
        claim=eq(mean(sample.residual**2), mean(error**2) + D),
        rule=Algebra(
            use("E q q^T", {}, both(delta, delta))
            + 2 * (use("E q q^T", {}, both(delta, vq)) - use("E q y", {}, {"f": at(delta)["u"]}))
        ),
    )
    squares = use("residual square") - use("noise")
    yield Step(
        id="upper",
        claim=row["upper"],
        rule=Algebra(
            use("covariance")
            + use("t and residual")
            + square(mean(X * quiet))
            + floor * own
            + factor * (own * mean(quiet**2) + T * squares)
        ),
    )
    yield Step(
        id="lower",
        claim=row["lower"],
        rule=Algebra(everywhere(model.outcomes, square(X * quiet - mean(X * quiet))) - use("covariance") - floor * own),
    )
    yield Step(
        id="fourth",
        claim=row["fourth"],
        rule=Algebra(use("t and u") + factor * (own * mean(along_u**2) + T * use("E q q^T", {}, both(u, u)))),
    )
    at_k = le(weighted(sample, sample.q(k) ** 2), factor * T * mu[k])
    yield Step(id="fourth at k", claim=at_k, rule=AtUnitVector("fourth", "u", k))
    yield Step(id="spread", claim=row["spread"], rule=Algebra(over(k, use("fourth at k"))))
    yield from label_steps(model, row)


def label_steps(model: Model, row: dict[str, Claim]) -> Iterator[Step]:
    """The label does not depend on the layers: given them, Isserlis."""
    sample, mean = model.sample, model.sample.mean
    coefficient = total(i, t[i] * model.linear(i))
    X, T = sample.along(t), norm2(t)
    form, signal = total(k, DATA[w, k] * coefficient), total(k, DATA[w, k] * SIGNAL)
    both = total(w, form * signal)
    claim = eq(
        total(w, form**2 * signal**2),
        total(w, form**2) * total(w, signal**2) + 2 * both**2 - total(k, LACK[k] * coefficient**2 * SIGNAL**2),
    )
    yield Step(id="label form", claim=claim, rule=Expectation(LINEAR_LAW))
    yield Step(
        id="label moment",
        claim=eq(weighted(sample, sample.y**2), mean((X * Y[w]) ** 2) + floor * mean(X**2)),
        rule=Expectation(NOISE),
    )
    yield Step(id="label square", claim=eq(mean(sample.y**2), mean(Y[w] ** 2) + floor), rule=Expectation(NOISE))
    inside = everywhere(
        model.outcomes, use("t linear") * ((form + X) * signal**2) + X**2 * (signal + Y[w]) * use("signal linear")
    )
    squares = everywhere(model.outcomes, use("t linear") * (form + X))
    signals = over(w, use("signal linear") * (signal + Y[w]))
    lost = everywhere(model.draws, over(k, use("signal Gaussian") * (coefficient**2 * SIGNAL)))
    S, Y2 = total(w, signal**2), mean(Y[w] ** 2)
    # E X^2 Y^2 - E X^2 E Y^2 - 2 E_layers (E_x X Y)^2 as an equation
    own = use("Sigma", {}, at(t))
    equal = inside + everywhere(model.draws, use("label form")) - squares * S - mean(X**2) * signals - lost
    yield Step(
        id="label",
        claim=row["label"],
        rule=Algebra(
            use("label moment")
            + equal
            + 2 * everywhere(model.draws, cauchy_schwarz((w,), form, signal))
            - 2 * (squares * S + mean(X**2) * signals)
            + own * (3 * Y2 + floor)
            + positive(2 * floor * T)
            - 3 * T * use("label square")
        ),
    )
    yield Step(
        id="label low",
        claim=row["label low"],
        rule=Algebra(
            2 * everywhere(model.draws, square(both)) - equal - use("label moment") - own * (Y2 + floor) + T * use("label square")
        ),
    )


def noise_generic(quantization: Quantization, *, sketched: bool) -> Derivation:
    """The derivation of the generic row for the features' quantizers of a quantization."""
    layers = feature_layers(quantization, sketched=sketched)
    kinds = tuple({3: "many", 2: "common"}[layer_factor(level)] for level in layers.values() if layer_factor(level) > 1)
    model = Model(kinds)
    error = model.sample.y - model.sample.along(vq)
    read = Reader(
        {
            symbols.trace: total(k, mu[k]),
            symbols.label_second_moment: model.sample.mean(model.sample.y**2),
            symbols.sigma_M2: floor,
            symbols.noise_variance: floor,
            symbols.excess: model.sample.mean(error**2) - floor - 2 * MODEL_ERROR * (0 if through(layers, sketched) else 1),
            symbols.model_error: MODEL_ERROR,
        }
    )
    registered = generic_row(layers, sketched=sketched)
    row = row_claims(registered, model.sample, read)
    steps = tuple(row_steps(model, row, int(registered.c4)))
    return Derivation(
        name="noise-generic", theorem="noise constants: generic row", title="Noise constants of any mixture", steps=steps,
        conclusions={name: name for name in row if name != "spread low"}, witness=partial(generic_model, kinds=kinds),
    )  # fmt: skip


MODEL_ERROR = scalar("model_error", "0+")


def through(layers: dict[str, Structure], sketched: bool) -> bool:
    """Whether the row's floor is sigma_M^2, q depending on x through S x alone."""
    return generic_row(layers, sketched=sketched).A1low == symbols.sigma_M2
