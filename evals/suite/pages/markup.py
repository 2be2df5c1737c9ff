"""Markup for one page that needs nothing from outside: whatever is no `Markup` is escaped.

The page holds texts of attackers. So there is one way to write an element, it escapes text and attributes,
and the page carries a policy under which a browser loads nothing and runs no script at all.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from hashlib import sha256
from html import escape
from pathlib import Path

from evals.suite.shown_text import visible

_STYLE = Path(__file__).with_name("report.css")
_EMPTY = {"meta", "br", "input", "line", "rect", "circle", "polyline", "path"}
"""Elements without content."""


class Markup(str):
    """Text that is markup already; only this module makes it."""

    __slots__ = ()


def tag(name: str, /, *inside: str | Markup | Iterable[str | Markup], **attributes: object) -> Markup:
    """`tag("td", "a < b", klass="right")`. `klass` is the class, `for_` the attribute `for`; underscores
    become hyphens; an attribute that is None or False is left out, one that is True has no value."""
    told = "".join(_attribute(key, value) for key, value in attributes.items())
    if name in _EMPTY and not inside:
        return Markup(f"<{name}{told}/>")
    return Markup(f"<{name}{told}>{joined(*inside)}</{name}>")


def joined(*parts: str | Markup | Iterable[str | Markup]) -> Markup:
    """All of them, one after the other; text is escaped."""
    return Markup("".join(_escaped(part) for part in parts))


def _escaped(part: str | Iterable[str]) -> str:
    if isinstance(part, Markup):
        return part
    if isinstance(part, str):
        return escape(visible(part), quote=True)
    return "".join(_escaped(each) for each in part)


def _attribute(name: str, value: object) -> str:
    name = {"klass": "class", "for_": "for", "viewbox": "viewBox"}.get(name, name.replace("_", "-"))
    if value is None or value is False:
        return ""
    return f" {name}" if value is True else f' {name}="{escape(visible(str(value)), quote=True)}"'


def page(title: str, *content: str | Markup | Iterable[str | Markup]) -> str:
    """The whole document, in one file."""
    style = _STYLE.read_text(encoding="utf-8")
    known = b64encode(sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{known}'; base-uri 'none'; form-action 'none'"
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=policy),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="referrer", content="no-referrer"),
        tag("title", title),
        Markup(f"<style>{style}</style>"),
    )
    body = tag("body", tag("main", *content))
    return f"<!doctype html>\n{tag('html', head, body, lang='en')}\n"


def table(head: Iterable[str], rows: Iterable[Iterable[str | Markup]], numbers_from: int = 1) -> Markup:
    """`numbers_from`: columns from there on hold figures and stand at the right."""

    def cells(kind: str, row: Iterable[str | Markup]) -> list[Markup]:
        return [
            tag(kind, cell, klass="number" if at >= numbers_from else None) for at, cell in enumerate(row)
        ]

    body = [tag("tr", cells("td", row)) for row in rows]
    shown = tag("table", tag("thead", tag("tr", cells("th", head))), tag("tbody", body))
    return tag("div", shown, klass="wide")
