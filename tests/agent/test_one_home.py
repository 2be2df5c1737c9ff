"""Names that several parts speak of are written in one place."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tools.domain.languages import NAMES, language_of_country

_ROOT = Path(__file__).parents[2]


def written_in(*literals: str) -> set[str]:
    """Files of the product that hold one of the literals as a whole string of code."""
    found = set()
    for path in [*_ROOT.glob("agent/**/*.py"), *_ROOT.glob("tools/**/*.py")]:
        values = (
            node.value for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Constant)
        )
        if set(literals) & {value for value in values if isinstance(value, str)}:
            found.add(str(path.relative_to(_ROOT)))
    return found


@pytest.mark.parametrize(
    ("literals", "home"),
    [
        (("take_suggested_lines",), "tools/matching/ways_out.py"),
        (tuple(NAMES.values()), "tools/domain/languages.py"),
    ],
)
def test_a_name_has_one_home(literals: tuple[str, ...], home: str) -> None:
    assert written_in(*literals) == {home}


def test_only_one_place_assigns_the_step_that_asks_about_findings() -> None:
    homes = [
        path.name
        for path in _ROOT.glob("agent/**/*.py")
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Constant)
        and (ast.unparse(node.targets[0]), node.value.value) == ("STEP", "investigate")
    ]
    assert homes == ["suggestions.py"]


@pytest.mark.parametrize(
    ("country", "language"),
    [("DE", "de"), ("nl", "nl"), ("BE", "en"), (None, "en"), ("", "en"), ("MC", "fr")],
)
def test_the_language_of_business_follows_the_country_where_it_has_only_one(
    country: str | None, language: str
) -> None:
    assert language_of_country(country) == language
