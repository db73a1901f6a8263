"""`riskbounds verify`: text, JSON, report, exit codes; the same rows in Python."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from riskbounds.derivations import load

from riskbounds import verify
from riskbounds.cli import main
from riskbounds.proofs import le
from riskbounds.verification import run as verification_run
from riskbounds.verification.results import checked, settled

KEYS = {"id", "claim", "rule", "uses", "verdict", "seconds", "counterexample"}


def test_json_has_the_keys_of_the_contract(capsys):
    assert main(["verify", "blocks", "--format", "json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert next(iter(answer)) == "schema"
    assert answer["schema"] == 1
    (row,) = answer["derivations"]
    assert (row["name"], row["verdict"]) == ("blocks", "proved")
    assert all(set(step) >= KEYS for step in row["steps"])
    ids = [step["id"] for step in row["steps"]]
    assert all(set(step["uses"]) <= set(ids[:number]) for number, step in enumerate(row["steps"]))
    assert answer["counts"]["steps"] == len(ids) == sum(answer["counts"][key] for key in ("proved", "assumed"))


def test_a_derivation_brings_those_that_it_rests_on(monkeypatch, capsys):
    monkeypatch.setattr(verification_run.os, "cpu_count", lambda: 1)
    assert main(["verify", "sharp-step-size"]) == 0
    out = capsys.readouterr().out
    assert out.index("sharp-storage") < out.index("sharp-step-size")
    assert "2 derivations" in out


@pytest.mark.parametrize(
    ("ending", "mark"), [(".html", '<div class="formula'), (".md", r"\$\$\n\n|\$\$\n$"), (".tex", r"\\\[ |\\begin.align")]
)
def test_report(tmp_path, ending, mark, capsys):
    if ending == ".html":
        pytest.importorskip("latex2mathml")
    target = tmp_path / f"proofs{ending}"
    assert main(["verify", "blocks", "--report", str(target)]) == 0
    assert len(re.findall(mark, target.read_text())) == len(load("blocks").steps)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["sharpp"], "did you mean"),
        (["lin-2024"], "has no derivation"),
        (["blocks", "--report", "x.doc"], ".html"),
        (["blocks", "--report", "/nowhere/x.md"], "there is no folder /nowhere"),
    ],
)
def test_bad_input_is_one_line(arguments, words, capsys):
    assert main(["verify", *arguments]) == 2
    error = capsys.readouterr().err
    assert words in error
    assert error.count("\n") == 1


def broken(name):
    """The derivation with the sides of its last inequality exchanged."""
    derivation = load(name)
    last = derivation.steps[-1]
    return replace(derivation, steps=(*derivation.steps[:-1], replace(last, claim=le(last.claim.right, last.claim.left))))


def test_a_wrong_step_is_refused_with_exit_code_one(monkeypatch, capsys):
    monkeypatch.setattr(verification_run, "load", lambda name: broken(name))
    assert main(["verify", "blocks-below-head"]) == 1
    assert "refused" in capsys.readouterr().out


def test_what_rests_on_a_refused_derivation_is_refused():
    names = {"sharp-storage": broken("sharp-storage"), "sharp-step-size": load("sharp-step-size")}
    rows = {name: checked(each, lambda lemma: True)[-1] for name, each in names.items()}
    verdicts = {row.name: row.verdict for row in settled(rows).derivations}
    assert verdicts["sharp-storage"] in ("refused", "refuted")
    assert verdicts["sharp-step-size"] == "refused"


def test_python_returns_the_same_rows():
    found = verify("blocks", "learning", jobs=1)
    assert found.ok
    assert [row.name for row in found.derivations] == ["blocks", "learning"]
