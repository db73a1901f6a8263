r"""Long formulas in TeX: how wide they print, about, and where to break them.

A formula breaks before a relation, a plus or a minus, or behind a comma, that no braces enclose, outside parentheses where
that is enough; a wide fraction becomes a product first, and a wide product breaks between factors.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|[{}^_]|.", re.DOTALL)
_OPEN, _CLOSE = ("(", "[", r"\left"), (")", "]", r"\right")
_BREAK = re.compile(r" (?=(?:[+\-=<]|\\le|\\ge|\\leq|\\geq) )|(?<=,) ")
_FACTORS = re.compile(r"(?<=\\,)(?=[^ ])")
_FRACTION = re.compile(r"\\frac(?={)")
_PAIR = re.compile(r"\\(left|right)(?=[()\[\]|]|\\[{}|])")
_BIG = {"left": r"\Bigl", "right": r"\Bigr"}
_SILENT = {r"\left", r"\right", r"\displaystyle", r"\limits", r"\mathrm", r"\text", r"\bar", r"\mathbb", r"\operatorname"}
_SCRIPT = 0.7
LINE = 56.0
"""Widths of a line of an article's text, in letters of its size."""


def width(tex: str) -> float:
    """Return about how many letters wide a formula prints: a fraction as wide as its wider part, scripts at 0.7 of their size."""
    found, _ = _width(_TOKEN.findall(tex), 0)
    return found


def _width(tokens: Sequence[str], place: int) -> tuple[float, int]:
    """The width up to the brace that closes the group, and the place behind it."""
    total, scale = 0.0, 1.0
    while place < len(tokens) and tokens[place] != "}":
        token, place = tokens[place], place + 1
        if token in "^_":
            scale = _SCRIPT
            continue
        if token in (r"\frac", r"\tfrac"):
            top, place = _width(tokens, place + 1)
            bottom, place = _width(tokens, place + 1)
            size = max(top, bottom)
        elif token == "{":
            size, place = _width(tokens, place)
        else:
            size = _letter(token)
        total, scale = total + scale * size, 1.0
    return total, place + 1


def _letter(token: str) -> float:
    if token.isspace() or token in _SILENT:
        return 0.0
    if token.startswith("\\") and not token[1:].isalpha():
        return 0.3
    return 2.0 if token in ("+", "-", "=", "<", r"\le", r"\ge", r"\sum", r"\min", r"\max", r"\log", r"\quad") else 1.0


def broken(tex: str, longest: float = LINE) -> list[str]:
    """Return the formula in lines of at most this width, where breaks allow it; joined by blanks they are the formula,
    wide fractions as products.

    Where a line breaks inside parentheses, those that the formula sizes itself (``\\left``) become ``\\Bigl`` and ``\\Bigr``.
    """
    if width(tex) <= longest:
        return [tex]
    pieces = _pieces(tex, _BREAK)
    if len(pieces) == 1:
        flat = _unfolded(tex, longest)
        if flat != tex:
            return broken(flat, longest)
        pieces = _pieces(tex, _FACTORS)
    if len(pieces) == 1:
        return [tex]
    lines = [""]
    for piece in pieces:
        for part in broken(piece, longest):
            joined = f"{lines[-1]} {part}".strip()
            if width(joined) <= longest:
                lines[-1] = joined
            else:
                lines.append(part)
    return [line if _balanced(line) else _PAIR.sub(lambda found: _BIG[found[1]], line) for line in lines if line]


def _pieces(tex: str, pattern: re.Pattern[str]) -> list[str]:
    """The parts between the breaks at the least depth of parentheses that has any."""
    places = [(depth, place) for place, braces, depth in _open_at(pattern, tex) if braces == 0]
    if not places:
        return [tex]
    least = min(depth for depth, _ in places)
    cuts = [0, *(place for depth, place in places if depth == least), len(tex)]
    return [tex[low:high].strip() for low, high in pairwise(cuts) if tex[low:high].strip()]


def _open_at(pattern: re.Pattern[str], tex: str) -> Iterator[tuple[int, int, int]]:
    """Where a pattern starts, with how many braces and how many parentheses are open there."""
    braces, depth, behind = 0, 0, 0
    for found in pattern.finditer(tex):
        for token in _TOKEN.findall(tex, behind, found.start()):
            braces += (token == "{") - (token == "}")
            depth += (token in _OPEN) - (token in _CLOSE)
        behind = found.start()
        yield behind, braces, depth


def _unfolded(tex: str, longest: float) -> str:
    """The first wide fraction that no braces enclose as a product, which can be broken; the formula itself if there is none."""
    for start, braces, _ in _open_at(_FRACTION, tex):
        if braces:
            continue
        above = start + len(r"\frac")
        middle = _closed(tex, above)
        end = _closed(tex, middle)
        top, bottom = tex[above + 1 : middle - 1], tex[middle + 1 : end - 1]
        if max(width(top), width(bottom)) <= longest / 2:
            continue
        if width(bottom) <= longest / 2:
            product = rf"\frac{{1}}{{{bottom}}} \left({top}\right)"
        else:
            product = rf"\left({top}\right) \left({bottom}\right)^{{-1}}"
        return f"{tex[:start]}{product}{tex[end:]}"
    return tex


def _closed(tex: str, place: int) -> int:
    """The place behind the group in braces that starts here."""
    depth = 0
    for token in _TOKEN.finditer(tex, place):
        depth += (token[0] == "{") - (token[0] == "}")
        if depth == 0:
            return token.end()
    raise ValueError(f"braces are not closed in {tex}")


def _balanced(tex: str) -> bool:
    depth = 0
    for found in _PAIR.finditer(tex):
        depth += 1 if found[1] == "left" else -1
        if depth < 0:
            return False
    return depth == 0


def displayed(tex: str, longest: float = LINE) -> str:
    """Return the formula as a LaTeX display (amsmath), broken into lines where it is long."""
    lines = broken(tex, longest)
    if len(lines) == 1:
        return rf"\[ {tex} \]"
    body = " \\\\\n  & \\quad ".join(lines)
    return f"\\begin{{align*}}\n  & {body}\n\\end{{align*}}"
