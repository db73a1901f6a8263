"""The ledger as a document: every step with its claim, justification, what it uses and its verdict; HTML, Markdown or TeX."""

from __future__ import annotations

import html
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

from riskbounds.verification.results import DerivationRow, StepRow, Verification

PREAMBLE = r"""\documentclass{article}\usepackage{amsmath,graphicx}\usepackage[margin=2cm]{geometry}
\newcommand\fitted[1]{\resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{$#1$}}"""


def write(found: Verification, path: Path) -> None:
    """Write the report in the format that the file's name ends in."""
    path.write_text(WRITERS[path.suffix](found), encoding="utf-8")


def _heading(found: Verification) -> str:
    return f"riskbounds {version('riskbounds')}: " + ", ".join(f"{number} {name}" for name, number in found.counts.items())


def _justification(step: StepRow) -> str:
    """The rule, its source and what it uses, in words."""
    parts = [step.rule + (f" ({step.source})" if step.source else "")]
    if step.uses:
        parts.append("uses " + ", ".join(step.uses))
    return "; ".join(parts)


def markdown(found: Verification) -> str:
    """Return the report as Markdown with TeX formulas."""
    lines = ["# Proofs", "", _heading(found), ""]
    for row in found.derivations:
        lines += [f"## {row.name}: {row.title}", "", _about(row), ""]
        for step in row.steps:
            verdict = step.verdict if step.counterexample is None else f"{step.verdict}: {step.counterexample}"
            lines += [f"**{step.id}** ({verdict}, {step.seconds:.2f} s). {step.note}".rstrip(), "", f"$${step.tex}$$", ""]
            lines += [_justification(step), ""]
    return "\n".join(lines)


def page(found: Verification) -> str:
    """Return the report as one HTML page without scripts; formulas as MathML where latex2mathml is installed."""
    show = _mathml()
    body = [f"<h1>Proofs</h1><p>{html.escape(_heading(found))}</p>"]
    for row in found.derivations:
        body.append(
            f"<h2 id='{html.escape(row.name)}'>{html.escape(f'{row.name}: {row.title}')}</h2><p>{html.escape(_about(row))}</p>"
        )
        body.append("<table><tr><th>step</th><th>claim</th><th>justification</th><th>verdict</th><th>s</th></tr>")
        for step in row.steps:
            verdict = step.verdict if step.counterexample is None else f"{step.verdict}: {step.counterexample}"
            cells = (html.escape(step.id), show(step), html.escape(f"{_justification(step)} {step.note}"), html.escape(verdict))
            body.append("<tr>" + "".join(f"<td>{cell}</td>" for cell in (*cells, f"{step.seconds:.2f}")) + "</tr>")
        body.append("</table>")
    style = "body{font-family:serif;margin:2em}td{vertical-align:top;padding:.3em;border-top:1px solid #ccc}"
    return (
        f"<!DOCTYPE html><html lang='en'><head><meta charset='utf-8'><title>Proofs</title><style>{style}</style></head>"
        f"<body>{''.join(body)}</body></html>\n"
    )


def tex(found: Verification) -> str:
    """Return the report as a TeX document."""
    lines = [
        r"\documentclass{article}\usepackage{amsmath}\usepackage[margin=2cm]{geometry}\allowdisplaybreaks",
        r"\begin{document}",
    ]
    lines.append(_plain(_heading(found)))
    for row in found.derivations:
        lines += [rf"\section*{{{_plain(f'{row.name}: {row.title}')}}}", _plain(_about(row)), r"\begin{description}"]
        for step in row.steps:
            lines.append(
                rf"\item[{_plain(step.id)}] \resizebox{{\ifdim\width>\linewidth\linewidth\else\width\fi}}{{!}}{{${step.tex}$}}"
            )
            lines.append(_plain(f" {_justification(step)}; {step.verdict}. {step.note}"))
        lines.append(r"\end{description}")
    return "\n".join([*lines, r"\end{document}", ""])


def _about(row: DerivationRow) -> str:
    rests = f" It rests on {', '.join(row.lemmas)}." if row.lemmas else ""
    errors = f" Errors: {'; '.join(row.errors)}." if row.errors else ""
    return f"{row.verdict}, {len(row.steps)} steps.{rests}{errors}"


def _plain(words: str) -> str:
    special = {"\\": r"\textbackslash{}", "^": r"\^{}", "~": r"\~{}", "<": r"$<$", ">": r"$>$"}
    return "".join(special.get(c, "\\" + c if c in "_&%#${}" else c) for c in words)


def _mathml() -> Callable[[StepRow], str]:
    try:
        from latex2mathml.converter import convert
    except ImportError:
        return lambda step: f"<code>{html.escape(step.claim)}</code>"
    return lambda step: str(convert(step.tex))


WRITERS: dict[str, Callable[[Verification], str]] = {".html": page, ".md": markdown, ".tex": tex}
"""The writers by the ending of the file's name."""
