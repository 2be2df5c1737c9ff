"""What a conversation cannot do, however it is said: a person who asks for it is told the command."""

from __future__ import annotations

import re

COMMANDS = (
    "Nothing is approved or posted by what is said here. /take takes a suggestion; /approve shows the whole "
    "proposal and asks."
)
_WISHES = re.compile(
    r"""\b(?:approv(?:e|ed)|post \s+ (?:it|this|the)|go \s+ ahead|release \s+ it
      |freigeb\w*|gebe \s+ .{0,20}frei|genehmig\w*|buch(?:e|en)? \s+ (?:es|das|die|sie|ihn|jetzt)
      |goedkeur\w*|keur \s+ .{0,20}goed|boek \s+ (?:het|hem|de|deze|maar)
      |approuv\w*|comptabilis\w*|valid(?:e|ez|er))\b""",
    re.IGNORECASE | re.VERBOSE,
)
_LETTERS = re.compile(
    r"""\b(?:write|draft \s+ (?:an?|the|me|him|her|them)|compose|reply \s+ to
      |schreib(?:en?)?|verfass(?:en?)?|entwirf|formulier(?:en?)?|antworten?
      |schrijf|stel \s+ .{0,40}op|beantwoord
      |écri(?:s|re|vez)|rédige[rz]?|répond(?:s|re|ez))\b""",
    re.IGNORECASE | re.VERBOSE,
)


def asks_for_a_deed(words: str) -> bool:
    """Whether the person seems to approve by text; then the command is named, whatever the model says."""
    return _WISHES.search(words) is not None


def asks_for_a_letter(words: str) -> bool:
    """Whether the person wants one written; a mail that is only spoken of is no wish."""
    return _LETTERS.search(words) is not None
