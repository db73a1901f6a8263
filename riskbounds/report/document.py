"""What a report is made of, whatever it is written in. Text is a line with inline mathematics (riskbounds.display.markup)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from riskbounds.display import Table


@dataclass(frozen=True, kw_only=True)
class Paragraph:
    """Running text."""

    text: str


@dataclass(frozen=True, kw_only=True)
class Items:
    """A list of short texts."""

    texts: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class Formula:
    """A displayed equation in TeX, broken into lines where it is long."""

    tex: str


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A drawn figure in the formats that the languages need."""

    name: str
    caption: str
    svg: bytes
    pdf: bytes


@dataclass(frozen=True, kw_only=True)
class Listing:
    """Text to copy, kept as it is."""

    text: str


Block = Paragraph | Items | Formula | Table | Picture | Listing


@dataclass(frozen=True, kw_only=True)
class Section:
    """A title and what is under it."""

    title: str
    blocks: Sequence[Block]


@dataclass(frozen=True, kw_only=True)
class Document:
    """A report: title, the line that says what it was made from, the problem's digest if it is about one, sections."""

    title: str
    made_from: str
    digest: str | None
    sections: Sequence[Section]

    @property
    def pictures(self) -> tuple[Picture, ...]:
        """Every picture, in reading order."""
        return tuple(block for section in self.sections for block in section.blocks if isinstance(block, Picture))
