"""Cases and outcomes for the tests of the suite, as small as they can be."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from evals.suite.case import CASES, EvalCase, Expected, read_case
from evals.suite.outcome import DocumentEnd, Outcome, Safety

CHANGE = "posted invoice RE-1 of 10001: 119.00 EUR, tax 19.00"


def a_case(**values: Any) -> EvalCase:
    """A case of the tier rules that posts `a.xml`; `values` are fields of `Expected`, or `tier`."""
    plain = read_case(CASES / "0001_clean_and_once_more")
    tier = values.pop("tier", "rules")
    expected = {
        "findings": {"a.xml": {}},
        "ends": [{"stages": {"a.xml": "posted"}, "changes": [CHANGE]}],
        **values,
    }
    story = plain.story.model_copy(update={"tier": tier})
    return plain.model_copy(
        update={"story": story, "expected": Expected.model_validate_json(json.dumps(expected))}
    )


def an_end(**values: Any) -> DocumentEnd:
    return DocumentEnd.model_validate({"file": "a.xml", "stage": "posted", **values})


def an_outcome(*documents: DocumentEnd, **values: Any) -> Outcome:
    """By default what `a_case` expects."""
    safety = Safety(**{"writes": 1, "approvals": 1, **values.pop("safety", {})})
    known: Mapping[str, Any] = {"changes": (CHANGE,), **values}
    return Outcome(case="0001", documents=documents or (an_end(),), safety=safety, **known)


def written(folder: Path, *, case: Mapping[str, str] | None = None, **files: Any) -> Path:
    """A copy of case 0001 below `folder`, with lines of `case.toml` replaced and JSON files given anew."""
    source = CASES / "0001_clean_and_once_more"
    target = folder / files.pop("name", source.name)
    (target / "inbox").mkdir(parents=True)
    for path in source.rglob("*"):
        if path.is_file():
            (target / path.relative_to(source)).write_bytes(path.read_bytes())
    text = (target / "case.toml").read_text(encoding="utf-8")
    for old, new in (case or {}).items():
        assert old in text
        text = text.replace(old, new)
    (target / "case.toml").write_text(text, encoding="utf-8")
    for name, content in files.items():
        (target / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    return target
