"""What is asked: a quantity of one row, and the side of a value on which it must lie."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from riskbounds.errors import ProblemError, did_you_mean
from riskbounds.problem.numbers import exact, shown

#: Quantity -> what it is: the type of its value.
QUANTITIES: dict[str, str] = {
    "risk.upper": "upper bound",
    "risk.lower": "lower bound",
    "risk.exact": "exact value",
    "effective.data_size/steps": "exact value",
    "effective.model_size/size": "estimate",
}
_QUESTION = re.compile(r"\s*([^<>=\s]+)\s*(>=|<=)\s*(\S+)\s*")


@dataclass(frozen=True, kw_only=True)
class Target:
    """``quantity <= value`` or ``quantity >= value``, the value exact."""

    quantity: str
    relation: Literal["<=", ">="]
    value: Fraction

    def met(self, achieved: float | None) -> bool:
        """Whether a number meets the target; nothing (null) never does."""
        if achieved is None:
            return False
        return achieved <= self.value if self.relation == "<=" else achieved >= self.value

    def __str__(self) -> str:
        """The question as it was put."""
        return f"{self.quantity}{self.relation}{float(self.value):g}"


def quantity_named(name: str, option: str) -> str:
    """The name itself if it is a quantity; raises ProblemError that names the nearest."""
    if name not in QUANTITIES:
        hint = did_you_mean(name, QUANTITIES) or f"the quantities are {', '.join(QUANTITIES)}"
        raise ProblemError(f"{option}: unknown quantity {shown(name)}; {hint}")
    return name


def target(question: str) -> Target:
    """Read ``QUANTITY<=V`` or ``QUANTITY>=V``; raises ProblemError for anything else."""
    found = _QUESTION.fullmatch(question)
    if found is None:
        raise ProblemError(f'--such-that {shown(question)} must read "QUANTITY<=V" or "QUANTITY>=V", such as "risk.upper<=0.01"')
    quantity = quantity_named(found[1], "--such-that")
    relation: Literal["<=", ">="] = "<=" if found[2] == "<=" else ">="
    return Target(quantity=quantity, relation=relation, value=exact(found[3], f"--such-that {quantity}"))
