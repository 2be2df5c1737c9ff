"""The suite as a task of Inspect: any model that Inspect knows works the cases, our judge scores the books.

    inspect eval evals/interchange/inspect_task.py --model PROVIDER/MODEL -T cases=0001,0101

Each sample is one case behind `erp-eval serve-case`; its tools are the model's tools. This file is loaded by
Inspect, in an environment of its own, and imports nothing of ours: it speaks HTTP to the served case.
"""

from __future__ import annotations

import json
import logging
import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from inspect_ai import Task, task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.scorer import CORRECT, INCORRECT, Score, Scorer, Target, accuracy, scorer, stderr
from inspect_ai.solver import Generate, Solver, TaskState, solver
from inspect_ai.tool import ToolDef, ToolError, ToolParams

HERE = Path(__file__).resolve().parents[2]
_SECONDS = 60
_LOG = logging.getLogger(__name__)
_VERDICT = "verdict"
_UNSERVED = frozenset({"fault", "restart"})
"""Steps with which `serve-case` refuses a case, and says why."""


class CaseNotServed(Exception):
    """`erp-eval serve-case` did not start; the text is what it said."""


@task
def erp_cases(cases: str = "", tag: str = "", root: str = "", erp_eval: str = "") -> Task:
    """`cases`: ids or how they begin, with commas between; `tag`: only cases with this tag or tier; `root`:
    where cases lie; `erp_eval`: the command, where it is neither in `.venv/bin` nor on the path. Cases that
    cannot be served are no samples; they are warned of and stand in the log's metadata, `omitted`."""
    folder = Path(root) if root else HERE / "evals" / "cases"
    command = erp_eval or _command()
    samples, omitted = _samples(folder, _words(cases), tag)
    if omitted:
        _LOG.warning("%d cases are omitted, they cannot be served: %s", len(omitted), ", ".join(omitted))
    return Task(
        dataset=MemoryDataset(samples, name="erp-agent"),
        metadata={"omitted": omitted},
        solver=work_the_case(command, str(folder)),
        scorer=by_the_books(),
    )


def _command() -> str:
    own = HERE / ".venv" / "bin" / "erp-eval"
    found = str(own) if own.is_file() else shutil.which("erp-eval")
    if found is None:
        raise CaseNotServed("there is no erp-eval; name it with -T erp_eval=PATH")
    return found


def _words(given: str | list[str] | int) -> list[str]:
    """Inspect gives `0001,0101` as a list, and may read a number out of one id."""
    texts = given if isinstance(given, list) else str(given).split(",")
    return [text.strip() for text in map(str, texts) if text.strip()]


def _samples(folder: Path, names: list[str], tag: str) -> tuple[list[Sample], list[str]]:
    """And the ids of those that cannot be served."""
    found, omitted = [], []
    for story_file in sorted(folder.glob("*/case.toml")):
        story, case = tomllib.loads(story_file.read_text(encoding="utf-8")), story_file.parent.name
        tags = [str(story["tier"]), *map(str, story["tags"])]
        if names and not any(case.startswith(name) or case.startswith(name.zfill(4)) for name in names):
            continue
        if tag and tag not in tags:
            continue
        if _UNSERVED.intersection(str(step["do"]) for step in story.get("step", ())):
            omitted.append(case)
        else:
            about = {"tier": story["tier"], "tags": tags, "language": story.get("language", "en")}
            found.append(Sample(id=case, input=f"case {case}", target="passed", metadata=about))
    if not found:
        told = f", but {', '.join(omitted)} cannot be served" if omitted else ""
        raise CaseNotServed(f"no such case in {folder}{told}")
    return found, omitted


@solver
def work_the_case(command: str, root: str) -> Solver:
    """The model works one case with its tools until it calls none any more."""

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        with _served(command, str(state.sample_id), root) as (url, key):
            async with httpx.AsyncClient(base_url=url, timeout=_SECONDS, trust_env=False) as desk:
                offer = (await desk.get("/")).raise_for_status().json()
                state.tools = [_tool(entry, desk) for entry in offer["tools"]]
                state.user_prompt.text = str(offer["task"])
                state = await generate(state, tool_calls="loop")
                told = (await desk.post("/end", headers={"X-Judge": key})).raise_for_status().json()
        state.metadata[_VERDICT] = told
        return state

    return solve


def _tool(entry: dict[str, Any], desk: httpx.AsyncClient) -> Any:
    async def execute(**arguments: Any) -> str:
        answer = await desk.post(f"/tools/{entry['name']}", json=arguments)
        told = answer.json()
        if "error" in told:
            raise ToolError(str(told["error"]))
        return json.dumps(told["result"], ensure_ascii=False)

    parameters = ToolParams.model_validate(_plain(entry["parameters"], entry["parameters"].get("$defs", {})))
    return ToolDef(
        execute, name=entry["name"], description=entry["description"], parameters=parameters, parallel=False
    ).as_tool()


def _plain(schema: Any, parts: dict[str, Any]) -> Any:
    """The schema without references, which not every provider follows."""
    if isinstance(schema, list):
        return [_plain(entry, parts) for entry in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _plain(parts[str(schema["$ref"]).rpartition("/")[2]], parts)
    kept = {name: value for name, value in schema.items() if name not in ("$defs", "title")}
    return {name: _plain(value, parts) for name, value in kept.items()}


@contextmanager
def _served(command: str, case: str, root: str) -> Iterator[tuple[str, str]]:
    """Address and judge's key of one case, served as long as the context lasts."""
    process = subprocess.Popen(  # noqa: S603 - our own command, no shell
        [command, "serve-case", case, "--root", root],
        cwd=HERE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        lines = [process.stdout.readline() for _ in range(3)] if process.stdout else []
        found = re.search(r"on (http://\S+)[\s\S]*X-Judge: (\S+)'", "".join(lines))
        if found is None:
            raise CaseNotServed("".join(lines).strip() or "serve-case said nothing")
        yield found[1], found[2]
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()


@scorer(metrics=[accuracy(), stderr()])
def by_the_books() -> Scorer:
    """Correct where the suite's judge passes what stands in the books, the findings and the documents."""

    async def score(state: TaskState, target: Target) -> Score:
        told = state.metadata.get(_VERDICT)
        if told is None:
            return Score(value=INCORRECT, explanation="the case was not worked to its end")
        verdict = told["verdict"]
        kept = {name: verdict[name] for name in ("harmful", "let_through", "missing", "found", "overlooked")}
        return Score(
            value=CORRECT if told["passed"] else INCORRECT,
            answer="; ".join(told["outcome"]["changes"]) or "nothing was written",
            explanation="\n".join(verdict["reasons"]) or "as the case permits",
            metadata={**kept, "invented": verdict["invented"], "calls": told["calls"]},
        )

    return score
