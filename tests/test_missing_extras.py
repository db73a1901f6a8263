"""A command that misses a package says what it is for and the line that installs all it needs."""

from __future__ import annotations

import subprocess
import sys

import pytest

CASES = {
    "pictures": (["plot", "risk", "q1-additive-0", "--out", "x.png"], "matplotlib", "riskbounds[plot]"),
    "report without matplotlib": (["report", "q1-additive-0", "--out", "x.html"], "matplotlib", "riskbounds[report]"),
    "report without latex2mathml": (["report", "q1-additive-0", "--out", "x.html"], "latex2mathml", "riskbounds[report]"),
    "report of proofs": (["verify", "blocks", "--report", "x.html"], "latex2mathml", "riskbounds[report]"),
    "experiment without matplotlib": (["reproduce", "figure1", "--out", "x"], "matplotlib", "riskbounds[plot,sweep]"),
    "experiment without xarray": (["reproduce", "figure1", "--out", "x"], "xarray", "riskbounds[plot,sweep]"),
    "sweep": (
        ["sweep", "q1-additive-0", "--over", "quantization.data=0.1", "--run", "bound", "--out", "x.nc"],
        "xarray",
        "riskbounds[sweep]",
    ),
    "formats": (["formats", "e4m3"], "ml_dtypes", "riskbounds[formats]"),
    "data": (["bound", "diabetes"], "sklearn", "riskbounds[data]"),
}


@pytest.mark.parametrize("name", CASES)
def test_the_line_names_the_extra(name, tmp_path) -> None:
    arguments, package, extra = CASES[name]
    code = f"import sys; sys.modules[{package!r}] = None; from riskbounds.cli import main; sys.exit(main({arguments!r}))"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False)
    assert "Traceback" not in done.stderr
    assert done.returncode == 2
    assert f"pip install '{extra}'" in done.stderr
    assert done.stderr.count("\n") == 1
    assert not list(tmp_path.iterdir())
