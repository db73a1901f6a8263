"""The keys that ``solve`` can turn: the values they take, which of them are looser, and the setting at a value."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from riskbounds import symbols as s
from riskbounds.decisions.bits import MOST_BITS, bit_rule
from riskbounds.decisions.probe import Probe
from riskbounds.decisions.search import Bits, Counts, Decimals, Numbers
from riskbounds.errors import ProblemError, did_you_mean
from riskbounds.evaluation.step_size import step_size_limit
from riskbounds.instance import resolve
from riskbounds.numerics.floats import Floats
from riskbounds.problem.numbers import COUNT_LIMIT, shown
from riskbounds.quantization import SLOTS, Structure
from riskbounds.setting import Setting

MOST_SIZE = 2000
_EPS = (Fraction(1, 10**20), Fraction(1000))
_STEP_DECADES = 12

Number = Fraction | int


@dataclass(frozen=True, kw_only=True)
class Knob:
    """One key.

    ``grid`` holds indices of ``numbers`` from the loosest (cheapest) on; ``turn`` gives the setting at a value.  ``start``: the
    place on the grid nearest to the present value.  ``costly``: every value needs matrices of its own.
    """

    key: str
    numbers: Numbers
    grid: Sequence[int]
    turn: Callable[[Number], Setting]
    start: int
    costly: bool = False
    rules: tuple[str, ...] = ()

    def at(self, index: int) -> Number:
        """The value of an index."""
        return self.numbers.value(index)

    @property
    def looser(self) -> int:
        """The direction of looser indices: fewer steps, a smaller model, fewer bits, a larger eps or step size."""
        return 1 if self.grid[0] > self.grid[-1] else -1


def keys() -> tuple[str, ...]:
    """Every key that can be solved for."""
    slots = (f"{kind}.{slot}" for kind in ("quantization", "bits") for slot in SLOTS)
    return ("training.steps", "training.step_size", "sketch.size", *slots, "bits")


def knob(setting: Setting, key: str, digits: int) -> Knob:
    """The knob of a key on a setting with one row; reals take decimals of this many significant digits.

    Raises ProblemError for an unknown key or one that the setting does not have.
    """
    if key not in keys():
        known = "the keys are training.steps, training.step_size, sketch.size, quantization.SLOT, bits.SLOT, bits"
        raise ProblemError(f"--for: unknown key {shown(key)}; {did_you_mean(key, keys()) or known}")
    if key == "training.steps":
        return _steps(setting)
    if key == "training.step_size":
        return _step_size(setting, digits)
    if key == "sketch.size":
        return _size(setting)
    if key.startswith("quantization."):
        return _level(setting, key, digits)
    return _bits(setting, key)


def _powers_of_two(most: int) -> list[int]:
    return [2**power for power in range(most.bit_length()) if 2**power < most] + [most]


def _nearest(grid: Sequence[int], index: int) -> int:
    return min(range(len(grid)), key=lambda place: abs(grid[place] - index))


def _steps(setting: Setting) -> Knob:
    grid = _powers_of_two(COUNT_LIMIT)
    return Knob(
        key="training.steps",
        numbers=Counts(),
        grid=grid,
        turn=lambda value: setting.replace("training.steps", value),
        start=_nearest(grid, setting.training.steps[0]),
    )


def _size(setting: Setting) -> Knob:
    if setting.sketch is None or setting.dimension is None:
        raise ProblemError("--for sketch.size needs a [sketch] in the problem")
    most, present = min(setting.dimension, MOST_SIZE), setting.sketch.size[0]
    grid = sorted(
        {*(size for size in _powers_of_two(most) if not present / 2 < size < 2 * present or size == most), min(present, most)}
    )
    return Knob(
        key="sketch.size",
        numbers=Counts(),
        grid=grid,
        turn=lambda value: setting.replace("sketch.size", value),
        start=_nearest(grid, present),
        costly=True,
    )


def _step_size(setting: Setting, digits: int) -> Knob:
    """From beyond 1/mu_1, where the lower bound ends too, in quarters of a decade; the grid meets the theorem's limit itself."""
    stated = Probe(like=setting).statement(resolve(setting)[0])
    found = step_size_limit(stated)
    anchor = Fraction(found) if found else setting.training.step_size
    top = max(anchor, 1 / Fraction(float(stated.at(Floats(), 1).scalar(s.mu[1]))))
    numbers = Decimals(digits=digits)
    values = [anchor, *(2 * top * Fraction(10 ** (-quarter / 4)) for quarter in range(4 * _STEP_DECADES + 1))]
    grid = [numbers.index(value) for value in sorted(values, reverse=True)]
    return Knob(
        key="training.step_size",
        numbers=numbers,
        grid=grid,
        turn=lambda value: setting.replace("training.step_size", value),
        start=_nearest(grid, numbers.index(setting.training.step_size)),
    )


def _moves_the_basis(setting: Setting, slots: Sequence[str]) -> bool:
    """Whether these levels change the eigenvectors of Sigma: a sketched or measured problem and its feature slots."""
    return (setting.sketch is not None or setting.is_data) and any(slot in ("data", "sketch", "feature") for slot in slots)


def _level(setting: Setting, key: str, digits: int) -> Knob:
    slot = key.removeprefix("quantization.")
    structure = bit_rule(setting, slot).structure
    numbers = Decimals(digits=digits)
    low, high = (numbers.index(end) for end in _EPS)
    grid = list(range(high, low - 1, -numbers.decade))
    present = setting.quantization.levels().get(slot)
    eps = getattr(present, "eps", None) or Fraction(1, 1000)
    return Knob(
        key=key,
        numbers=numbers,
        grid=grid,
        turn=lambda value: setting.replace(key, type(structure)(value, noise=structure.noise)),
        start=_nearest(grid, numbers.index(eps)),
        costly=_moves_the_basis(setting, [slot]),
    )


def _bits(setting: Setting, key: str) -> Knob:
    slots = [key.removeprefix("bits.")] if key != "bits" else list(setting.quantization.levels())
    if not slots:
        raise ProblemError("--for bits needs a slot with a level in [quantization]; bits.SLOT names one")
    rules = [bit_rule(setting, slot) for slot in slots]

    def turn(value: Number) -> Setting:
        levels: dict[str, Structure] = {rule.slot: rule.level(int(value)) for rule in rules}
        turned = setting
        for slot, level in levels.items():
            turned = turned.replace(f"quantization.{slot}", level)
        return turned

    return Knob(
        key=key,
        numbers=Bits(),
        grid=range(MOST_BITS + 1),
        turn=turn,
        start=8,
        costly=_moves_the_basis(setting, slots),
        rules=tuple(map(str, rules)),
    )
