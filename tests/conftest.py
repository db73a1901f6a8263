"""Sample sizes and figures: quick runs take a seeded tenth, long ones the whole; what a test measures is printed at the end."""

from __future__ import annotations

import os

import pytest
from threadpoolctl import threadpool_limits


def pytest_configure():
    """One BLAS thread a worker, and in what it starts: spinning threads of two workers cost more than they give."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    threadpool_limits(int(os.environ["OPENBLAS_NUM_THREADS"]))


def full_and_tenth(full: int) -> pytest.MarkDecorator:
    """Parametrize a test by its sample size: the tenth in the quick run, the whole in the long one."""
    return pytest.mark.parametrize("size", [full // 10, pytest.param(full, marks=pytest.mark.long)])


@pytest.fixture
def tell(record_property):
    """Print a line in the summary of the run, also under several workers."""

    def printed(text: str) -> None:
        record_property("told", text)

    return printed


def pytest_terminal_summary(terminalreporter):
    """Print what the tests measured."""
    for outcome in ("passed", "failed"):
        for report in terminalreporter.stats.get(outcome, []):
            lines = [text for name, text in getattr(report, "user_properties", []) if name == "told"]
            if lines and report.when == "call":
                terminalreporter.write_line(f"{report.nodeid}:")
                for line in lines:
                    terminalreporter.write_line(f"  {line}")
