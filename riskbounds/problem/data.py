"""Measured data: the population is the empirical distribution of the rows (theory.md section 9b, last paragraph)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from riskbounds.errors import ProblemError
from riskbounds.problem.frozen import assign

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

VALUES_LIMIT = 2 * 10**8
"""Largest number of entries of a feature table (1.6 GB of float64)."""

COLUMNS_LIMIT = 10_000
"""Largest number of feature columns: their covariance is a full matrix."""


@dataclass(frozen=True, init=False, eq=False)
class Data:
    """A table of measured features (n, p) and its response (n,); both are centred here.

    H, w* and sigma^2 are measured from them by least squares, so a data problem has no target and no noise_variance.
    Raises ProblemError, with the columns named, for entries that are not finite, constant columns, columns that are
    linearly dependent, and n < p.
    """

    features: NDArray[np.float64]
    response: NDArray[np.float64]
    names: tuple[str, ...]
    file: str | None
    target_column: str | None

    def __init__(
        self,
        features: ArrayLike,
        response: ArrayLike,
        *,
        names: Sequence[str] | None = None,
        file: str | None = None,
        target_column: str | None = None,
    ) -> None:
        """Copy, check and centre the arrays; `file` and `target_column` only say where they came from."""
        import numpy as np

        table = _numeric(features, "features")
        answer = _numeric(response, "response")
        if table.ndim != 2 or answer.ndim != 1 or len(table) != len(answer):
            raise ProblemError(
                f"problem.spectrum: features {table.shape} and response {answer.shape} must have shapes (n, p) and (n,)"
            )
        columns = tuple(names) if names is not None else tuple(f"x{i + 1}" for i in range(table.shape[1]))
        if len(columns) != table.shape[1]:
            raise ProblemError(f"problem.spectrum: {len(columns)} column names for {table.shape[1]} columns")
        _check(table, answer, columns)
        centred = table - table.mean(axis=0)
        _refuse_dependent(centred, columns)
        centred_answer = answer - answer.mean()
        centred.setflags(write=False)
        centred_answer.setflags(write=False)
        assign(self, features=np.ascontiguousarray(centred), response=centred_answer, names=columns)
        self.features.setflags(write=False)
        assign(self, file=file, target_column=target_column)

    @property
    def dimension(self) -> int:
        """Number of feature columns p."""
        return int(self.features.shape[1])

    @property
    def samples(self) -> int:
        """Number of rows n."""
        return int(self.features.shape[0])

    def digest(self) -> str:
        """Return the SHA-256 of the centred arrays and the column names."""
        state = hashlib.sha256(repr((self.features.shape, self.names)).encode())
        state.update(self.features.tobytes())
        state.update(self.response.tobytes())
        return state.hexdigest()

    def __eq__(self, other: object) -> bool:
        """Two tables are equal when their digests are."""
        return isinstance(other, Data) and self.digest() == other.digest()

    def __hash__(self) -> int:
        """Hash consistent with equality."""
        return hash(self.digest())


def _numeric(values: ArrayLike, what: str) -> NDArray[np.float64]:
    import numpy as np

    try:
        return np.array(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise ProblemError(f"problem.spectrum: the {what} must be an array of real numbers") from None


def _listed(names: Sequence[str]) -> str:
    head = ", ".join(names[:5])
    return head if len(names) <= 5 else f"{head} and {len(names) - 5} more"


def _check(table: NDArray[np.float64], answer: NDArray[np.float64], names: tuple[str, ...]) -> None:
    """Refuse what makes least squares meaningless, naming the columns."""
    import numpy as np

    n, p = table.shape
    if p < 1 or n < 2:
        raise ProblemError(f"problem.spectrum: the data have {n} rows and {p} feature columns; give n >= 2 and p >= 1")
    if table.size > VALUES_LIMIT or p > COLUMNS_LIMIT:
        raise ProblemError(
            f"problem.spectrum: {n} x {p} data exceed the limits of {VALUES_LIMIT} entries and {COLUMNS_LIMIT} columns"
        )
    broken = [names[j] for j in np.flatnonzero(~np.isfinite(table).all(axis=0))]
    if broken:
        raise ProblemError(f"problem.spectrum: missing or infinite entries in column {_listed(broken)}; fill them")
    if not np.isfinite(answer).all():
        raise ProblemError("problem.spectrum: missing or infinite entries in the target column; drop those rows")
    if max(abs(table).max(), abs(answer).max()) > 1e100:
        raise ProblemError("problem.spectrum: entries beyond 1e100 in the data; rescale the columns")
    constant = [names[j] for j in np.flatnonzero(table.max(axis=0) == table.min(axis=0))]
    if constant:
        raise ProblemError(f"problem.spectrum: column {_listed(constant)} is constant; drop it")
    if n < p:
        raise ProblemError(f"problem.spectrum: {n} rows are fewer than the {p} columns ({_listed(names)}); give n >= p")


def _refuse_dependent(centred: NDArray[np.float64], names: tuple[str, ...]) -> None:
    """Refuse columns that are linear combinations of earlier ones (pivotless QR on unit columns)."""
    import numpy as np

    n, p = centred.shape
    unit = centred / np.sqrt((centred**2).sum(axis=0))
    pivots = np.abs(np.diag(np.linalg.qr(unit, mode="r")))
    tolerance = 1e-10
    dependent = [names[j] for j in np.flatnonzero(pivots < tolerance)]
    if dependent:
        raise ProblemError(
            f"problem.spectrum: column {_listed(dependent)} is a linear combination of the columns before it; drop it"
        )
    smallest = np.linalg.svd(unit, compute_uv=False)[-1]
    if smallest < tolerance:
        raise ProblemError(f"problem.spectrum: the {p} columns of the {n} rows ({_listed(names)}) are dependent")
