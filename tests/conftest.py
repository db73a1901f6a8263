"""Sample sizes: the quick run takes a seeded tenth of every large sample, `pytest -m long` the whole."""

from __future__ import annotations

import pytest


def full_and_tenth(full: int) -> pytest.MarkDecorator:
    """Parametrize a test by its sample size: the tenth in the quick run, the whole in the long one."""
    return pytest.mark.parametrize("size", [full // 10, pytest.param(full, marks=pytest.mark.long)])
