"""The deterministic equivalent behind `allocate`: estimates near the exact risk, and never called a bound."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest

from riskbounds import (
    Additive,
    Elementwise,
    Explicit,
    ExplicitTarget,
    Isotropic,
    Multiplicative,
    PowerLaw,
    Quantization,
    Setting,
    Source,
    allocate,
    bound,
    exact_risk,
)
from riskbounds.asymptotics.problem_law import law_of
from riskbounds.decisions.equivalent import Equivalent
from riskbounds.decisions.sketch_spectrum import equivalent_spectrum
from tests.allocation_setting import FULL

ROUGH = {
    "full": Quantization(),
    "quiet labels": Quantization(),
    "data floor": Quantization(data=Additive("1e-3")),
    "all floors": Quantization(sketch=Additive("1e-3"), data=Additive("1e-4"), feature=Additive("1e-2")),
    "scales": Quantization(sketch=Multiplicative("0.1"), data=Multiplicative("0.1"), feature=Multiplicative("0.1")),
    "scale and floor": Quantization(data=Multiplicative("0.1"), feature=Additive("1e-2")),
    "noise": Quantization(label=Additive("0.5"), parameter=Multiplicative("0.1"), output=Multiplicative("0.1")),
}


@pytest.mark.parametrize("name", ROUGH)
def test_the_estimate_is_near_the_exact_risk(name: str) -> None:
    """A deterministic equivalent: within 15 % of the mean risk behind three drawn sketches, not a bound."""
    setting = FULL.replace(quantization=ROUGH[name], spectrum=PowerLaw(exponent="3/2", dimension=500))
    setting = setting.replace("training.step_size", "0.05").replace(noise_variance="0.01" if name == "quiet labels" else 1)
    for size, steps in ((20, 300), (50, 3000), (100, 10_000)):
        estimate = float(Equivalent(setting).risks(size, [steps], [dict(setting.quantization.levels())])[0])
        drawn = setting.replace("sketch.size", size).replace("training.steps", steps)
        risks = [float(exact_risk(drawn.replace("sketch.seed", seed))[0]) for seed in range(3)]
        assert math.isclose(estimate, sum(risks) / 3, rel_tol=0.15), (size, estimate, risks)


@pytest.mark.parametrize(("exponent", "source"), [("6/5", None), ("3/2", None), ("5/2", None), ("3/2", 2)])
def test_the_estimate_holds_up_to_a_square_sketch(exponent: str, source: int | None) -> None:
    """Within 8 % of the mean risk behind four sketches, up to M = p, also where all directions are learned."""
    target = Isotropic() if source is None else Source(exponent=source)
    setting = FULL.replace(spectrum=PowerLaw(exponent=exponent, dimension=200), target=target)
    for size, steps in itertools.product((80, 150, 190, 200), (1000, 100_000)):
        estimate = float(Equivalent(setting).risks(size, [steps], [{}])[0])
        drawn = setting.replace("sketch.size", size).replace("training.steps", steps)
        risks = [float(exact_risk(drawn.replace("sketch.seed", seed))[0]) for seed in range(4)]
        assert math.isclose(estimate, sum(risks) / 4, rel_tol=0.08), (size, steps, estimate, risks)


@pytest.mark.parametrize("size", [60, 150, 285, 300, 1000])
@pytest.mark.parametrize("exponent", [1.2, 1.5, 2.5])
def test_the_equivalent_spectrum_is_that_of_drawn_sketches(exponent: float, size: int) -> None:
    """Middle eigenvalues, the traces of S H S^T and of its square, and the target's energy in the smaller half of directions."""
    dimension, seeds = (300, 8) if size <= 300 else (4000, 1)
    lam = np.arange(1.0, dimension + 1) ** -exponent
    found, energy = equivalent_spectrum(lam, lam, size)
    assert np.all(np.diff(found) < 0)
    assert np.all(energy > 0)
    middle, learned = np.array([size // 4, size // 2, 3 * size // 4]), []
    logs = np.zeros(3)
    for seed in range(seeds):
        roots = np.random.default_rng(seed).standard_normal((size, dimension)) / math.sqrt(size) * np.sqrt(lam)
        values, vectors = np.linalg.eigh(roots @ roots.T)
        turned = (vectors[:, ::-1].T @ roots) * np.sqrt(lam)  # rows: (U^T S H)_j
        learned.append(float(np.sum(np.sum(turned**2, axis=1)[size // 2 :] / values[::-1][size // 2 :])))
        logs += np.log(values[::-1][middle]) / seeds
    assert np.allclose(np.log(found[middle]), logs, atol=0.06)
    assert math.isclose(found.sum(), lam.sum(), rel_tol=0.02)
    assert math.isclose(np.sum(found**2), np.sum(lam**2) + lam.sum() ** 2 / size, rel_tol=0.05)
    assert math.isclose(energy[size // 2 :].sum(), sum(learned) / seeds, rel_tol=0.08)


@pytest.mark.parametrize(("exponent", "source", "most"), [("3/2", None, 0.25), ("2", None, 0.08), ("2", "8/5", 0.2)])
def test_a_law_counts_the_unlearned_directions_once(exponent: str, source: str | None, most: float) -> None:
    """Against the estimate with p = 20 000 on the way to M = 500; with the tail counted twice the sum is 70 % too large."""
    target = Isotropic() if source is None else Source(exponent=source)
    setting = FULL.replace(spectrum=PowerLaw(exponent=exponent, dimension=20_000), noise_variance="0.01", target=target)
    values = {"a": float(Fraction(exponent)), "M": 500, "p": 20_000, "step": 0.1, "sigma": 0.1}
    values |= {} if source is None else {"b": float(Fraction(source))}
    found, law = Equivalent(setting), law_of(setting)
    for share in (0.02, 0.1, 0.4, 0.8):
        steps = round(10 * (share * 500) ** float(Fraction(exponent)))
        estimate = float(found.risks(500, [steps], [{}])[0])
        assert -0.12 < float(law.at({**values, "N": steps}).value) / estimate - 1 < most, (share, steps)


def test_the_estimate_is_the_middle_of_the_pair_on_the_folded_problem() -> None:
    """20 eigenvalues, noise sigma^2 + 2 A(M); floors eps_f + eps_s (tr H + p eps_d) + eps_d p/M, scales, eps tr H/M."""
    base = FULL.replace(spectrum=PowerLaw(exponent="3/2", dimension=500), noise_variance="0.01")
    spectrum = np.arange(1, 501) ** -1.5
    trace = float(spectrum.sum())
    lam, energy = equivalent_spectrum(spectrum, spectrum, 20)
    folded = {
        "all floors": Quantization(feature=Additive(Fraction(1e-2 + 1e-3 * (trace + 500 * 1e-4) + 1e-4 * 500 / 20))),
        "scales": Quantization(data=Multiplicative(Fraction("1.1") ** 3 - 1)),
        "scale and floor": Quantization(data=Multiplicative("0.1"), feature=Additive("1e-2")),
        "elementwise": Quantization(feature=Additive(Fraction(0.1 * trace / 20))),
    }
    error = Equivalent(base).model_error(20)
    for name, quantization in folded.items():
        setting = base.replace(quantization=ROUGH.get(name, Quantization(feature=Elementwise("0.1"))))
        found = float(Equivalent(setting).risks(20, [300], [dict(setting.quantization.levels())])[0])
        plain = base.replace(
            sketch=None,
            spectrum=Explicit(lam.tolist()),
            target=ExplicitTarget(np.sqrt(energy / lam).tolist()),
            noise_variance=Fraction(0.01 + 2 * error),
            quantization=quantization,
        ).replace("training.steps", 300)
        row = bound(plain).rows[0]
        assert math.isclose(found, error + (float(row.risk.lower) + float(row.risk.upper)) / 2, rel_tol=1e-9)


@pytest.mark.parametrize("name", ["figure1d", "figure2d", "full"])
def test_the_estimate_at_the_optimum_is_near_the_exact_risk(name: str) -> None:
    setting = FULL if name == "full" else Setting.from_file(name)
    for budget in ("1e5", "1e6", "1e7"):
        found = allocate(setting, budget, "M*N")
        assert math.isclose(float(found.risk.value), float(found.numeric.risk.exact), rel_tol=0.1)
