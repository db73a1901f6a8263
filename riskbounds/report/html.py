"""A report as one HTML file: no scripts, nothing from the network, mathematics as MathML, light and dark."""

from __future__ import annotations

import base64
import html
import re
from dataclasses import replace
from xml.etree import ElementTree

from riskbounds.display import Table, markup
from riskbounds.display.formula import LINE, broken
from riskbounds.errors import MissingExtraError
from riskbounds.report.document import Block, Document, Formula, Items, Listing, Paragraph, Picture, Section

_STYLE = """
:root { color-scheme: light dark; --ink: #1b1b1b; --paper: #ffffff; --rule: #c8c8c8; --soft: #f3f3f1; --quiet: #5a5a5a; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8e6e3; --paper: #17181a; --rule: #4a4c50; --soft: #232528; --quiet: #a9a9a9; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.5rem 4rem; max-width: 68rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 Georgia, "Times New Roman", serif; }
h1 { font-size: 1.5rem; line-height: 1.25; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; margin: 2.2rem 0 .6rem; padding-top: .6rem; border-top: 1px solid var(--rule); }
p, li { max-width: 60rem; overflow-wrap: anywhere; }
.wide { overflow-x: auto; overflow-y: hidden; }
.made { color: var(--quiet); font-size: .85rem; }
table { border-collapse: collapse; margin: .3rem 0 1rem; font-size: .86rem; font-variant-numeric: tabular-nums; max-width: 100%; }
th, td { padding: .22rem .55rem; vertical-align: top; overflow-wrap: break-word; }
td[style*="left"], th[style*="left"] { min-width: 6rem; }
td math { math-style: normal; }
th { border-bottom: 1px solid var(--ink); font-weight: 600; }
tbody tr:nth-child(even) { background: var(--soft); }
tbody tr:last-child td { border-bottom: 1px solid var(--ink); }
.formula { margin: .7rem 0 .7rem 1.2rem; }
.formula div { margin: .3rem 0; }
.formula div + div { margin-left: 2.4rem; }
math .over { border-top: .07em solid; }
math .under { border-bottom: .07em solid; }
figure { margin: 1.2rem 0; }
figure img { display: block; width: 45rem; max-width: 100%; min-width: 34rem; height: auto; background: #ffffff;
  border-radius: 4px; }
figcaption { color: var(--quiet); font-size: .86rem; max-width: 60rem; overflow-wrap: anywhere; }
pre { background: var(--soft); padding: .8rem 1rem; font-size: .82rem; white-space: pre-wrap; overflow-wrap: anywhere; }
@media print {
  :root { color-scheme: light; --ink: #000; --paper: #fff; --rule: #999; --soft: #f3f3f1; --quiet: #444; }
  html { font-size: 11px; }
  body { padding: 0; max-width: none; }
  figure, .formula, tr { break-inside: avoid; }
  .wide { overflow: visible; }
  figure img { min-width: 0; }
  h2 { break-after: avoid; }
}
""".strip()
_UPRIGHT = re.compile(r"\\mathrm\{(\w)\}")
_BAR = "\N{HORIZONTAL BAR}"


def to_html(document: Document) -> str:
    """Return the page; raises MissingExtraError without latex2mathml."""
    body = "\n".join(_section(section) for section in document.sections)
    title = html.escape(document.title)
    head = "\n".join(
        [
            '<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            *([] if document.digest is None else [f'<meta name="riskbounds-digest" content="{document.digest}">']),
            f"<title>{title}</title>",
            f"<style>\n{_STYLE}\n</style>",
        ]
    )
    made = f'<p class="made">{html.escape(document.made_from)}</p>'
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n{head}\n</head>\n'
        f"<body>\n<h1>{title}</h1>\n{made}\n{body}\n</body>\n</html>\n"
    )


def mathml(tex: str, *, display: bool = False) -> str:
    """Return TeX as MathML for HTML: bars over and under letters are borders, which need no stretching font."""
    try:
        from latex2mathml.converter import convert
    except ModuleNotFoundError:
        raise MissingExtraError("mathematics in a report", "report") from None
    root = ElementTree.fromstring(re.sub(r' xmlns="[^"]*"', "", convert(_UPRIGHT.sub(r"\\text{\1}", tex))))
    for node in root.iter():
        if node.tag in ("mover", "munder") and node[-1].text == _BAR:
            node.set("class", "over" if node.tag == "mover" else "under")
            node.tag = "mrow"
            del node[-1]
    if display:
        root.set("displaystyle", "true")
    return ElementTree.tostring(root, encoding="unicode")


def _section(section: Section) -> str:
    blocks = "\n".join(_block(block) for block in section.blocks)
    return f"<section>\n<h2>{html.escape(section.title)}</h2>\n{blocks}\n</section>"


def _block(block: Block) -> str:
    match block:
        case Paragraph():
            return f"<p>{markup.to_html(block.text, mathml)}</p>"
        case Items():
            return f"<ul>{''.join(f'<li>{markup.to_html(text, mathml)}</li>' for text in block.texts)}</ul>"
        case Formula():
            lines = "".join(f"<div>{mathml(line, display=True)}</div>" for line in broken(block.tex, LINE))
            return f'<div class="formula wide">{lines}</div>'
        case Table():
            told = f"<figcaption>{markup.to_html(block.caption, mathml)}</figcaption>"
            return f'<figure>{told}<div class="wide">{replace(block, caption="").to_html(mathml)}</div></figure>'
        case Picture():
            source = f"data:image/svg+xml;base64,{base64.b64encode(block.svg).decode()}"
            caption = html.escape(block.caption)
            shown = f'<div class="wide"><img src="{source}" alt="{caption}"></div>'
            return f"<figure>{shown}<figcaption>{caption}</figcaption></figure>"
        case Listing():
            return f"<pre>{html.escape(block.text)}</pre>"
