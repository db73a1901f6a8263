"""Where does the budget go? Optimal exponents of M, N, bits and risk, and the numbers at this budget."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp

from riskbounds.asymptotics.problem_law import exponents_of, law_of
from riskbounds.decisions.bits import BitRule, bit_rule
from riskbounds.decisions.equivalent import Equivalent, Levels
from riskbounds.decisions.exponents import COSTS, Cost, Exponents, budget_orders, optimal_exponents, stability
from riskbounds.decisions.probe import Probe, single
from riskbounds.display import Table, Tabulated
from riskbounds.errors import HypothesisError, ProblemError, did_you_mean
from riskbounds.evaluation.printed import tex
from riskbounds.evaluation.result import SCHEMA, Row
from riskbounds.evaluation.values import Estimate
from riskbounds.instance import resolve
from riskbounds.problem import GaussianSketch
from riskbounds.problem.numbers import COUNT_LIMIT, Number, real, shown
from riskbounds.problem.sketch import SIZE_LIMIT
from riskbounds.quantization import Additive, Structure
from riskbounds.setting import Setting

#: Largest model size of the feasible instance whose bound is computed.
MOST_FEASIBLE = 2000
_WIDTHS = range(1, 33)


@dataclass(frozen=True, kw_only=True)
class Share:
    """One quantity: its power of the budget C, and its number at this budget (None: not applicable).

    For bits the exponent is that of 2^bits, since bits themselves grow like log C.
    """

    exponent: sp.Expr
    value: int | float | Estimate | None

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {"exponent": str(self.exponent), "value": self.value.json() if isinstance(self.value, Estimate) else self.value}


@dataclass(frozen=True, kw_only=True)
class Allocation(Tabulated):
    """The optimal split of a budget; names of the JSON contract.  ``risk.value`` is an estimate, ``numeric`` holds bounds.

    ``regime``: the parts of the risk that are largest at the optimum.  ``regimes``: the optimum in every regime of the law,
    the least risk first.
    """

    regime: str
    M: Share
    N: Share
    bits: Share
    risk: Share
    numeric: Row
    regimes: tuple[Exponents, ...]
    notes: tuple[str, ...]

    def table(self) -> Table:
        """How each share grows with the budget C, and its number here (estimates)."""
        shares = {name: getattr(self, name).to_dict() for name in ("M", "N", "bits", "risk")}
        rows = [[f"${name}$", f"$C^{{{share['exponent']}}}$", tex(share["value"], 5)] for name, share in shares.items()]
        caption = f"Optimal split of a budget $C$ in the regime {self.regime}; the numbers are estimates, not bounds."
        return Table(caption=caption, columns=["", "Grows like", "Here"], rows=rows, left=2)

    def to_dict(self) -> dict[str, Any]:
        """The JSON contract's object."""
        shares = {name: getattr(self, name).to_dict() for name in ("M", "N", "bits", "risk")}
        regimes = [each.to_dict() for each in self.regimes]
        numeric = self.numeric.to_dict(None)
        return {
            "schema": SCHEMA,
            "regime": self.regime,
            **shares,
            "numeric": numeric,
            "regimes": regimes,
            "notes": list(self.notes),
            "rigor": "exponents: law; values: estimate; numeric: bounds",
        }


@dataclass(frozen=True, kw_only=True)
class _Point:
    """A numeric choice; ``bits`` is None where the levels are those of the problem."""

    size: int
    steps: int
    bits: int | None
    estimate: float


def allocate(setting: Setting, budget: Number, cost: str) -> Allocation:
    """The sizes that minimise the risk under cost <= budget, for a power law behind a Gaussian sketch.

    Exponents: exact linear programs over the monomials of the problem's scaling law (type Law), as C -> infinity with step
    size, batch, noise and p fixed; what the cost leaves out (bits under "M*N", N under "M*bits") grows as little as keeps the
    optimal rate.  Numbers: the least estimate (type Estimate) over M and bits, where what the cost leaves out is that of the
    problem; then the bounds at the nearest feasible instance, M at most 2000.

    Raises
    ------
    ProblemError: unknown cost, a budget below 1, or a cost in bits without a quantizer.
    UnsupportedError: a problem that no law covers.
    HypothesisError: no size within the budget satisfies the theorem's hypotheses.
    """
    kind = _cost(cost)
    total = real(budget, "--budget", least=1)
    setting, notes = single(setting)
    setting, _ = resolve(setting)
    found, values = law_of(_behind_a_sketch(setting)), exponents_of(setting)
    if setting.sketch is None:
        notes += ("the problem has no [sketch]: M is the size of a Gaussian sketch (seed 0) put before its features",)
    rules = {slot: bit_rule(setting, slot) for slot in setting.quantization.levels()}
    if "bits" in kind and not rules:
        raise ProblemError(f'--cost "{kind}" needs a level in [quantization] that bits can buy; without one use --cost "M*N"')
    regimes = optimal_exponents(budget_orders(found.terms, values), kind, values, stability(found, values))
    best = _optimum(setting, kind, int(total), rules)
    feasible, row = _feasible(setting, kind, int(total), rules, best)
    if feasible.size < best.size:
        notes += (f"numeric: at M = {feasible.size}, the largest feasible size, with N = {feasible.steps}",)
    if 2 * best.size > (setting.dimension or 0):
        notes += (f"M is near p = {setting.dimension}: the law, which gives the exponents, wants M << p",)
    notes += tuple(map(str, rules.values())) if "bits" in kind else ()
    return _allocation(setting, regimes, best, row, notes, rules)


