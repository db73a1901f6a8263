"""The worked example of docs/add_a_proof.md runs."""

import re
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "add_a_proof.md"


def test_worked_example_runs(capsys):
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.S)
    assert len(blocks) >= 5
    exec("\n".join(blocks), {"__name__": "example"})
    assert "left =" in capsys.readouterr().out
