"""Where does a question change its answer? Searches on integer indices that end at two neighbours: one meets, one does not."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

#: A proposal goes past the expected crossing by at most this share of its distance from the nearer end.
MOST_OVERSHOOT = 0.1
DIGITS = 10


@dataclass(frozen=True, kw_only=True)
class Decimals:
    """Positive numbers of ``digits`` significant digits, numbered in increasing order; neighbours differ by 1e-digits or more.

    Number k is (10^(digits-1) + k mod n) 10^(k div n - digits + 1) with n = 9 10^(digits-1) numbers to a decade.
    """

    digits: int = DIGITS

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


@dataclass(frozen=True)
class Point:
    """An index, whether it meets the target, and by how much (None where there is no value)."""

    index: int
    meets: bool
    margin: float | None


Ask = Callable[[int], Point]


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


def neighbours(ask: Ask, good: Point, bad: Point) -> tuple[Point, Point]:
    """Narrow (meets, does not) to two neighbouring indices, by inverse interpolation of the margins.

    Bisection halves the bracket whenever a step did not, so at most twice as many questions as bisection needs are asked.
    """
    seen, bisect = [good, bad], False
    while (width := abs(bad.index - good.index)) > 1:
        low = min(good.index, bad.index)
        proposal = None if bisect else _proposal(good, bad, seen)
        index = low + width // 2 if proposal is None else min(max(proposal, low + 1), low + width - 1)
        point = ask(index)
        seen.append(point)
        good, bad = (point, bad) if point.meets else (good, point)
        bisect = not bisect and abs(bad.index - good.index) > width / 2
    return good, bad


def _proposal(good: Point, bad: Point, seen: Sequence[Point]) -> int | None:
    """Where the margin is expected to vanish, moved across by the expected error; None if an end has no margin."""
    if good.margin is None or bad.margin is None:
        return None
    known = sorted((each for each in seen if each.margin is not None), key=lambda each: abs(each.margin or 0.0))[:3]
    rough, fine = (_root(known[:count], good.index) for count in (2, 3))
    low, high = sorted((0, bad.index - good.index))
    if not (low < fine < high):
        rough = fine = _root([good, bad], good.index)
    near = 0 if abs(fine) < abs(bad.index - good.index - fine) else bad.index - good.index
    distance = abs(fine - near)
    away = max(1.0, min(MOST_OVERSHOOT * distance, abs(fine - rough) or MOST_OVERSHOOT * distance))
    return good.index + round(fine + away if fine > near else fine - away)


def _root(points: Sequence[Point], origin: int) -> float:
    """Inverse polynomial interpolation of index - origin at margin 0 (Neville's scheme); nan where margins coincide."""
    table = [(float(each.margin or 0.0), float(each.index - origin)) for each in points]
    values = [place for _, place in table]
    for order in range(1, len(table)):
        for row in range(len(table) - order):
            left, right = table[row][0], table[row + order][0]
            if left == right:
                return math.nan
            values[row] = (left * values[row + 1] - right * values[row]) / (left - right)
    return values[0]
