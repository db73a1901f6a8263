"""lower <= exact <= upper on random problems over the whole contract, for the sharp pair and the threshold pair."""

from __future__ import annotations

from collections import Counter, defaultdict

import numpy as np
import pytest

from riskbounds.errors import HypothesisError, UnsupportedError
from riskbounds.instance import commutes
from riskbounds.theorems import default_theorem, theorem_named
from tests.conftest import full_and_tenth
from tests.random_settings import draws, random_setting, sides_at_fraction

TOLERANCE = 1e-10


def family(setting):
    general = not commutes(setting)
    return {"sharp": default_theorem(setting), "threshold": theorem_named("threshold-general" if general else "threshold")}


@full_and_tenth(2000)
def test_bounds_contain_the_exact_risk(size, tell):
    ratios, refusals, violations, exact = defaultdict(list), defaultdict(Counter), [], Counter()
    for number, rng in enumerate(draws(20261, size)):
        structure, setting = random_setting(rng)
        try:
            changed, sides = sides_at_fraction(setting, family(setting), rng.uniform(0.05, 0.95))
        except (HypothesisError, UnsupportedError) as refusal:
            refusals[structure][str(refusal)[:90]] += 1
            continue
        for name, side in sides.items():
            if side.violation > TOLERANCE:
                violations.append((number, structure, name, side, changed.to_toml()))
            if side.lower is not None and side.upper is not None:
                kind = structure if side.exact is not None else f"{structure}, no exact value"
                ratios[name, kind].append(side.ratio)
        exact[structure] += sides["sharp"].exact is not None
    tell(f"{size} problems; exact value on {dict(exact)}; refusals { ({k: dict(v) for k, v in refusals.items()}) }")
    for (name, kind), values in sorted(ratios.items()):
        tell(
            f"{name:9} {kind:32} {len(values):5} upper/lower: median {np.median(values):.3f} "
            f"90 % {np.quantile(values, 0.9):.2f} worst {max(values):.1f}"
        )
    assert not violations, violations[0]
    for structure in ("additive", "multiplicative", "elementwise"):
        assert np.median(ratios["sharp", structure]) <= 1.2
        assert np.median(ratios["threshold", structure]) <= 4.5
    assert sum(sum(counter.values()) for counter in refusals.values()) <= size // 20


@pytest.mark.parametrize("factor", [0.97, 1.03])
def test_a_wrong_constant_is_caught(factor):
    """The check above can fail: the upper bound times 0.97 or the lower times 1.03 violates somewhere."""
    for rng in draws(7, 60):
        _, setting = random_setting(rng, largest=20)
        try:
            _, sides = sides_at_fraction(setting, family(setting), 0.2)
        except (HypothesisError, UnsupportedError):
            continue
        side = sides["sharp"]
        if side.exact is not None and (side.upper * factor < side.exact if factor < 1 else side.lower * factor > side.exact):
            return
    pytest.fail("no problem notices a bound that is wrong by 3 %")


@full_and_tenth(300)
def test_zou_beside_the_sharp_pair(size, tell):
    """Full precision, no sketch, B = 1: exact <= sharp <= Zou, and how wide the published pair is where its condition holds."""
    ratios = defaultdict(list)
    for rng in draws(20262, size):
        _, setting = random_setting(rng, largest=300)
        plain = setting.full_precision().replace(sketch=None, risk_inputs="clean").replace("training.batch_size", 1)
        pair = {name: theorem_named(name) for name in ("sharp", "zou-2023-upper", "zou-2023-lower")}
        changed, sides = sides_at_fraction(plain, pair, rng.uniform(0.05, 0.95))
        sharp, upper, lower = (sides[name] for name in pair)
        assert sharp.violation <= TOLERANCE
        assert upper.upper >= sharp.upper * (1 - TOLERANCE)
        ratios["sharp"].append(sharp.ratio)
        ratios["zou upper over exact"].append(upper.upper / sharp.exact)
        if changed.training.steps[0] >= 500:
            ratios["zou pair (lower bound recalled)"].append(upper.upper / lower.lower)
    for name, values in ratios.items():
        tell(f"{name:32} {len(values):4} upper/lower: median {np.median(values):.2f}, 90 % {np.quantile(values, 0.9):.1f}")
    assert np.median(ratios["zou pair (lower bound recalled)"]) > 100 * np.median(ratios["sharp"])
