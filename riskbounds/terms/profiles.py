"""Profiles: functions f(t), t > 0, of a class closed under the derivative, with limits and Mellin transform in exact arithmetic.

The classes are those of :mod:`riskbounds.terms.exponentials` and :mod:`riskbounds.terms.rationals`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

from riskbounds.terms.linear import Number, Var
from riskbounds.terms.polynomial import Term
from riskbounds.terms.vocabulary import scalar

#: The argument t > 0 of a profile.
TAU = scalar("tau")


class Profile(ABC):
    """A function of the class; equal functions are equal objects."""

    @property
    @abstractmethod
    def at_zero(self) -> Number | None:
        """The limit at t = 0; None if it is infinite."""

    @property
    @abstractmethod
    def at_infinity(self) -> Number | None:
        """The limit at t = infinity; None if it is infinite."""

    @property
    @abstractmethod
    def body(self) -> Term:
        """The function as a term in tau."""

    @abstractmethod
    def derivative(self) -> Profile:
        """d/dt."""

    @abstractmethod
    def mellin(self, a: Var, b: Var | int = 0) -> Term:
        """The transform int f(t) t^(s-1) dt at s = (b-1)/a, continued analytically."""
