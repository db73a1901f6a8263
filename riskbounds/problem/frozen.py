"""Setting the fields of a frozen dataclass from its own constructor."""

from __future__ import annotations

from riskbounds.errors import ProblemError
from riskbounds.problem.numbers import shown


def assign(owner: object, /, **values: object) -> None:
    """Set fields of a frozen dataclass; called only from constructors, which convert and check first."""
    for name, value in values.items():
        object.__setattr__(owner, name, value)


def choice(value: object, name: str, valid: tuple[str, ...]) -> str:
    """Return `value` if it is one of `valid`; otherwise raise ProblemError listing what is valid."""
    if isinstance(value, str) and value in valid:
        return value
    raise ProblemError(f"{name} = {shown(value)} is not one of: {', '.join(valid)}")
