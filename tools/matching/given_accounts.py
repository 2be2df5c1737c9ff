"""What a clerk writes for accounts and cost centres: one for all, or one for each line."""

from __future__ import annotations

import re

_ENTRY = re.compile(r"\s*(\d{1,4})\s*:\s*([^\s,:][^,]*?)\s*")


def given_for_lines(text: str) -> tuple[str | None, dict[int, str], str | None]:
    """`6300` → for all; `1:6300,3:6400` → for the lines of these positions, counted from 1 and returned
    from 0. The third value says what is wrong, and then nothing of it may be used."""
    if ":" not in text:
        return (text.strip() or None), {}, None
    found: dict[int, str] = {}
    for part in text.split(","):
        entry = _ENTRY.fullmatch(part)
        if entry is None or int(entry[1]) == 0 or int(entry[1]) - 1 in found:
            return (
                None,
                {},
                "takes one value for all, or POSITION:VALUE with commas, for example 1:6300,3:6400",
            )
        found[int(entry[1]) - 1] = entry[2]
    return None, found, None
