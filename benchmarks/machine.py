"""One line per benchmark: value, limit and machine."""

from __future__ import annotations

import os
import platform


def report(what: str, value: float, limit: float, unit: str) -> None:
    """Print a measured value beside its limit."""
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    verdict = "within" if value <= limit else "ABOVE"
    print(f"{what}: {value:.2f} {unit} ({verdict} the limit {limit:g} {unit}; {machine})")
