r"""One line of text with inline mathematics between dollars, written as HTML, Markdown or LaTeX.

"the spectrum $\lambda_i = i^{-3/2}$" is text, mathematics, text.  A dollar has no other use.
"""

from __future__ import annotations

import html
from collections.abc import Callable

Mathematics = Callable[[str], str]
"""TeX to the mathematics of a page: MathML, or the dollars that MathJax reads."""

_SPECIAL = {
    **{character: rf"\{character}" for character in "&%$#_{}"},
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "\\": r"\textbackslash{}",
    "—": "---",
}


def dollars(tex: str) -> str:
    """Return inline mathematics as MathJax reads it in a page."""
    return f"${html.escape(tex, quote=False)}$"


def to_html(text: str, mathematics: Mathematics = dollars) -> str:
    """Return the line as HTML."""
    return _written(text, lambda plain: html.escape(plain, quote=False), mathematics)


def to_latex(text: str) -> str:
    """Return the line as LaTeX."""
    return _written(text, escape, lambda tex: f"${tex}$")


def to_markdown(text: str) -> str:
    """Return the line as Markdown for a table cell or a paragraph."""
    return _written(
        text, lambda plain: plain.replace("|", r"\|").replace("*", r"\*"), lambda tex: f"${tex.replace('|', chr(92) + 'vert ')}$"
    )


def escape(text: str) -> str:
    """Return text with LaTeX's special characters escaped."""
    return "".join(_SPECIAL.get(character, character) for character in text)


def _written(text: str, plain: Mathematics, mathematics: Mathematics) -> str:
    parts = text.split("$")
    return "".join(mathematics(part) if place % 2 else plain(part) for place, part in enumerate(parts))
