"""What a conversation cannot do, however it is said: a model's claim that it did it is struck out, and a
person who asks for it is told the command."""

from __future__ import annotations

import re

COMMANDS = (
    "Nothing is approved or posted by what is said here. /take takes a suggestion; /approve shows the whole "
    "proposal and asks."
)
# In English, German, French and Dutch. First persons and finished deeds; a question or a rule is no claim.
_CLAIMS = re.compile(
    r"""\b(?:
      i \s+ (?:hereby \s+)? (?:approve|release|post|book|pay)\b
    | (?:i \s+ have|i've|i) \s+ (?:now \s+|just \s+|already \s+)?
      (?:approved|released|posted|booked|paid|parked|sent|entered|changed|held)\b
    | (?:it|the \s+ invoice) \s+ (?:is|was|has \s+ been) \s+ (?:now \s+|just \s+)
      (?:approved|posted|paid|sent)\b
    | ich \s+ (?:gebe \s+ .{0,20}frei|genehmige|buche|verbuche|bezahle)\b
    | ich \s+ habe \s+ .{0,40}(?:freigegeben|genehmigt|gebucht|verbucht|bezahlt|gesendet|geschickt|geparkt)\b
    | ik \s+ (?:keur \s+ .{0,20}goed|boek|betaal|geef \s+ .{0,20}vrij)\b
    | ik \s+ heb \s+ .{0,40}(?:goedgekeurd|geboekt|betaald|verzonden|gestuurd|vrijgegeven|geparkeerd)\b
    | j['’]\s*(?:approuve|autorise)\b | je \s+ (?:comptabilise|valide|paie)\b
    | j['’]\s*ai \s+ .{0,30}(?:approuvé|comptabilisé|validé|payé|envoyé|autorisé)\b
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_WISHES = re.compile(
    r"""\b(?:approv(?:e|ed)|post \s+ (?:it|this|the)|go \s+ ahead|release \s+ it
      |freigeb\w*|gebe \s+ .{0,20}frei|genehmig\w*|buch(?:e|en)? \s+ (?:es|das|die|sie|ihn|jetzt)
      |goedkeur\w*|keur \s+ .{0,20}goed|boek \s+ (?:het|hem|de|deze|maar)
      |approuv\w*|comptabilis\w*|valid(?:e|ez|er))\b""",
    re.IGNORECASE | re.VERBOSE,
)
_LETTERS = re.compile(
    r"\b(?:write|draft|compose|reply \s+ to|schreib\w*|verfass\w*|entwirf|formulier\w*|antworte\w*|schrijf|"
    r"stel \s+ .{0,40}op|beantwoord|écri[st]\w*|écrivez|rédige\w*|réponds|répondez)\b",
    re.IGNORECASE | re.VERBOSE,
)


def claims_a_deed(sentence: str) -> bool:
    """Whether the model says that it approved, posted, paid or sent something."""
    return _CLAIMS.search(sentence) is not None


def asks_for_a_deed(words: str) -> bool:
    """Whether the person seems to approve by text; then the command is named, whatever the model says."""
    return _WISHES.search(words) is not None


def asks_for_a_letter(words: str) -> bool:
    """Whether the person wants one written; a mail that is only spoken of is no wish."""
    return _LETTERS.search(words) is not None
