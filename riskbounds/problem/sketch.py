"""The Gaussian sketch S in R^{M x p} with entries N(0, 1/M), streamed in blocks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from riskbounds.errors import ProblemError
from riskbounds.problem.frozen import assign
from riskbounds.problem.numbers import count, counts

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SIZE_LIMIT = 10_000
"""Largest sketch size M: M x M matrices are decomposed."""

ENTRIES_LIMIT = 10**10
"""Largest number p M of entries of S; they are streamed, never stored."""


@dataclass(frozen=True, init=False)
class GaussianSketch:
    """S = default_rng(seed).standard_normal((p, M)).T / sqrt(M), the same in every command (theory.md section 1).

    `size` is M, or a list of sizes (one row of results each). Raises ProblemError when a size or the seed is not valid.
    """

    size: tuple[int, ...]
    seed: int

    def __init__(self, size: int | float | str | Sequence[int], *, seed: int = 0) -> None:
        """Check the sizes and the seed."""
        assign(self, size=counts(size, "sketch.size", most=SIZE_LIMIT, longest=10_000))
        assign(self, seed=count(seed, "sketch.seed", least=0))

    def matrix_blocks(self, dimension: int, size: int, block: int = 4096) -> Iterator[NDArray[np.float64]]:
        """Yield S in consecutive column blocks S[:, start:stop] of shape (size, stop - start).

        The draw fills the (dimension, size) matrix row by row, so the entries do not depend on `block`.
        """
        import numpy as np

        if block < 1:
            raise ProblemError(f"block = {block} must be >= 1")
        generator = np.random.default_rng(self.seed)
        for start in range(0, dimension, block):
            rows = generator.standard_normal((min(block, dimension - start), size))
            yield rows.T / np.sqrt(size)
