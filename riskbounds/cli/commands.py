"""What each command answers, as one text. Heavy modules are imported where they are used."""

from __future__ import annotations

import os
import textwrap
from argparse import Namespace
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from riskbounds import presets
from riskbounds.cli import experiments, output
from riskbounds.errors import ProblemError, did_you_mean
from riskbounds.problem.numbers import count, shown
from riskbounds.setting import Setting

DIGITS_LIMIT = 10_000
SKETCHES_LIMIT = 1000


def bound(options: Namespace) -> str:
    """`riskbounds bound FILE`: certified bounds, the exact risk where it exists, and what they are made of."""
    setting = Setting.from_file(options.file, options.set)
    digits = None if options.digits is None else count(options.digits, "--digits", most=DIGITS_LIMIT)
    sketches = None if options.sketches is None else count(options.sketches, "--sketches", most=SKETCHES_LIMIT)
    if options.theorem is not None:
        from riskbounds.theorems import theorem_named

        theorem_named(options.theorem)
    if sketches is not None and setting.sketch is None:
        raise ProblemError("--sketches needs a [sketch] in the problem")
    answer = _answer(setting, sketches, theorem=options.theorem, digits=digits, rigorous=options.rigorous)
    return output.WRITERS[options.format](answer)


def _answer(setting: Setting, sketches: int | None, **how: Any) -> dict[str, Any]:
    from riskbounds.evaluation import bound as evaluate

    if sketches is None or setting.sketch is None:
        return evaluate(setting, **how).to_dict()
    first = setting.sketch.seed
    answers = [(seed, evaluate(setting.replace("sketch.seed", seed), **how).to_dict()) for seed in range(first, first + sketches)]
    rows = [{**row, "seed": seed} for seed, answer in answers for row in answer["rows"]]
    return {**answers[0][1], "rows": rows, "sketches": output.spread(rows)}


def theorems(options: Namespace) -> str:
    """`riskbounds theorems`: the registry in reading order."""
    from riskbounds.cli.statements import summary
    from riskbounds.theorems import THEOREMS

    rows = [summary(each) for each in THEOREMS]
    if options.format == "json":
        return output.to_json({"schema": 1, "theorems": rows})
    columns = ("name", "side", "status", "proof", "title")
    return output.grid([columns, *([str(row[column]) for column in columns] for row in rows)], left=5)


def show(options: Namespace) -> str:
    """`riskbounds show NAME`: one theorem as text, LaTeX or JSON."""
    from riskbounds.cli import statements
    from riskbounds.theorems import theorem_named

    found = theorem_named(options.name)
    if options.format == "json":
        return output.to_json({"schema": 1, **statements.as_dict(found)})
    return statements.as_latex(found) if options.format == "latex" else statements.as_text(found)


def cite(options: Namespace) -> str:
    """`riskbounds cite NAME|FILE`: BibTeX of a theorem, or of the theorem that `bound FILE` uses and of the paper that
    defines its model (P2 with a sketch, P1 without), and of riskbounds.
    """
    from riskbounds.theorems import THEOREMS, default_theorem, theorem_named
    from riskbounds.theorems.citations import works_used

    name, known = options.name, [each.name for each in THEOREMS]
    if name in known:
        found, sketched = theorem_named(name), None
    elif name == "-" or name in presets.NAMES or name.endswith(".toml") or "/" in name or name in os.listdir():
        setting = Setting.from_file(name)
        found, sketched = default_theorem(setting), setting.sketch is not None
    else:
        hint = did_you_mean(name, (*known, *presets.NAMES)) or "riskbounds theorems and riskbounds presets list them"
        raise ProblemError(f"{shown(name)} is no theorem, preset or file; {hint}")
    works = works_used(found.citation, sketched=sketched)
    return "\n\n".join([f"% {found.name}: {found.number}, {found.citation.version}", *(work.bibtex() for work in works)])


