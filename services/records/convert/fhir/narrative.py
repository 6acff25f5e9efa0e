"""The readable part of a document (Narrative): what a person sees whose program knows no FHIR."""

from collections.abc import Iterable
from datetime import datetime
from html import escape
from typing import Final

from common.values import day_of, written_day

from .elements import Element, short_text

DIV: Final = '<div xmlns="http://www.w3.org/1999/xhtml" xml:lang="vi" lang="vi">'

# Characters of a line.
MAX_LINE: Final = 300


def narrative(notes: Iterable[str], lines: Iterable[str] = ()) -> Element:
    """Return notes as paragraphs, then lines as a list."""
    paragraphs = "".join(f"<p>{_escaped(note)}</p>" for note in notes)
    items = "".join(f"<li>{_escaped(line)}</li>" for line in lines)
    return {"status": "generated", "div": f"{DIV}{paragraphs}{f'<ul>{items}</ul>' if items else ''}</div>"}


def line(*parts: str) -> str:
    """Return what is not empty of *parts*: `20/11/2026 · Glucose · 5.4 mmol/L`."""
    return " · ".join(filter(None, map(short_text, parts)))


def day(moment: datetime | None) -> str:
    return written_day(day_of(moment)) if moment is not None else "không rõ ngày"


def _escaped(text: str) -> str:
    return escape(short_text(text, MAX_LINE), quote=False)
