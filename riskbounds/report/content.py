"""Puts a report together: everything that was computed for one problem, with what it rests on."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from riskbounds import __version__
from riskbounds.display import Table
from riskbounds.display.prose import in_mathematics
from riskbounds.errors import RiskboundsError, UnsupportedError
from riskbounds.evaluation import bound
from riskbounds.evaluation.printed import brief
from riskbounds.evaluation.result import BoundResult
from riskbounds.evaluation.tables import budget_table, hypotheses_table, risk_name, risk_table, terms_table
from riskbounds.plots import style
from riskbounds.plots.laws import laws_or_reason
from riskbounds.plots.provenance import provenance
from riskbounds.plots.regime_plane import regime_map
from riskbounds.plots.risk_curve import rigor_of, risk
from riskbounds.plots.sensitivity import slots
from riskbounds.plots.spectra import spectrum
from riskbounds.plots.term_budget import terms
from riskbounds.report.constants import theorem_section
from riskbounds.report.document import Block, Document, Items, Listing, Paragraph, Picture, Section
from riskbounds.report.laws import law_section
from riskbounds.report.problem import problem_section
from riskbounds.setting import Setting
from riskbounds.theorems.citations import works_used
from riskbounds.theorems.theorem import Theorem

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_PACKAGES = ("sympy", "mpmath", "numpy", "scipy", "python-flint")


def compose(setting: Setting, theorem: Theorem | str | None = None, *, progress: Callable[[str], None] | None = None) -> Document:
    """Evaluate ``bound`` on a setting and put everything about it into a document.

    ``progress`` is called with what is being worked on.  Raises ProblemError and HypothesisError as ``bound`` does; a picture or
    law that does not apply is left out with its reason.
    """
    say = progress or (lambda _: None)
    say("bounds")
    result = bound(setting, theorem)
    answer = result.to_dict()
    parts: dict[str, Callable[[], Section]] = {
        "numbers": lambda: _numbers(result, answer),
        "problem": lambda: problem_section(setting),
        "hypotheses": lambda: _hypotheses(answer),
        "theorem": lambda: theorem_section(result),
        "budget": lambda: _budget(result, answer),
        "law": lambda: law_section(setting),
        "spectrum": lambda: _spectrum_section(setting),
        "proof": lambda: _proof(result),
        "references": lambda: _references(result),
        "versions": lambda: _versions(result),
    }
    sections = []
    for name, part in parts.items():
        say(name)
        sections.append(part())
    title = f"Risk of quantized SGD: {result.theorem.name} on problem {setting.digest()[:12]}"
    made = provenance(setting, rigor=rigor_of(result))
    return Document(title=title, made_from=made.line(), digest=setting.digest(), sections=sections)


def _numbers(result: BoundResult, answer: Mapping[str, Any]) -> Section:
    row = answer["rows"][-1]
    where = f"$N = {row['steps']}$" + ("" if row["model_size"] is None else f", $M = {row['model_size']}$")
    sides = [
        f"{side} {brief(row['risk'][side], 6, side)}" for side in ("lower", "exact", "upper") if row["risk"][side] is not None
    ]
    first = Paragraph(text=f"{risk_name(answer['problem'])} at {where}: {', '.join(sides)}.")
    laws, reason = laws_or_reason(result.setting)
    picture = _picture(
        "risk",
        lambda: risk(result, laws=laws, remarks=reason),
        "The risk: certified bounds, exact value and law, where they exist.",
    )
    notes = list(dict.fromkeys(note for each in answer["rows"] for note in each["notes"]))
    blocks: list[Block] = [first, risk_table(answer), picture]
    if notes:
        blocks += [Paragraph(text="Notes:"), Items(texts=[in_mathematics(note) for note in notes])]
    return Section(title="The numbers", blocks=blocks)


def _hypotheses(answer: Mapping[str, Any]) -> Section:
    size = answer["rows"][-1]["step_size"]
    state = "satisfied" if size["satisfied"] else "not satisfied"
    limit = "" if size["limit"] is None else f"; the largest step size that satisfies it is {brief(size['limit'], 6, 'lower')}"
    return Section(
        title="Hypotheses",
        blocks=[
            hypotheses_table(answer),
            Paragraph(text=f"Step-size condition at $\\gamma = {brief(size['value'])}$: {state}{limit}."),
        ],
    )


def _budget(result: BoundResult, answer: Mapping[str, Any]) -> Section:
    tables = [terms_table(answer, "upper"), terms_table(answer, "lower"), budget_table(answer)]
    blocks: list[Block] = [table for table in tables if table is not None]
    if any(row.risk.upper is not None for row in result.rows):
        blocks.append(_picture("terms", lambda: terms(result), "The terms of the upper bound."))
    if result.setting.quantization.levels():
        blocks.append(_picture("slots", lambda: slots(result.setting), "Which slot deserves the next bit."))
    return Section(title="Term budget", blocks=blocks)


def _spectrum_section(setting: Setting) -> Section:
    blocks = [_picture("spectrum", lambda: spectrum(setting), "The quantized spectrum beside the clean one.")]
    if setting.sketch is not None:
        blocks.append(_picture("regimes", lambda: regime_map(setting), "Which term of the law is the largest."))
    return Section(title="Spectrum and regimes", blocks=blocks)


def _picture(name: str, draw: Callable[[], Axes], caption: str) -> Block:
    """The picture in both formats, or the sentence that says why there is none."""
    try:
        ax = draw()
    except RiskboundsError as error:
        return Paragraph(text=f"No picture of the {name}: {in_mathematics(str(error))}.")
    streams = {ending: io.BytesIO() for ending in ("svg", "pdf")}
    style.render(ax, streams)
    return Picture(name=name, caption=caption, **{ending: stream.getvalue() for ending, stream in streams.items()})


def _proof(result: BoundResult) -> Section:
    theorem = result.theorem
    row = [theorem.name, theorem.number, theorem.status, theorem.proof]
    table = Table(
        caption="Proof status of the theorem used.", columns=["Theorem", "Number", "Status", "Proof"], rows=[row], left=4
    )
    more = Paragraph(text=f"Every step, with the lemmas that it rests on: riskbounds verify {theorem.name} --report proof.html")
    return Section(title="Proof status", blocks=[table, more])


def _references(result: BoundResult) -> Section:
    works = works_used(result.theorem.citation, sketched=result.setting.sketch is not None)
    return Section(title="References", blocks=[Listing(text="\n\n".join(work.bibtex() for work in works))])


def _versions(result: BoundResult) -> Section:
    setting = result.setting
    found = [f"riskbounds {__version__}", *(f"{name} {_version(name)}" for name in _PACKAGES)]
    blocks: list[Block] = [
        Paragraph(
            text=f"This result is named by riskbounds {__version__}, the theorem {result.theorem.name} and the digest of the "
            f"problem (SHA-256): {setting.digest()}"
        ),
        Paragraph(text=f"Computed with {', '.join(found)}."),
    ]
    try:
        blocks += [Paragraph(text="The problem as a file:"), Listing(text=setting.to_toml().rstrip())]
    except UnsupportedError as error:
        blocks[-1] = Paragraph(text=f"The problem cannot be written as a file: {error}.")
    return Section(title="Versions and digest", blocks=blocks)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "(version unknown)"
