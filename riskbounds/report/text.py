"""A report as Markdown and as LaTeX; pictures are files beside it."""

from __future__ import annotations

from riskbounds.display import Table, markup
from riskbounds.display.formula import LINE, broken, displayed
from riskbounds.report.document import Block, Document, Formula, Items, Listing, Paragraph, Picture

_HEAD = r"""\documentclass{article}
\usepackage[T1]{fontenc}
\usepackage[utf8]{inputenc}
\usepackage[margin=2.5cm]{geometry}
\usepackage{amsmath,booktabs,float,graphicx}
\allowdisplaybreaks
\begin{document}"""


def to_markdown(document: Document, folder: str) -> str:
    """Return GitHub's Markdown, mathematics between dollars; pictures lie in ``folder`` as .svg."""
    parts = [f"# {document.title}", document.made_from]
    for section in document.sections:
        parts += [f"## {section.title}", *(_markdown(block, folder) for block in section.blocks)]
    return "\n\n".join(parts) + "\n"


def _markdown(block: Block, folder: str) -> str:
    match block:
        case Paragraph():
            return markup.to_markdown(block.text)
        case Items():
            return "\n".join(f"- {markup.to_markdown(text)}" for text in block.texts)
        case Formula():
            return "$$\n" + " \\\\\n".join(broken(block.tex, LINE)) + "\n$$"
        case Table():
            return block.to_markdown()
        case Picture():
            return f"![{block.caption}]({folder}/{block.name}.svg)"
        case Listing():
            return f"```text\n{block.text}\n```"


def to_latex(document: Document, folder: str) -> str:
    """Return an article that needs amsmath, booktabs, float and graphicx; pictures lie in ``folder`` as .pdf."""
    parts = [_HEAD, rf"\section*{{{markup.escape(document.title)}}}", markup.escape(document.made_from)]
    for section in document.sections:
        parts += [rf"\section*{{{markup.escape(section.title)}}}", *(_latex(block, folder) for block in section.blocks)]
    return "\n\n".join([*parts, r"\end{document}"]) + "\n"


def _latex(block: Block, folder: str) -> str:
    match block:
        case Paragraph():
            return markup.to_latex(block.text)
        case Items():
            lines = "\n".join(rf"\item {markup.to_latex(text)}" for text in block.texts)
            return f"\\begin{{itemize}}\n{lines}\n\\end{{itemize}}"
        case Formula():
            return displayed(block.tex)
        case Table():
            return _fitted(block.to_latex())
        case Picture():
            caption = markup.escape(block.caption)
            path = f"{folder}/{block.name}.pdf"
            return (
                f"\\begin{{figure}}[H]\n\\includegraphics[width=\\linewidth]{{{path}}}\n\\caption{{{caption}}}\n\\end{{figure}}"
            )
        case Listing():
            return f"{{\\small\\begin{{verbatim}}\n{block.text}\n\\end{{verbatim}}}}"


def _fitted(table: str) -> str:
    """A table that is never wider than the line."""
    begin, end = r"\begin{tabular}", r"\end{tabular}"
    inside = table.replace(begin, r"\resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{" + begin)
    return inside.replace(end, end + "}").replace(r"\begin{table}", r"\begin{table}[H]")
