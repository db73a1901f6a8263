"""The answer of `bound` as a LaTeX table (booktabs)."""

from __future__ import annotations

from typing import Any

from riskbounds.cli.output import SIDES, Answer, brief

_SPECIAL = {
    **{character: rf"\{character}" for character in "&%$#_{}"},
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "\\": r"\textbackslash{}",
}


def escape(text: str) -> str:
    """Return text with LaTeX's special characters escaped."""
    return "".join(_SPECIAL.get(character, character) for character in text)


def math_number(value: Any, digits: int = 5, side: str = "exact") -> str:
    """Return a number in math mode, with a power of ten where it helps; an em dash for null."""
    text = brief(value, digits, side)
    if text == "-":
        return "---"
    mantissa, power, exponent = text.partition("e")
    return rf"${mantissa} \times 10^{{{int(exponent)}}}$" if power else f"${text}$"


def to_latex(answer: Answer) -> str:
    """Return a table environment that needs only the booktabs package."""
    rows = answer["rows"]
    seeded = any("seed" in row for row in rows)
    heads = [*(["Seed"] if seeded else []), "$N$", "$M$", "Lower", "Exact", "Upper", r"$M_{\mathrm{eff}}$", r"$N_{\mathrm{eff}}$"]
    lines = []
    for row in rows:
        size = "---" if row["model_size"] is None else f"${row['model_size']}$"
        cells = [*([str(row["seed"])] if seeded else []), f"${row['steps']}$", size]
        cells += [math_number(row["risk"][side], 5, side) for side in SIDES]
        cells += [math_number(row["effective"][key]) for key in ("model_size", "data_size")]
        lines.append(" & ".join(cells) + r" \\")
    rigor = ", ".join(dict.fromkeys(str(row["rigor"]["bounds"]) for row in rows))
    caption = (
        rf"Bounds on $R(\bar v_N) - \sigma^2/2$ by the theorem \texttt{{{escape(answer['theorem'])}}} "
        rf"({escape(str(answer['status']))}; {escape(rigor)})."
    )
    return "\n".join(
        [
            r"% needs \usepackage{booktabs}",
            r"\begin{table}",
            r"\centering",
            rf"\caption{{{caption}}}",
            rf"\begin{{tabular}}{{{'r' * len(heads)}}}",
            r"\toprule",
            " & ".join(heads) + r" \\",
            r"\midrule",
            *lines,
            r"\bottomrule",
            r"\end{tabular}",
            r"\end{table}",
        ]
    )
