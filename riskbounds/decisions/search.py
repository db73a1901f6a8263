"""Where does a question change its answer? Searches on integer indices that end at two neighbours: one meets, one does not."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple, Protocol

#: A proposal goes past the expected crossing by at most this share of its distance from the nearer end.
MOST_OVERSHOOT = 0.1


class Numbers(Protocol):
    """Values numbered in increasing order, and a coordinate in which interpolation between them is smooth."""

    def value(self, index: int) -> Fraction | int:
        """The value of an index."""

    def index(self, value: Fraction) -> int:
        """The index of the largest value that is not above this one."""

    def offset(self, origin: int, index: int) -> float:
        """The coordinate of an index, 0 at the origin."""

    def at(self, origin: int, offset: float) -> int:
        """The index at a coordinate."""


@dataclass(frozen=True, kw_only=True)
class Decimals:
    """Positive numbers of ``digits`` significant digits; neighbours differ by at least 10^-digits of their value.

    Number k is (10^(digits-1) + k mod n) 10^(k div n - digits + 1) with n = 9 10^(digits-1) numbers to a decade.
    """

    digits: int

    @property
    def decade(self) -> int:
        """How many there are between two powers of ten."""
        return 9 * 10 ** (self.digits - 1)

    def value(self, index: int) -> Fraction:
        """The number of an index."""
        power, rest = divmod(index, self.decade)
        return Fraction(10 ** (self.digits - 1) + rest) * Fraction(10) ** (power - self.digits + 1)

    def index(self, value: Fraction) -> int:
        """The index of the largest of these numbers that is not above a positive value."""
        power = len(str(value.numerator)) - len(str(value.denominator))
        while Fraction(10) ** power > value:
            power -= 1
        while Fraction(10) ** (power + 1) <= value:
            power += 1
        mantissa = value / Fraction(10) ** (power - self.digits + 1)
        return power * self.decade + int(mantissa) - 10 ** (self.digits - 1)

    def offset(self, origin: int, index: int) -> float:
        """The logarithm of the ratio."""
        return _log(self.value(index) / self.value(origin))

    def at(self, origin: int, offset: float) -> int:
        """The index at a logarithm of the ratio."""
        return self.index(self.value(origin) * _ratio(offset))


def _log(ratio: Fraction) -> float:
    """The logarithm of an exact ratio, also near 1."""
    if abs(ratio - 1) < Fraction(1, 2):
        return math.log1p(float(ratio - 1))
    return math.log(ratio.numerator) - math.log(ratio.denominator)


def _ratio(offset: float) -> Fraction:
    """The ratio of a logarithm, also near 1."""
    return 1 + Fraction(math.expm1(offset)) if abs(offset) < 0.5 else Fraction(math.exp(offset))


class Counts:
    """Positive integers, compared by their ratio."""

    def value(self, index: int) -> int:
        """The integer itself."""
        return index

    def index(self, value: Fraction) -> int:
        """The integer part."""
        return int(value)

    def offset(self, origin: int, index: int) -> float:
        """The logarithm of the ratio."""
        return _log(Fraction(index, origin))

    def at(self, origin: int, offset: float) -> int:
        """The integer at a logarithm of the ratio."""
        return int(origin * _ratio(offset))


class Bits(Counts):
    """Numbers of bits, compared by their difference."""

    def offset(self, origin: int, index: int) -> float:
        """The difference."""
        return float(index - origin)

    def at(self, origin: int, offset: float) -> int:
        """The number of bits at a difference."""
        return origin + int(offset)


@dataclass(frozen=True)
class Point:
    """An index, whether it meets the target, and by how much (None where there is no value)."""

    index: int
    meets: bool
    margin: float | None


class Height(NamedTuple):
    """What is to be small at an index: rounded, then the preferred one of equal ones (the lower ``order``).

    ``exact``: not rounded; ``ceiling``: where the next rounded value begins.
    """

    rounded: float
    order: int
    exact: float
    ceiling: float


Ask = Callable[[int], Point]
Rank = Callable[[int], Height]


def scan(ask: Ask, grid: Sequence[int]) -> tuple[Point, Point] | None:
    """From the loosest index on: the first pair of neighbours on the grid of which one meets and the other does not.

    The pair is (meets, does not); None if every index of the grid answers alike.
    """
    before = ask(grid[0])
    for index in grid[1:]:
        point = ask(index)
        if point.meets != before.meets:
            return (point, before) if point.meets else (before, point)
        before = point
    return None


def gallop(ask: Ask, grid: Sequence[int], start: int) -> tuple[Point, Point] | None:
    """The same from a place on the grid, with doubling strides: towards the loose end while it meets, else away from it."""
    first = ask(grid[start])
    for direction in (-1, 1) if first.meets else (1, -1):
        before, place, stride = first, start, 1
        while 0 <= place + direction < len(grid):
            place = min(max(place + direction * stride, 0), len(grid) - 1)
            point = ask(grid[place])
            if point.meets != before.meets:
                return (point, before) if point.meets else (before, point)
            before, stride = point, 2 * stride
    return None


def neighbours(ask: Ask, numbers: Numbers, good: Point, bad: Point) -> tuple[Point, Point]:
    """Narrow (meets, does not) to two neighbouring indices, by inverse interpolation of the margins.

    After two steps that did not halve the bracket it is bisected: at most three times as many questions as bisection needs.
    """
    seen, slow = [good, bad], 0
    while (width := abs(bad.index - good.index)) > 1:
        low = min(good.index, bad.index)
        proposal = None if slow == 2 else _proposal(numbers, good, bad, seen)
        index = low + width // 2 if proposal is None else min(max(proposal, low + 1), low + width - 1)
        point = ask(index)
        seen.append(point)
        good, bad = (point, bad) if point.meets else (good, point)
        slow = slow + 1 if slow < 2 and abs(bad.index - good.index) > width / 2 else 0
    return good, bad


def _proposal(numbers: Numbers, good: Point, bad: Point, seen: Sequence[Point]) -> int | None:
    """Just past where the margin is expected to vanish, by the expected error; None if an end has no margin."""
    if good.margin is None or bad.margin is None:
        return None
    points = sorted((each for each in seen if each.margin is not None), key=lambda each: abs(each.margin or 0.0))[:3]
    known = [(each.margin or 0.0, numbers.offset(good.index, each.index)) for each in points]
    rough, fine = (_root(known[:count]) for count in (2, 3))
    end = numbers.offset(good.index, bad.index)
    if not (min(0, end) < fine < max(0, end)):
        rough = fine = _root([(good.margin, 0.0), (bad.margin, end)])
    near = 0 if abs(fine) < abs(end - fine) else end
    distance = abs(fine - near)
    away = min(MOST_OVERSHOOT * distance, abs(fine - rough) or MOST_OVERSHOOT * distance)
    crossing = numbers.at(good.index, fine)
    if fine > near:
        return max(crossing + 1, numbers.at(good.index, fine + away))
    return min(crossing, numbers.at(good.index, fine - away))


def _root(points: Sequence[tuple[float, float]]) -> float:
    """Inverse polynomial interpolation of (margin, offset) at margin 0 (Neville's scheme); nan where margins coincide."""
    values = [offset for _, offset in points]
    for order in range(1, len(points)):
        for row in range(len(points) - order):
            left, right = points[row][0], points[row + order][0]
            if left == right:
                return math.nan
            values[row] = (left * values[row + 1] - right * values[row]) / (left - right)
    return values[0]


def lowest(rank: Rank, numbers: Numbers, grid: Sequence[int], start: int | None) -> int:
    """An index that neither neighbour beats, nor any point of the increasing grid; from ``start``, the grid only downhill.

    A search with a start is a costly one: it takes an end of the grid that beats its neighbour on the grid without more ado.

    Between the grid's points the vertex of a parabola is tried, and the middle of the longer side whenever that did not halve
    the bracket.
    """
    best = min(range(len(grid)), key=lambda place: rank(grid[place])) if start is None else start
    while (better := min((best, *_beside(best, len(grid))), key=lambda place: rank(grid[place]))) != best:
        best = better
    low, middle, high = grid[max(best - 1, 0)], grid[best], grid[min(best + 1, len(grid) - 1)]
    if middle in (low, high) and (start is not None or rank(middle) < rank(middle + 1 if middle == low else middle - 1)):
        return middle
    return _narrowed(rank, numbers, low, middle, high)


def _narrowed(rank: Rank, numbers: Numbers, low: int, middle: int, high: int) -> int:
    """The best index inside a bracket; a side that is as low as the middle at its end and half-way is level: no search there."""
    halve = False
    while True:
        if rank(low).rounded == rank(middle).rounded == rank((low + middle) // 2).rounded:
            low = max(low, middle - 1)
        if rank(high).rounded == rank(middle).rounded == rank((middle + high) // 2).rounded:
            high = min(high, middle + 1)
        width = high - low
        if width > 2 and middle - low <= 1 and _equals_prefer(rank, middle, high):
            return _end_of_level(rank, numbers, middle, high)
        if width > 2 and high - middle <= 1 and _equals_prefer(rank, middle, low):
            return _end_of_level(rank, numbers, middle, low)
        if width <= 2 and max(high - middle, middle - low) <= 1:
            return min((low, middle, high), key=rank)
        index = None if halve or middle in (low, high) else _vertex(rank, numbers, low, middle, high)
        if index is None or index == middle:
            index = middle + (high - middle) // 2 if high - middle > middle - low else middle - (middle - low) // 2
        if rank(index) < rank(middle):
            low, high = (middle, high) if index > middle else (low, middle)
            middle = index
        elif index > middle:
            high = index
        else:
            low = index
        halve = not halve and high - low > width / 2


def _equals_prefer(rank: Rank, middle: int, end: int) -> bool:
    """Whether the end is higher than the middle, and of equal ones those towards the end are preferred."""
    return rank(middle).rounded < rank(end).rounded and rank(end).order < rank(middle).order


def _end_of_level(rank: Rank, numbers: Numbers, middle: int, end: int) -> int:
    """The last index from the middle towards a higher end that is not above the middle; the lowest that was seen on the way."""
    level, best = rank(middle), middle

    def ask(index: int) -> Point:
        nonlocal best
        best = min(best, index, key=rank)
        found = rank(index)
        margin = level.ceiling - found.exact if math.isfinite(found.exact) else None
        return Point(index, found.rounded <= level.rounded, margin)

    neighbours(ask, numbers, ask(middle), ask(end))
    return best


def _beside(place: int, count: int) -> list[int]:
    return [each for each in (place - 1, place + 1) if 0 <= each < count]


def _vertex(rank: Rank, numbers: Numbers, low: int, middle: int, high: int) -> int | None:
    """The index at the lowest point of the parabola through three points; None where there is none inside."""
    left, right = numbers.offset(middle, low), numbers.offset(middle, high)
    rise, fall = rank(low).rounded - rank(middle).rounded, rank(high).rounded - rank(middle).rounded
    curvature = rise * right - fall * left
    if not (math.isfinite(curvature) and curvature > 0):
        return None
    index = numbers.at(middle, (rise * right**2 - fall * left**2) / (2 * curvature))
    return min(max(index, low + 1), high - 1)
