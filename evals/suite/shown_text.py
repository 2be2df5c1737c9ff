"""Texts of documents, cases and models on their way to a screen: what would not be seen is made visible."""

from __future__ import annotations

import unicodedata


def visible(text: str) -> str:
    """Control characters, direction marks and other invisible signs stand as their number, so that no
    document steers a terminal or turns a line around; blanks of all kinds are blanks."""
    return "".join(sign if sign.isprintable() or sign == "\n" else _told(sign) for sign in text)


def _told(sign: str) -> str:
    return " " if sign == "\t" or unicodedata.category(sign) == "Zs" else f"[U+{ord(sign):04X}]"