def list_presets(options: Namespace) -> str:
    """`riskbounds presets [NAME]`: the list, or one preset as a problem file."""
    if options.name is None:
        return output.grid([("name", "problem"), *((name, presets.summary(name)) for name in presets.NAMES)], left=2)
    if options.name not in presets.NAMES:
        hint = did_you_mean(options.name, presets.NAMES) or "riskbounds presets lists them"
        raise ProblemError(f"unknown preset {options.name!r}; {hint}")
    return presets.text(options.name)


def formats(options: Namespace) -> str:
    """`riskbounds formats [NAME --range R]`: eps, structure, assumption and source of each format."""
    from riskbounds.quantization.format_table import format_rows

    rows = format_rows(options.name, options.range, options.rounding)
    if options.format == "json":
        return output.to_json({"schema": 1, "formats": rows})
    if options.name is not None:
        return output.grid([(key, output.cell(value)) for key, value in rows[0].items() if value is not None], left=2)
    columns = ("name", "bits", "structure", "eps", "unbiased")
    eps = [output.cell(row["eps"]) if row["eps"] is not None else str(row["eps_formula"] or "-") for row in rows]
    lines = [[level if key == "eps" else output.cell(row[key]) for key in columns] for row, level in zip(rows, eps, strict=True)]
    return output.grid([columns, *lines], left=5) + "\n\n" + _format_notes(rows)


def _format_notes(rows: list[dict[str, object]]) -> str:
    """Return the assumption behind each eps and the source of each format."""
    notes = ['eps is the level of model = "nominal"; the true format is computed from its moments, or refused if biased.']
    for row in rows:
        about = f"{row['name']}: {row['assumption']}. Source: {row['source']}"
        notes.append(textwrap.fill(about, output.WIDTH, subsequent_indent="  "))
    return "\n".join(notes)


def law(options: Namespace) -> str:
    """`riskbounds law SCHEME`: the scaling law of a side or of the exact risk."""
    from riskbounds.asymptotics.laws import law as derive
    from riskbounds.cli.laws import WRITERS

    slots = None if options.slots is None else tuple(slot.strip() for slot in options.slots.split(",") if slot.strip())
    return WRITERS[options.format](derive(options.scheme, options.side, slots=slots, source=options.source))


def regimes(options: Namespace) -> str:
    """`riskbounds regimes SCHEME`: where each term of the exact risk's law is the largest."""
    from riskbounds.asymptotics.law_orders import REPRESENTATIVES
    from riskbounds.asymptotics.law_orders import regimes as derive
    from riskbounds.cli.regimes import WRITERS

    found, slots = derive(options.scheme), ", ".join(REPRESENTATIVES[options.scheme])
    if slots and options.format != "json":
        found = replace(found, title=f"{options.scheme} ({slots})")
    return WRITERS[options.format](found)


def _made_from(setting: Setting) -> dict[str, Any]:
    """Return what names an answer: the problem with its seeds, and its digest."""
    return {"problem": setting.echo(), "digest": setting.digest()}


def solve(options: Namespace) -> str:
    """`riskbounds solve FILE --for KEY`: the loosest value that meets a target, or the one with the least upper bound."""
    from riskbounds import decisions
    from riskbounds.cli.decisions import solution_text, watched

    setting = Setting.from_file(options.file, options.set)
    with watched("solve") as progress:
        if options.minimise is not None:
            answer = decisions.minimise(setting, options.key, options.minimise, progress=progress).to_dict()
        else:
            answer = decisions.solve(setting, options.key, options.such_that, progress=progress).to_dict()
    answer |= _made_from(setting)
    return output.to_json(answer) if options.format == "json" else solution_text(answer)


def compare(options: Namespace) -> str:
    """`riskbounds compare FILE_A FILE_B`: a certified verdict on which risk is lower."""
    from riskbounds import decisions
    from riskbounds.cli.decisions import comparison_text

    sketches = None if options.sketches is None else count(options.sketches, "--sketches", most=SKETCHES_LIMIT)
    a, b = (Setting.from_file(file, options.set) for file in (options.file_a, options.file_b))
    answer = decisions.compare(a, b, sketches=sketches).to_dict()
    answer |= {"problems": {name: _made_from(each) for name, each in (("a", a), ("b", b))}}
    return output.to_json(answer) if options.format == "json" else comparison_text(answer)


