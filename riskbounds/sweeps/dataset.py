"""The data set of a sweep: labelled arrays, what kind of number each is, and everything that made them."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import scipy

from riskbounds import __version__
from riskbounds.errors import MissingExtraError, ProblemError
from riskbounds.sweeps.axes import Axis
from riskbounds.sweeps.points import Plan
from riskbounds.sweeps.tasks import Columns

try:
    import h5netcdf
    import xarray
except ModuleNotFoundError as error:
    raise MissingExtraError("a sweep", "sweep") from error

KINDS = {
    "lower": "certified lower bound on R(vbar_N) - sigma^2/2",
    "exact": "exact value of R(vbar_N) - sigma^2/2",
    "upper": "certified upper bound on R(vbar_N) - sigma^2/2",
    "mean": "simulated mean of R(vbar_N) - sigma^2/2",
    "stderr": "standard error of the simulated mean",
    "runs": "number of simulated replicas",
    "verdict": "the bounds against the simulation",
    "M_eff": "effective model size, an estimate",
    "N_eff": "effective data size, exact value",
    "gamma_limit": "largest step size at which the theorem's condition holds",
    "hypotheses_hold": "whether every hypothesis of the theorem holds",
    "notes": "notes of the row; for a refused point, the reason",
    "seed": "seed of the replicas of this point",
    "digest": "SHA-256 of the problem of this point",
}
"""What kind of number a variable is."""
_TEXTS = ("notes", "verdict")


def dataset(plan: Plan, columns: Sequence[Columns], about: Mapping[str, object]) -> xarray.Dataset:
    """The columns of all points in the shape of the plan; null is NaN, "" for texts.

    Parameters
    ----------
    about: what the data set says of itself beside the versions.
    """
    dims = tuple(each.dimension for each in plan.axes)
    names = dict.fromkeys(name for found in columns for name in found)
    variables = {name: (dims, _array(plan, columns, name), {"long_name": kind(name)}) for name in names}
    seeds, digests = np.zeros(plan.shape[:-1], dtype=np.int64), np.full(plan.shape[:-1], "", dtype=object)
    for point in plan.points:
        seeds[point.place], digests[point.place] = point.seed, point.setting.digest()
    variables["digest"] = (dims[:-1], digests.astype(str), {"long_name": KINDS["digest"]})
    if about["run"] == "simulate":
        variables["seed"] = (dims[:-1], seeds, {"long_name": KINDS["seed"]})
    return xarray.Dataset(
        variables,
        coords={each.dimension: _coordinate(each) for each in plan.axes},
        attrs={**{key: _attribute(value) for key, value in about.items()}, "versions": json.dumps(versions())},
    )


def kind(name: str) -> str:
    """What kind of number a variable is."""
    if name in KINDS:
        return KINDS[name]
    side, _, term = name.partition("_")
    if side in ("saturated", "subnormal"):
        return f"part of the values rounded in slot {term} that were {side}, over the whole simulation of the point"
    return f"upper bound minus that with {term} exact" if side == "budget" else f"term {term} of the {side} bound"


def _array(plan: Plan, columns: Sequence[Columns], name: str) -> Any:
    values = np.full(plan.shape, "", dtype=object) if name in _TEXTS else np.full(plan.shape, np.nan)
    for point, found in zip(plan.points, columns, strict=True):
        if name in found:
            values[point.place] = [np.nan if value is None else value for value in found[name]]
    return values.astype(str) if name in _TEXTS else values


def _coordinate(each: Axis) -> Any:
    return ([each.dimension], each.coordinates, {"key": each.key})


def _attribute(value: object) -> str | int:
    return value if isinstance(value, str | int) else json.dumps(value)


def versions() -> dict[str, str]:
    """The versions of everything that a number may depend on."""
    modules = {"numpy": np, "scipy": scipy, "xarray": xarray, "h5netcdf": h5netcdf}
    return {
        "riskbounds": __version__,
        "python": platform.python_version(),
        **{name: str(module.__version__) for name, module in modules.items()},
        **{name: version(name) for name in ("ml_dtypes", "gfloat") if find_spec(name) is not None},
    }


def write(found: xarray.Dataset, path: Path) -> None:
    """Write a netCDF-4 file by h5netcdf: the whole file or none of it."""
    draft = path.with_name(path.name + ".draft")
    try:
        found.to_netcdf(draft, engine="h5netcdf")
        os.replace(draft, path)
    except OSError as error:
        raise ProblemError(f"cannot write {path}: {error.strerror or error}") from None
