"""A table with a caption, in the three languages that papers and pages are written in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from riskbounds.display import markup


@dataclass(frozen=True, kw_only=True)
class Table:
    """Cells are lines with inline mathematics (:mod:`riskbounds.display.markup`); the first ``left`` columns are flush left."""

    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    left: int = 0

    def to_html(self, mathematics: markup.Mathematics = markup.dollars) -> str:
        """Return a <table>; ``mathematics`` turns TeX into what the page shows (by default MathJax's dollars)."""

        def cell(text: str, place: int, tag: str) -> str:
            side = "left" if place < self.left else "right"
            return f'<{tag} style="text-align:{side}">{markup.to_html(text, mathematics)}</{tag}>'

        def line(cells: Sequence[str], tag: str) -> str:
            return f"<tr>{''.join(cell(text, place, tag) for place, text in enumerate(cells))}</tr>"

        body = "\n".join(line(row, "td") for row in self.rows)
        caption = f"<caption>{markup.to_html(self.caption, mathematics)}</caption>\n" if self.caption else ""
        head = line(self.columns, "th")
        return f"<table>\n{caption}<thead>{head}</thead>\n<tbody>\n{body}\n</tbody>\n</table>"

    def to_markdown(self) -> str:
        """Return a Markdown table (GitHub's) under its caption."""

        def line(cells: Sequence[str]) -> str:
            return f"| {' | '.join(markup.to_markdown(cell) for cell in cells)} |"

        rule = [":---" if place < self.left else "---:" for place in range(len(self.columns))]
        rows = [line(self.columns), f"| {' | '.join(rule)} |", *(line(row) for row in self.rows)]
        return "\n".join([markup.to_markdown(self.caption), "", *rows])

    def to_latex(self) -> str:
        """Return a table environment that needs only the booktabs package."""

        def line(cells: Sequence[str]) -> str:
            return " & ".join(markup.to_latex(cell) for cell in cells) + r" \\"

        columns = "l" * self.left + "r" * (len(self.columns) - self.left)
        return "\n".join(
            [
                r"% needs \usepackage{booktabs}",
                r"\begin{table}",
                r"\centering",
                rf"\caption{{{markup.to_latex(self.caption)}}}",
                rf"\begin{{tabular}}{{{columns}}}",
                r"\toprule",
                line(self.columns),
                r"\midrule",
                *(line(row) for row in self.rows),
                r"\bottomrule",
                r"\end{tabular}",
                r"\end{table}",
            ]
        )


class Tabulated:
    """An object that notebooks show as a table."""

    def table(self) -> Table:
        """The table; every subclass has its own."""
        raise TypeError(f"{type(self).__name__} has no table")

    def _repr_html_(self) -> str:
        """The table for notebooks."""
        return self.table().to_html()

    def _repr_latex_(self) -> str:
        """The table for LaTeX (booktabs)."""
        return self.table().to_latex()
