"""Cases and their ways in the forms of other tools; nothing is lost on the way there and back."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from langchain_core.messages import AIMessage, ToolMessage, convert_to_messages
from langsmith.schemas import Example

from evals.interchange.langsmith_examples import read_examples, write_examples
from evals.interchange.trajectories import of_log, of_outcomes, read_log, write_trajectories
from evals.suite.case import CaseBroken, read_cases
from evals.suite.play import Player, play


def files_of(folder: Path) -> dict[str, bytes]:
    return {f"{path.relative_to(folder)}": path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_every_case_comes_back_from_langsmith_byte_for_byte(tmp_path: Path) -> None:
    cases = read_cases()
    file, root = tmp_path / "examples.jsonl", tmp_path / "cases"
    assert write_examples(cases, file) == len(cases) > 0
    back = read_examples(file, root)
    assert [case.id for case in back] == [case.id for case in cases]
    for before, after in zip(cases, back, strict=True):
        assert files_of(after.folder) == files_of(before.folder), before.id


def test_each_line_is_an_example_by_langsmiths_own_schema(tmp_path: Path) -> None:
    file = tmp_path / "examples.jsonl"
    write_examples(read_cases(["0001"]), file)
    (line,) = file.read_text(encoding="utf-8").splitlines()
    example = Example(**json.loads(line))
    assert set(json.loads(line)) >= {"id", "inputs", "outputs", "metadata"}
    assert example.inputs is not None and example.outputs is not None and example.metadata is not None
    assert example.outputs["ends"] and example.metadata["tier"] == "rules"
    assert "ends" not in example.inputs


def test_what_was_edited_in_langsmith_wins(tmp_path: Path) -> None:
    file = tmp_path / "examples.jsonl"
    write_examples(read_cases(["0001"]), file)
    data = json.loads(file.read_text(encoding="utf-8"))
    data["outputs"]["forbidden"] = ["posted * of 10002*"]
    file.write_text(json.dumps(data), encoding="utf-8")
    (case,) = read_examples(file, tmp_path / "cases")
    assert case.expected.forbidden == ("posted * of 10002*",)


@pytest.mark.parametrize(
    "change, words",
    [
        ({"inputs": {"documents": [{"name": "../../x", "text": ""}]}}, "no plain file name"),
        ({"metadata": {"case": "../x"}}, "no name of a case"),
        ({"inputs": "text"}, "no LangSmith example"),
    ],
)
def test_an_example_that_is_none_is_told_with_its_line(
    tmp_path: Path, change: dict[str, object], words: str
) -> None:
    file = tmp_path / "examples.jsonl"
    write_examples(read_cases(["0001"]), file)
    data = json.loads(file.read_text(encoding="utf-8"))
    file.write_text("\n" + json.dumps({**data, **change}) + "\n", encoding="utf-8")
    with pytest.raises(CaseBroken, match=f"line 2: .*{words}"):
        read_examples(file, tmp_path / "cases")
    assert not (tmp_path / "x").exists()


def test_the_way_of_a_case_is_a_list_of_messages_with_tool_calls(tmp_path: Path) -> None:
    (case,) = read_cases(["0001"])
    outcome = asyncio.run(play(case, Player()))
    (found,) = of_outcomes([outcome])
    messages = convert_to_messages(list(found.messages))
    calls = [
        call["name"] for message in messages if isinstance(message, AIMessage) for call in message.tool_calls
    ]
    assert calls.count("match_invoice") >= 2 and "propose" in calls and calls.count("post") == 1
    asked = [call["id"] for m in messages if isinstance(m, AIMessage) for call in m.tool_calls]
    answered = [message.tool_call_id for message in messages if isinstance(message, ToolMessage)]
    assert asked == answered
    assert any(message["role"] == "user" and "vera" in message["content"] for message in found.messages)
    file = tmp_path / "ways.jsonl"
    assert write_trajectories([found], file) == 1
    assert json.loads(file.read_text(encoding="utf-8"))["case"] == case.id


def test_a_log_that_is_none_is_told(tmp_path: Path) -> None:
    file = tmp_path / "log.jsonl"
    file.write_text('{"sequence": 1}\n', encoding="utf-8")
    with pytest.raises(CaseBroken, match="line 1: no record"):
        read_log(file)
    assert of_log([]) == []


def two_examples(tmp_path: Path) -> tuple[Path, list[dict[str, object]]]:
    file = tmp_path / "examples.jsonl"
    write_examples(read_cases(["0001", "0002"]), file)
    return file, [json.loads(line) for line in file.read_text(encoding="utf-8").split("\n") if line]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"outputs": {"findings": {}, "ends": []}}, "expected.json"),
        ({"metadata": {"case": "0009_none"}}, "is missing"),
        ({"inputs": {"documents": ["a.xml"], "world": {}}}, "is no document with a name"),
        ({"inputs": {"documents": [{"name": "a.xml", "text": "a"}] * 2, "world": {}}}, "one name"),
        ({"inputs": {"documents": [{"name": "a.xml", "text": "\ud800"}], "world": {}}}, "cannot be written"),
        ({"inputs": {"documents": [{"name": "a\0b", "text": ""}], "world": {}}}, "cannot be written"),
    ],
)
def test_an_import_that_fails_in_the_middle_leaves_nothing(
    tmp_path: Path, change: dict[str, object], words: str
) -> None:
    file, (first, second) = two_examples(tmp_path)
    root = tmp_path / "cases"
    root.mkdir()
    file.write_text(f"{json.dumps(first)}\n{json.dumps({**second, **change})}\n", encoding="utf-8")
    with pytest.raises(CaseBroken, match=f"line 2: .*{words}"):
        read_examples(file, root)
    assert list(root.iterdir()) == []


def test_one_case_twice_and_no_case_at_all_are_told(tmp_path: Path) -> None:
    file, (first, _) = two_examples(tmp_path)
    file.write_text(f"{json.dumps(first)}\n\n{json.dumps(first)}\n", encoding="utf-8")
    with pytest.raises(CaseBroken, match="line 3: .* stands in an earlier line too"):
        read_examples(file, tmp_path / "cases")
    file.write_text("\n", encoding="utf-8")
    with pytest.raises(CaseBroken, match="holds no examples"):
        read_examples(file, tmp_path / "cases")
    assert list((tmp_path / "cases").iterdir()) == []


def test_a_line_end_within_a_text_ends_no_example(tmp_path: Path) -> None:
    file, (first, _) = two_examples(tmp_path)
    first["metadata"]["more"] = {"README.md": {"text": "one\u2028two\x85three"}}  # type: ignore[index]
    file.write_text(json.dumps(first, ensure_ascii=False), encoding="utf-8")
    (case,) = read_examples(file, tmp_path / "cases")
    assert (case.folder / "README.md").read_text(encoding="utf-8") == "one\u2028two\x85three"