def _behind_a_sketch(setting: Setting) -> Setting:
    """The problem with a Gaussian sketch before its features, where it has none."""
    if setting.sketch is not None:
        return setting
    if setting.dimension is None:
        raise ProblemError("an allocation needs a finite problem.spectrum.dimension")
    return setting.replace(sketch=GaussianSketch(1))


def _cost(cost: str) -> Cost:
    for known in COSTS:
        if cost.replace(" ", "") == known:
            return known
    hint = did_you_mean(cost, COSTS) or "it must be " + ", ".join(f'"{known}"' for known in COSTS)
    raise ProblemError(f"--cost {shown(cost)} is unknown; {hint}")


def _allocation(
    setting: Setting,
    regimes: tuple[Exponents, ...],
    best: _Point,
    row: Row,
    notes: tuple[str, ...],
    rules: dict[str, BitRule],
) -> Allocation:
    powers = regimes[0]
    bits = best.bits if best.bits is not None else _present_bits(setting, rules)
    estimate = Estimate(value=best.estimate, rigor="estimate, float64", source="deterministic equivalent, theory section 6")
    return Allocation(
        regime=" = ".join(powers.regime),
        M=Share(exponent=powers.model, value=best.size),
        N=Share(exponent=powers.data, value=best.steps),
        bits=Share(exponent=powers.bits, value=bits),
        risk=Share(exponent=powers.risk, value=estimate),
        numeric=row,
        regimes=regimes,
        notes=notes,
    )


def _present_bits(setting: Setting, rules: dict[str, BitRule]) -> float | None:
    """Bits of the coarsest level of the problem by its rule, a real number; None in full precision."""
    found = []
    for slot, rule in rules.items():
        level = setting.quantization.get(slot)
        assert isinstance(level, Structure)
        if isinstance(level, Additive):
            found.append(math.log2(float(rule.width) / math.sqrt(float(level.eps * rule.divisor))))
        else:
            found.append(-math.log2(4 * float(level.eps)) / 2)
    return min(found, default=None)


def _widths(kind: Cost, rules: dict[str, BitRule]) -> Sequence[int | None]:
    return list(_WIDTHS) if "bits" in kind and rules else [None]


def _levels(setting: Setting, rules: dict[str, BitRule], bits: int | None) -> Levels:
    if bits is not None:
        return {slot: rule.level(bits) for slot, rule in rules.items()}
    return {slot: level for slot, level in setting.quantization.levels().items() if isinstance(level, Structure)}


def _steps(setting: Setting, kind: Cost, budget: int, size: int, bits: int | None) -> int:
    """The largest N within the budget; 0 if there is none."""
    used = size * (1 if bits is None else bits)
    if kind == "M*bits":
        return setting.training.steps[0] if used <= budget else 0
    return min(budget // used, COUNT_LIMIT)


def _optimum(setting: Setting, kind: Cost, budget: int, rules: dict[str, BitRule]) -> _Point:
    """The least estimate over M, on grids that narrow around the best until they are dense, and over bits."""
    assert setting.dimension is not None
    most = min(setting.dimension, SIZE_LIMIT, budget)
    equivalent, tried = Equivalent(setting), dict[int, _Point | None]()
    widths = _widths(kind, rules)

    def best_at(size: int) -> float:
        if size not in tried:
            tried[size] = _best_bits(setting, kind, budget, rules, equivalent, size, widths)
        point = tried[size]
        return math.inf if point is None else point.estimate

    low, high = 1, most
    while True:
        grid = sorted({round(value) for value in np.geomspace(low, high, 25 if (low, high) == (1, most) else 7)})
        place = min(range(len(grid)), key=lambda each: best_at(grid[each]))
        narrowed = grid[max(place - 1, 0)], grid[min(place + 1, len(grid) - 1)]
        if narrowed == (low, high) or narrowed[1] - narrowed[0] <= max(2, grid[place] // 200):
            break
        low, high = narrowed
    found = tried[grid[place]]
    if found is None:
        raise HypothesisError(
            "no model size within --budget satisfies the hypotheses of the bound: take a smaller training.step_size"
        )
    return found


def _best_bits(
    setting: Setting,
    kind: Cost,
    budget: int,
    rules: dict[str, BitRule],
    equivalent: Equivalent,
    size: int,
    widths: Sequence[int | None],
) -> _Point | None:
    pairs = [(bits, count) for bits in widths if (count := _steps(setting, kind, budget, size, bits)) >= 1]
    if not pairs:
        return None
    risks = equivalent.risks(size, [count for _, count in pairs], [_levels(setting, rules, bits) for bits, _ in pairs])
    if np.all(np.isnan(risks)):
        return None
    place = int(np.nanargmin(risks))
    return _Point(size=size, steps=pairs[place][1], bits=pairs[place][0], estimate=float(risks[place]))


def _feasible(setting: Setting, kind: Cost, budget: int, rules: dict[str, BitRule], best: _Point) -> tuple[_Point, Row]:
    """The bound at the optimum, or at M = 2000 with the steps that the budget then allows."""
    size = min(best.size, MOST_FEASIBLE)
    steps = _steps(setting, kind, budget, size, best.bits)
    seed = 0 if setting.sketch is None else setting.sketch.seed
    chosen = setting.replace(sketch=GaussianSketch(size, seed=seed)).replace("training.steps", steps)
    for slot, level in _levels(setting, rules, best.bits).items():
        chosen = chosen.replace(f"quantization.{slot}", level)
    return _Point(size=size, steps=steps, bits=best.bits, estimate=best.estimate), Probe(like=chosen).row(chosen)