def allocate(options: Namespace) -> str:
    """`riskbounds allocate FILE --budget C --cost COST`: optimal exponents and numbers."""
    from riskbounds import decisions
    from riskbounds.cli.decisions import allocation_text

    setting = Setting.from_file(options.file, options.set)
    answer = decisions.allocate(setting, options.budget, options.cost).to_dict() | _made_from(setting)
    return output.to_json(answer) if options.format == "json" else allocation_text(answer)


def plot(options: Namespace) -> str:
    """`riskbounds plot KIND FILE --out x.png`: one picture; the answer names the file and what it was made from."""
    from riskbounds.cli.pictures import draw

    return draw(options)


def report(options: Namespace) -> str:
    """`riskbounds report FILE --out report.html`: everything about one problem; the answer names the file and its digest."""
    from riskbounds.cli.decisions import watched
    from riskbounds.report import compose, ready, write

    ready(options.out)
    with watched("report") as progress:
        document = compose(Setting.from_file(options.file, options.set), options.theorem, progress=progress)
        write(document, options.out)
    return f"{options.out}: {document.made_from}\ndigest {document.digest}"


def simulate(options: Namespace) -> tuple[str, int]:
    """`riskbounds simulate FILE --runs R --seed S`: see :mod:`riskbounds.cli.simulations`."""
    from riskbounds.cli import simulations

    return simulations.run(options)


def check(options: Namespace) -> tuple[str, int]:
    """`riskbounds check FILE --results runs.csv`: see :mod:`riskbounds.cli.simulations`."""
    from riskbounds.cli import simulations

    return simulations.judge(options)


def next_bit(options: Namespace) -> str:
    """`riskbounds next-bit FILE`: the slots in the order of what one more bit takes off the upper bound."""
    from riskbounds import decisions
    from riskbounds.cli.decisions import next_bit_text

    setting = Setting.from_file(options.file, options.set)
    gains = decisions.next_bit(setting)
    answer = {"schema": 1, "rigor": "float64", "slots": [gain.to_dict() for gain in gains]} | _made_from(setting)
    return output.to_json(answer) if options.format == "json" else next_bit_text(answer)


def integers_or_floats(options: Namespace) -> str:
    """`riskbounds integers-or-floats FILE --width B`: which kind of B-bit numbers has the lower risk, and what P1's rule says."""
    from riskbounds import decisions
    from riskbounds.cli.decisions import formats_text

    slots = [slot.strip() for slot in options.slots.split(",")]
    setting = Setting.from_file(options.file, options.set)
    found = decisions.integer_or_floating(
        setting, options.width, slots=slots, exponent_bits=options.exponent_bits, grid_range=options.range
    )
    answer = found.to_dict() | _made_from(setting)
    return output.to_json(answer) if options.format == "json" else formats_text(answer)


def verify(options: Namespace) -> tuple[str, int]:
    """`riskbounds verify [NAME ...]`: see :mod:`riskbounds.cli.proofs`."""
    from riskbounds.cli import proofs

    return proofs.run(options)


COMMANDS: dict[str, Callable[[Namespace], str | tuple[str, int]]] = {
    "bound": bound,
    "theorems": theorems,
    "show": show,
    "cite": cite,
    "presets": list_presets,
    "formats": formats,
    "law": law,
    "regimes": regimes,
    "solve": solve,
    "compare": compare,
    "allocate": allocate,
    "plot": plot,
    "report": report,
    "sweep": experiments.sweep,
    "reproduce": experiments.reproduce,
    "simulate": simulate,
    "check": check,
    "next-bit": next_bit,
    "integers-or-floats": integers_or_floats,
    "verify": verify,
}
"""The commands by name; an answer is a text, or a text and an exit code."""
