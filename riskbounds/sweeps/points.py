"""The points of a sweep: the Cartesian product of its axes, each a setting with one model size and all its N."""

from __future__ import annotations

import copy
import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from riskbounds.errors import ProblemError
from riskbounds.files import put, setting_of
from riskbounds.setting import ROWS_LIMIT, Setting
from riskbounds.sweeps.axes import SIZE, STEPS, Axis


@dataclass(frozen=True, kw_only=True)
class Point:
    """One setting of a sweep and its place along the dimensions before N; ``seed`` is that of its replicas."""

    place: tuple[int, ...]
    setting: Setting
    seed: int


@dataclass(frozen=True, kw_only=True)
class Plan:
    """All points of a sweep; ``axes`` are its dimensions in order, the last one N."""

    axes: tuple[Axis, ...]
    points: tuple[Point, ...]

    @property
    def shape(self) -> tuple[int, ...]:
        """The length of each dimension."""
        return tuple(len(each.values) for each in self.axes)


def plan(document: dict[str, Any], folder: Path, over: Sequence[Axis], seed: int) -> Plan:
    """Every point of the product of ``over``, with the dimensions M (behind a sketch) and N last.

    The seed of a point is drawn from ``seed`` and the number of the point, so points are independent of each other and of
    the order in which they are computed.  Raises RiskboundsError for the first setting that is not valid.
    """
    keys = [each.key for each in over]
    for key in keys:
        if keys.count(key) > 1:
            raise ProblemError(f"--over {key} is given twice; put its values into one list")
    document = copy.deepcopy(document)
    for each in over:
        if each.key in (STEPS, SIZE):
            put(document, each.key, list(each.values), "--over")
    free = [each for each in over if each.key not in (STEPS, SIZE)]
    if math.prod(len(each.values) for each in free) > ROWS_LIMIT:
        raise ProblemError(f"--over asks for more than {ROWS_LIMIT} points; give fewer values")
    settings = [_setting(document, folder, free, values) for values in itertools.product(*(each.values for each in free))]
    sizes, steps = settings[0].model_sizes, settings[0].training.steps
    if any(each.model_sizes != sizes or each.training.steps != steps for each in settings):
        raise ProblemError("every point of a sweep needs the same sketch.size and training.steps; sweep these keys themselves")
    last = [Axis(key=STEPS, values=steps)]
    if settings[0].sketch is not None:
        last.insert(0, Axis(key=SIZE, values=sizes))
        settings = [each.replace(SIZE, size) for each in settings for size in sizes]
    axes = (*free, *last)
    places = itertools.product(*(range(len(each.values)) for each in axes[:-1]))
    return Plan(
        axes=axes,
        points=tuple(
            Point(place=place, setting=setting, seed=seed_of(seed, number))
            for number, (place, setting) in enumerate(zip(places, settings, strict=True))
        ),
    )


def _setting(document: dict[str, Any], folder: Path, axes: Sequence[Axis], values: Sequence[object]) -> Setting:
    changed = copy.deepcopy(document)
    for each, value in zip(axes, values, strict=True):
        put(changed, each.key, value, "--over")
    return setting_of(changed, folder)


def seed_of(seed: int, number: int) -> int:
    """The seed of point ``number``: independent streams, whatever the order in which points are computed."""
    return int(np.random.SeedSequence([seed, number]).generate_state(1)[0])
