"""What users may rely on: the names of the package with their signatures, and that it starts light."""

from __future__ import annotations

import inspect
import json
import subprocess
import sys
from pathlib import Path

import pytest

import riskbounds
from riskbounds import plots
from riskbounds.cli.examples import EXAMPLES
from riskbounds.cli.parser import parser

SNAPSHOT = Path(__file__).with_name("public_api.json")


def signature(value: object) -> str:
    """How a public name is called; the kind of thing where it is not."""
    if inspect.isclass(value) or inspect.isfunction(value):
        return str(inspect.signature(value))
    return type(value).__name__


def api() -> dict[str, dict[str, str]]:
    return {
        "riskbounds": {name: signature(getattr(riskbounds, name)) for name in sorted(riskbounds.__all__)},
        "riskbounds.plots": {name: signature(getattr(plots, name)) for name in sorted(plots.__all__)},
    }


def test_the_public_names_are_those_of_the_snapshot() -> None:
    """On purpose changed? Then: python -m tests.test_public_api"""
    assert api() == json.loads(SNAPSHOT.read_text())


def test_dir_and_unknown_names() -> None:
    assert set(riskbounds.__all__) <= set(dir(riskbounds))
    for module in (riskbounds, plots):
        with pytest.raises(AttributeError, match="no attribute 'nothing'"):
            module.nothing  # noqa: B018


@pytest.mark.parametrize(
    "start",
    ["import riskbounds", "import sys; sys.argv = ['riskbounds', '--help']; from riskbounds.cli import main; main()"],
    ids=["import", "help"],
)
def test_it_starts_without_sympy_and_scipy(start: str) -> None:
    check = (
        "import sys; print(*(name for name in ('sympy', 'scipy', 'matplotlib', 'numpy') if name in sys.modules), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", f"{start}\n{check}"], capture_output=True, text=True)
    assert done.returncode == 0
    assert done.stderr.split() == []


def commands() -> dict[str, object]:
    found = next(action for action in parser()._actions if action.dest == "command")
    return dict(found.choices)


def test_every_command_has_an_example_in_its_help() -> None:
    assert set(commands()) <= set(EXAMPLES)
    for name, command in commands().items():
        assert EXAMPLES[name].startswith(f"riskbounds {name}")
        assert f"Example: {EXAMPLES[name]}" in " ".join(command.format_help().split())


def test_every_example_parses() -> None:
    import shlex

    from riskbounds.cli.parser import parse

    for name in commands():
        assert parse(shlex.split(EXAMPLES[name])[1:])[0] == name


if __name__ == "__main__":
    SNAPSHOT.write_text(json.dumps(api(), indent=1) + "\n")
