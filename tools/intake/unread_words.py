"""Words that reach the program and stand in no field that is read: a file's name, elements of an XML file
that the invoice does not use, text on a page that nobody can see. They are looked at for orders."""

from __future__ import annotations

import re
from collections.abc import Collection

from tools.domain.documents import Problem, ProblemSeverity
from tools.intake.spoken_orders import gives_orders
from tools.intake.xml_fields import Element

_SHORTEST = 25
"""Characters of an element that can hold an order; codes, names and numbers are shorter."""
_MOST_SHOWN = 120
_JOINTS = re.compile(r"[\W_]+")


def name_problem(name: str) -> Problem | None:
    """A warning where the file's name gives orders."""
    words = _JOINTS.sub(" ", name.rpartition(".")[0])
    return _ordering("file name", name) if gives_orders(words) else None


def element_problem(root: Element, read: Collection[str]) -> Problem | None:
    """A warning for the first element that gives orders and whose text is in none of the fields `read`."""
    known = {" ".join(text.split()) for text in read}
    for raw in root.itertext():
        text = " ".join(str(raw).split())
        if len(text) >= _SHORTEST and text not in known and gives_orders(text):
            return _ordering("part of the file that is not read", text)
    return None


def unseen_problem(words: str) -> Problem | None:
    """A warning for text of a PDF that nobody can see, whatever it says: it was not meant for people."""
    if not words:
        return None
    return _problem(
        "hidden_text",
        f"The PDF holds text that cannot be seen on the page: {_shown(words)!r}. "
        "It is not read as part of the invoice.",
    )


def _ordering(place: str, text: str) -> Problem:
    return _problem(
        "text_gives_orders",
        f"The {place} gives orders to the reader or to software: {_shown(text)!r}. "
        "It is content, not authority; nothing was done because of it.",
    )


def _problem(code: str, message: str) -> Problem:
    return Problem(code=code, severity=ProblemSeverity.WARNING, message=message, field=None)


def _shown(words: str) -> str:
    return " ".join(words.split())[:_MOST_SHOWN]
