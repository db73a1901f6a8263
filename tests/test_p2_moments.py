"""Fourth-moment constants: alpha, beta, sbar^2 against exact tensors, and the step-size conditions they imply."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from oracles.covariance import Layer, System, joint_moments
from oracles.p2_cases import FAMILIES, KINDS, random_case
from test_p2 import evaluated, with_step

from riskbounds import symbols as s
from riskbounds.evaluation.statement import statement
from riskbounds.instance import instance
from riskbounds.numerics import Floats
from riskbounds.problem import Explicit, ExplicitTarget, GaussianSketch, Isotropic, PowerLaw, Training
from riskbounds.quantization import Additive, Elementwise, Multiplicative, Quantization
from riskbounds.setting import Setting
from riskbounds.theorems.moment_bound import DOMINATED, moment, moment_step_size
from riskbounds.theorems.p2_lemma_5_1 import lemma_5_1


def test_alpha_dominates_the_noise_that_follows_the_iterate():
    """ad + av <= (1 + eps_bar_2) alpha for every mix of structures, B and batch_scale, and alpha >= 1."""
    rng = np.random.default_rng(5)
    for number in range(60):
        case = random_case(rng, FAMILIES[number % len(FAMILIES)])
        kinds = {slot: str(rng.choice(list(KINDS))) for slot in ("data", "feature", "parameter", "activation", "output")}
        levels = {
            slot: KINDS[kind](round(float(rng.uniform(0.001, 0.9)), 3)) for slot, kind in kinds.items() if rng.random() < 0.7
        }
        scale = str(rng.choice(["per-sample", "shared"]))
        case = replace(case, setting=case.setting.replace(quantization=Quantization(**levels, batch_scale=scale)))
        _, followed, allowed, alpha = evaluated(lemma_5_1, case, 2, "upper", (s.ad + s.av, (1 + s.eps_bar_2) * s.alpha, s.alpha))
        assert followed <= allowed * (1 + 1e-12), (number, case)
        assert alpha >= 1


FEATURE_CASES = [
    (Quantization(data=Additive("0.3"), feature=Additive("0.1")), False),
    (Quantization(data=Multiplicative("0.3"), feature=Multiplicative("0.1")), False),
    (Quantization(data=Elementwise("0.3"), feature=Elementwise("0.1")), False),
    (Quantization(data=Elementwise("0.3"), feature=Elementwise("0.8")), False),
    (Quantization(data=Elementwise("0.2"), feature=Additive("0.1")), False),
    (Quantization(data=Additive("0.3"), sketch=Additive("0.05"), feature=Additive("0.1")), True),
    (Quantization(data=Multiplicative("0.3"), sketch=Multiplicative("0.2")), True),
    (Quantization(data=Elementwise("0.1"), feature=Elementwise("0.1")), True),
]


def tensors(setting: Setting) -> tuple[np.ndarray, np.ndarray]:
    """Second and fourth moments of (q, y), exact."""
    size = setting.model_sizes[0]
    lam = np.array([float(value) for value in setting.spectrum.values])
    w = np.array([float(value) for value in setting.target.values])
    sketch = None
    if size is not None:
        sketch = np.random.default_rng(setting.sketch.seed).standard_normal((len(lam), size)).T / np.sqrt(size)
    layers = {
        slot: Layer(structure=level.structure, eps=float(level.eps), noise=level.noise)
        for slot, level in setting.quantization.levels().items()
    }
    noise = float(setting.noise_variance)
    found = joint_moments(System(spectrum=lam, target=w, noise_variance=noise, sketch=sketch, layers=layers))
    return found[0].astype(float), found[1].astype(float)


@pytest.mark.parametrize(("quantization", "sketched"), FEATURE_CASES)
def test_gaussian_moments(quantization, sketched):
    """E[(q^T u)^2 q q^T] <= alpha, E[..] - Sigma u u^T Sigma >= beta, E[r^2 q q^T] <= sbar^2, all relative to Sigma."""
    rng = np.random.default_rng(8)
    setting = Setting(
        spectrum=Explicit(values=["1", "0.3", "0.1", "0.02"]), target=ExplicitTarget(values=["1.5", "-0.4", "2", "-1"]),
        noise_variance="0.3", training=Training(steps=2, step_size="0.01"), quantization=quantization,
        sketch=GaussianSketch(size=3, seed=3) if sketched else None,
    )  # fmt: skip
    evaluation = statement(moment, instance(setting, setting.model_sizes[0])).at(Floats(), 2)
    alpha, beta, sbar2 = (float(evaluation.scalar(symbol)) for symbol in (s.alpha, s.beta, s.sbar2))
    second, fourth = tensors(setting)
    sigma, signal = second[:-1, :-1], second[:-1, -1]
    root = np.linalg.inv(np.linalg.cholesky(sigma))

    def relative(u):
        """Sigma^{-1/2} E[((q, y)^T u)^2 q q^T] Sigma^{-1/2}, up to a rotation."""
        return root @ np.einsum("abcd,c,d->ab", fourth, u, u)[:-1, :-1] @ root.T

    residual = np.append(-np.linalg.solve(sigma, signal), 1.0)
    assert np.linalg.eigvalsh(relative(residual))[-1] <= sbar2 * (1 + 1e-9)
    largest = 0.0
    for _ in range(200):
        u = root.T @ rng.standard_normal(len(sigma))
        u /= np.sqrt(u @ sigma @ u)
        inner = relative(np.append(u, 0.0))
        centre = root @ np.outer(sigma @ u, sigma @ u) @ root.T
        largest = max(largest, np.linalg.eigvalsh(inner)[-1])
        assert np.linalg.eigvalsh(inner - centre)[0] >= beta - 1e-9
    assert largest <= alpha * (1 + 1e-9)
    if quantization.levels().keys() <= {"data", "feature"} and alpha < 9:
        assert largest >= 0.6 * alpha


def test_papers_step_size_implies_that_of_moment_where_errors_are_centred():
    rng = np.random.default_rng(9)
    for number in range(20):
        case = with_step(random_case(rng, ("additive", "sketched additive")[number % 2]))
        assert evaluated(moment, case, 50, "upper") is not None
        stated = statement(moment_step_size, instance(case.setting, case.size))
        assert all(each.holds for each in stated.checks(stated.at(Floats(), 50)))


@pytest.mark.parametrize(("batch", "holds"), [(1, False), (4, True)])
def test_where_residuals_are_not_centred_the_papers_step_size_asks_for_more(batch, holds):
    """One common scale on the data: ad + av is about 2 alpha for one sample, 2 alpha/B for a batch of B."""
    problem = Setting(
        spectrum=PowerLaw(exponent="2", dimension=20),
        noise_variance=1,
        quantization=Quantization(data=Multiplicative("1/10")),
        training=Training(steps=100, step_size="0.01", batch_size=batch),
        target=Isotropic(),
    )
    stated = statement(moment_step_size, instance(problem, 20))
    found = {each.name: each.holds for each in stated.checks(stated.at(Floats(), 100))}
    assert found[DOMINATED.name] == holds
    assert all(value for name, value in found.items() if name != DOMINATED.name)
