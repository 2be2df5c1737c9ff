"""The picture of the flow in the README is the flow."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from agent.graph import build, picture

README = Path(__file__).parents[2] / "README.md"


def mermaid(text: str) -> list[str]:
    """The lines of the first Mermaid block in `text`."""
    found = re.search(r"```mermaid\n(.*?)```", text, re.DOTALL)
    assert found is not None
    return [line.rstrip() for line in found[1].strip().splitlines()]


def test_the_picture_in_the_readme_is_drawn_from_the_graph() -> None:
    found = re.search(r"<!-- graph -->(.*?)<!-- /?graph -->", README.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None, "the README has no block between <!-- graph --> markers"
    nothing: Any = None
    drawn = [line.rstrip() for line in picture(build(nothing)).strip().splitlines()]
    assert mermaid(found[1]) == drawn
