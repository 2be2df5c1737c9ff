"""Addresses in a text: links, hosts and mail addresses, and how two spellings of one are compared. Pure.

Whoever follows one is led somewhere, so a model names none that did not stand in what it read. Telephone
numbers are figures and are held against the records as such.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_ENDS = (
    "com net org info biz io eu de nl fr be at ch lu uk ie es pt it pl cz dk se no fi us ca au nz in cn ru "
    "ua tr gr hu ro bg hr si sk ee lv lt example test xyz app dev co me tv cc link site online shop top "
    "store club live click cloud tech work support help email bank pay finance invoice"
)
_SIGNS = r"[^\s<>\"'“”„«»()\[\]{}|]"
_ADDRESS = re.compile(
    rf"""(?:https?|ftps?|file|data|javascript)\s?:\s?(?:/\s?/)?{_SIGNS}+
      |\b(?:mailto|tel|sms|callto|skype|whatsapp):{_SIGNS}+
      |[\w.+%-]{{1,64}}(?:@|\s?[\[(](?:at|@)[\])]\s?)[\w-]+(?:\.[\w-]+)+(?:/{_SIGNS}*)?
      |\b(?:www\d?\.|(?:\d{{1,3}}\.){{3}}\d{{1,3}}(?=[:/])){_SIGNS}+
      |\b(?:[a-z0-9](?:[a-z0-9-]{{0,61}}[a-z0-9])?\.){{1,9}}(?:{"|".join(_ENDS.split())})\b(?::\d+)?(?:/{_SIGNS}*)?
    """,
    re.IGNORECASE | re.VERBOSE,
)
_SCHEME = re.compile(r"^(?:[a-z]+\s?:\s?(?:/\s?/)?)?(?:www\d?\.)?", re.IGNORECASE)
_HOST_END = re.compile(r"[/?#\\]")
_AT = re.compile(r"\s?[\[(](?:at|@)[\])]\s?", re.IGNORECASE)


def addresses(text: str) -> Iterator[tuple[int, int, str]]:
    """Start, end and the address as it is compared: without scheme, `www.` and signs behind it, in small
    letters."""
    for found in _ADDRESS.finditer(text):
        shown = found[0].rstrip(".,;:!?*_~`/")
        yield found.start(), found.start() + len(shown), _compared(shown)


def unlinked(text: str) -> str:
    """The text with each address as its host and `[link]`: it can be told of, and neither followed nor
    clicked whole."""
    parts, place = list[str](), 0
    for start, end, address in addresses(text):
        parts += [text[place:start], f"{_HOST_END.split(address)[0].rpartition('@')[2]} [link]"]
        place = end
    return "".join((*parts, text[place:]))


def _compared(address: str) -> str:
    return _SCHEME.sub("", _AT.sub("@", address)).casefold()
