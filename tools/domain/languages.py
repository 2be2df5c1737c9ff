"""The languages that people are written to in, by their ISO 639-1 code."""

from __future__ import annotations

from collections.abc import Mapping

NAMES: Mapping[str, str] = {"nl": "Dutch", "de": "German", "fr": "French", "en": "English"}
"""Code -> the name that a prompt calls the language by."""
ENGLISH = "en"
_OF_COUNTRY = {"NL": "nl", "DE": "de", "AT": "de", "LI": "de", "FR": "fr", "MC": "fr"}
"""Countries with one of these as the only language of business; the others are written to in English."""


def language_of_country(country: str | None) -> str:
    """Code of the language for a country (ISO 3166 alpha-2); English where the country leaves it open."""
    return _OF_COUNTRY.get((country or "").upper(), ENGLISH)
