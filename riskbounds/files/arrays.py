"""Reading the arrays that a problem file names: CSV, .npy and .npz, with one-line refusals."""

from __future__ import annotations

import csv
import struct
import zlib
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from pathlib import Path
from tokenize import TokenError
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

from riskbounds.errors import MissingExtraError, ProblemError, did_you_mean
from riskbounds.problem import Data
from riskbounds.problem.numbers import shown
from riskbounds.problem.spectrum import EXPLICIT_LIMIT

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BYTES_LIMIT = 2 * 10**9
"""Largest array file."""

#: What NumPy's readers raise for a damaged array file, its header parser and its zip archive included.
UNREADABLE = (
    OSError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    EOFError,
    SyntaxError,
    TokenError,
    BadZipFile,
    zlib.error,
    struct.error,
)

DIABETES = "sklearn:diabetes"
"""The file name that stands for scikit-learn's bundled diabetes set (442 rows, 10 columns)."""


def open_failure(error: OSError) -> str:
    """Return why a file could not be read, without a system path."""
    match error:
        case FileNotFoundError():
            return "does not exist"
        case IsADirectoryError():
            return "is a directory"
        case PermissionError():
            return "may not be read"
    return f"cannot be read ({(error.strerror or type(error).__name__).lower()})"


def check_file(path: Path, name: str, limit: int) -> None:
    """Raise ProblemError, naming the key `name`, unless `path` is a file of at most `limit` bytes."""
    try:
        if path.is_dir():
            raise IsADirectoryError
        size = path.stat().st_size
    except (OSError, ValueError) as error:
        why = open_failure(error) if isinstance(error, OSError) else "is not a valid file name"
        raise ProblemError(f"{name}: {shown(path.name)} {why}") from None
    if size > limit:
        raise ProblemError(f"{name}: {shown(path.name)} has {size} bytes, above the limit {limit}")


def numbers_from(path: Path, name: str) -> list[Any]:
    """Return the numbers of a one-column .csv (a header line is skipped) or a one-dimensional .npy file.

    CSV entries stay decimal strings, so they are read exactly. Raises ProblemError naming the key `name`.
    """
    check_file(path, name, BYTES_LIMIT)
    match path.suffix.lower():
        case ".csv":
            return _single_column(path, name)
        case ".npy":
            array = _load(path, name)
            if array.ndim != 1 or array.dtype.kind not in "iuf":
                raise ProblemError(f"{name}: {path.name} must hold a one-dimensional array of real numbers")
            if len(array) > EXPLICIT_LIMIT:
                raise ProblemError(f"{name}: {path.name} has {len(array)} entries, above the limit {EXPLICIT_LIMIT}")
            return list(array.tolist()) if array.dtype.itemsize == 8 else list(array)
    raise ProblemError(f"{name}: {path.name} must end in .csv or .npy")


def data_from(file: str, folder: Path, target_column: str | None) -> Data:
    """Return measured data from a CSV with a header, an .npz with arrays X and y, or an .npy whose last column is y."""
    name = "problem.spectrum.file"
    if file == DIABETES:
        return _diabetes(target_column)
    path = folder / file
    check_file(path, name, BYTES_LIMIT)
    column = "y" if target_column is None else target_column
    source = str(path.resolve())
    match path.suffix.lower():
        case ".csv":
            names, table = _table(path, name)
            place = _target_place(names, column)
            others = [j for j in range(len(names)) if j != place]
            features = [names[j] for j in others]
            return Data(table[:, others], table[:, place], names=features, file=source, target_column=column)
        case ".npy":
            array = _load(path, name)
            if array.ndim != 2 or array.shape[1] < 2:
                raise ProblemError(f"{name}: {path.name} must hold a two-dimensional array whose last column is y")
            if column != "y":
                raise ProblemError("problem.spectrum.target_column: an .npy ends with y; remove it")
            return Data(array[:, :-1], array[:, -1], file=source, target_column=target_column)
        case ".npz":
            return _from_npz(path, name, column, source)
    raise ProblemError(f"{name}: {path.name} must end in .csv, .npy or .npz")


def _target_place(names: list[str], column: str) -> int:
    if column in names:
        return names.index(column)
    hint = did_you_mean(column, names) or f"the columns are {', '.join(names[:8])}"
    raise ProblemError(f"problem.spectrum.target_column: there is no column {column!r}; {hint}")


