"""Finite probability spaces with exact rational weights whose moments are those of the random symbols of the noise constants."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

#: A variable: its values with their probabilities.
Variable = tuple[tuple[Fraction, Fraction], ...]


def gaussian(root: Fraction) -> Variable:
    """Variance 3 root^2 and the fourth moment of a Gaussian, three points."""
    return ((Fraction(0), Fraction(2, 3)), (3 * root, Fraction(1, 6)), (-3 * root, Fraction(1, 6)))


def two_point(mean: Fraction, root: Fraction) -> Variable:
    """Mean and standard deviation."""
    return ((mean + root, Fraction(1, 2)), (mean - root, Fraction(1, 2)))


def skew(values: Sequence[int]) -> Variable:
    """Equally likely values: nothing vanishes."""
    return tuple((Fraction(value), Fraction(1, len(values))) for value in values)


@dataclass(frozen=True)
class Space:
    """The product space of independent variables: weights of the outcomes, and values of each variable by outcome."""

    weights: tuple[Fraction, ...]
    values: Mapping[str, tuple[Fraction, ...]]

    def moment(self, body: Callable[[int], Fraction]) -> Fraction:
        """Expectation of a function of the outcome."""
        return sum((weight * body(k) for k, weight in enumerate(self.weights)), Fraction(0))


def space(variables: Mapping[str, Variable]) -> Space:
    """All combinations of values."""
    outcomes = list(product(*variables.values()))
    weights = []
    for outcome in outcomes:
        weight = Fraction(1)
        for _, probability in outcome:
            weight *= probability
        weights.append(weight)
    values = {name: tuple(outcome[k][0] for outcome in outcomes) for k, name in enumerate(variables)}
    return Space(tuple(weights), values)
