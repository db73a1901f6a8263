"""Linear forms over Q in variables: the exponents, times and counts of the term language.

Their operators leave other operands (terms) to the other side.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from typing import NamedTuple

TIME = "time"
#: The range of a fixed natural number, the same in a whole derivation: N where a threshold k* depends on it.
COUNT = "count"
NATURAL = frozenset({TIME, COUNT})
#: The range of a fixed positive real number: the exponent of a power law.
REAL = "real"
FIXED = frozenset({COUNT, REAL})
#: Ranges whose binder is an expectation: positive, linear, and the expectation of a constant is the constant.
MEANS = frozenset({"outcome", "target", "draw", "sample"})
#: Ranges of eigendirections that are part of the range "all".
PARTS = frozenset({"head", "tail"})


Number = int | Fraction


def exact(value: Number) -> Number:
    """The same number, as an int where it is one (ints hash and add much faster)."""
    return value if isinstance(value, int) else value.numerator if value.denominator == 1 else value


class Var(NamedTuple):
    """A variable over a range: an eigendirection ("all", "head", "tail"), an outcome (a range of MEANS), or a natural number.

    A natural number ("time") with ``below`` runs over 0 <= var < below; without, over all natural numbers.
    Parameters ("count", "real") are numbers that no instance of a claim replaces.
    """

    name: str
    range: str
    below: Lin | None = None

    def __add__(self, other: object) -> Lin:
        """The linear form var + other."""
        return lin(self) + other

    def __radd__(self, other: object) -> Lin:
        """The linear form other + var."""
        return lin(self) + other

    def __sub__(self, other: object) -> Lin:
        """The linear form var - other."""
        return lin(self) - other

    def __rsub__(self, other: object) -> Lin:
        """The linear form other - var."""
        return lin(self) * -1 + other

    def __mul__(self, factor: Number) -> Lin:  # type: ignore[override]
        """The linear form factor * var."""
        return lin(self) * factor

    def __rmul__(self, factor: Number) -> Lin:  # type: ignore[override]
        """The linear form factor * var."""
        return lin(self) * factor

    def __neg__(self) -> Lin:
        """The linear form -var."""
        return lin(self) * -1


class Lin(NamedTuple):
    """constant + sum of coefficient * variable; ``parts`` is sorted by variable and holds no zero."""

    parts: tuple[tuple[Var, Number], ...]
    constant: Number

    def __add__(self, other: object) -> Lin:
        """Sum of two linear forms."""
        if not isinstance(other, _FORMS):
            return NotImplemented
        right = lin(other)
        if not right.parts:
            return Lin(self.parts, exact(self.constant + right.constant))
        if not self.parts:
            return Lin(right.parts, exact(self.constant + right.constant))
        found = dict(self.parts)
        for var, c in right.parts:
            found[var] = found.get(var, 0) + c
        return _make(found, self.constant + right.constant)

    def __radd__(self, other: object) -> Lin:
        """Sum of two linear forms."""
        return self + other

    def __sub__(self, other: object) -> Lin:
        """Difference of two linear forms."""
        return self + lin(other) * -1 if isinstance(other, _FORMS) else NotImplemented

    def __rsub__(self, other: object) -> Lin:
        """Difference of two linear forms."""
        return lin(other) + self * -1 if isinstance(other, _FORMS) else NotImplemented

    def __mul__(self, factor: Number) -> Lin:  # type: ignore[override]
        """Multiple of a linear form."""
        if not isinstance(factor, int | Fraction):
            return NotImplemented
        return _make({var: c * factor for var, c in self.parts}, self.constant * factor)

    def __rmul__(self, factor: Number) -> Lin:  # type: ignore[override]
        """Multiple of a linear form."""
        return self * factor

    def substitute(self, change: Callable[[Var], Lin | Var]) -> Lin:
        """The form with every variable replaced."""
        if not self.parts:
            return self
        result = Lin((), self.constant)
        for var, c in self.parts:
            result = result + lin(change(var)) * c
        return result

    def value(self, values: Mapping[Var, Number]) -> Number:
        """The number at given values of the variables."""
        return sum((c * values[var] for var, c in self.parts), self.constant)

    @property
    def is_constant(self) -> bool:
        """Whether no variable occurs."""
        return not self.parts


_FORMS = (int, Fraction, Var, Lin)


def lin(value: object) -> Lin:
    """The linear form of a number, a variable or a linear form."""
    if isinstance(value, Lin):
        return value
    if isinstance(value, Var):
        return Lin(((value, 1),), 0)
    if isinstance(value, int | Fraction):
        return Lin((), exact(value))
    raise TypeError(f"not a linear form: {value!r}")


def is_whole(form: Lin) -> bool:
    """Whether the form is a whole number for all values of its variables (sufficient)."""
    return form.constant.denominator == 1 and all(c.denominator == 1 and var.range in NATURAL for var, c in form.parts)


def at_least(form: Lin, bound: int = 0) -> bool:
    """Whether form >= bound for all natural values of its variables within their ranges (sufficient, by coefficients).

    A variable with a negative coefficient is replaced by its largest value ``below - 1``; one with a positive coefficient by
    0, innermost ranges first.
    """
    form = form - bound
    for _ in range(8):
        falling = [var for var, c in form.parts if c < 0]
        if not falling:
            return form.constant >= 0 and all(var.range in NATURAL for var, _ in form.parts)
        # a variable that bounds another falling one must wait: it may turn out to cancel
        inner = [v for v in falling if not any(w.below and any(u == v for u, _ in w.below.parts) for w in falling)]
        if not inner or inner[0].below is None:
            return False
        top = inner[0].below - 1
        form = form.substitute(lambda var, old=inner[0], new=top: new if var == old else var)  # type: ignore[misc]
    return False


def within_reach(variables: Iterable[Var]) -> set[Var]:
    """The variables and those that bound their ranges: s and n for s < n."""
    found, todo = set(), list(variables)
    while todo:
        found.add(var := todo.pop())
        todo += [v for v, _ in var.below.parts] if var.below is not None else []
    return found


def _make(parts: Mapping[Var, Number], constant: Number) -> Lin:
    kept = [(var, exact(c)) for var, c in parts.items() if c]
    if len(kept) > 1:
        kept.sort(key=lambda part: str(part[0]))
    return Lin(tuple(kept), exact(constant))