def _guarded(path: Path, name: str, load: Callable[[], NDArray[np.generic]]) -> NDArray[np.generic]:
    try:
        return load()
    except MemoryError:
        raise ProblemError(f"{name}: {path.name} does not fit in memory") from None
    except UNREADABLE:
        raise ProblemError(f"{name}: {path.name} is not a readable array file (save it with numpy.save)") from None


def _load(path: Path, name: str) -> NDArray[np.generic]:
    import numpy as np

    def load() -> NDArray[np.generic]:
        array = np.load(path, allow_pickle=False)
        if not isinstance(array, np.ndarray):
            raise TypeError
        return array

    return _guarded(path, name, load)


def _from_npz(path: Path, name: str, column: str, source: str) -> Data:
    import numpy as np

    def entry(key: str) -> NDArray[np.generic]:
        with np.load(path, allow_pickle=False) as archive:
            return np.asarray(archive[key])

    def keys() -> NDArray[np.generic]:
        with np.load(path, allow_pickle=False) as archive:
            return np.array(archive.files, dtype=str)

    present = [str(key) for key in _guarded(path, name, keys)]
    for key in ("X", column):
        if key not in present:
            raise ProblemError(f"{name}: {path.name} must hold the arrays X and {column}; it holds {', '.join(present)}")
    features = _guarded(path, name, lambda: entry("X"))
    return Data(features, _guarded(path, name, lambda: entry(column)), file=source, target_column=column)


def _rows(path: Path, name: str) -> list[list[str]]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as stream:
            rows = [row for row in csv.reader(stream) if any(cell.strip() for cell in row)]
    except UnicodeDecodeError:
        raise ProblemError(f"{name}: {path.name} is not UTF-8 text") from None
    except csv.Error as error:
        raise ProblemError(f"{name}: {path.name} is not a CSV file ({error})") from None
    except OSError as error:
        raise ProblemError(f"{name}: {path.name} {open_failure(error)}") from None
    if not rows:
        raise ProblemError(f"{name}: {path.name} is empty")
    return rows


def _is_number(cell: str) -> bool:
    try:
        Decimal(cell.strip())
    except InvalidOperation:
        return False
    return True


def _single_column(path: Path, name: str) -> list[Any]:
    rows = _rows(path, name)
    if not all(_is_number(cell) for cell in rows[0]):
        rows = rows[1:]
    if any(len(row) != 1 for row in rows):
        if len(rows) != 1:
            raise ProblemError(f"{name}: {path.name} must have one number per line")
        rows = [[cell] for cell in rows[0]]
    if not rows:
        raise ProblemError(f"{name}: {path.name} holds no numbers")
    return [row[0].strip() for row in rows]


def _table(path: Path, name: str) -> tuple[list[str], NDArray[np.float64]]:
    """Return the header and the numbers of a CSV file; an empty cell is NaN."""
    import numpy as np

    header, *rows = _rows(path, name)
    names = [cell.strip() for cell in header]
    if all(_is_number(cell) for cell in names):
        raise ProblemError(f"{name}: the first line of {path.name} must hold the column names")
    repeated = next((column for column in names if names.count(column) > 1), None)
    if repeated is not None:
        raise ProblemError(f"{name}: {path.name} has several columns named {repeated!r}; rename them")
    if not rows:
        raise ProblemError(f"{name}: {path.name} has a header but no rows")
    table = np.empty((len(rows), len(names)))
    for i, row in enumerate(rows):
        if len(row) != len(names):
            raise ProblemError(f"{name}: {path.name} has {len(row)} entries in row {i + 1}, expected {len(names)}")
        for j, cell in enumerate(row):
            try:
                table[i, j] = float(cell) if cell.strip() else np.nan
            except ValueError:
                where = f"column {names[j]!r}, row {i + 1}"
                raise ProblemError(f"{name}: {path.name} has {shown(cell)} in {where}; it must be a number") from None
    return names, table


def _diabetes(target_column: str | None) -> Data:
    try:
        from sklearn.datasets import load_diabetes
    except ImportError:
        raise MissingExtraError("the diabetes data set", "data") from None
    if target_column not in (None, "target", "y"):
        raise ProblemError('problem.spectrum.target_column: the response of this set is "target"')
    bunch = load_diabetes()
    return Data(bunch.data, bunch.target, names=list(bunch.feature_names), file=DIABETES, target_column=target_column)
