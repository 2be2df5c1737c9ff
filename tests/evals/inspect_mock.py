"""Run by Inspect's own Python: the task with Inspect's mock model, which makes the calls of a file.

    python inspect_mock.py TASK CASES SCRIPTS.json LOGS ERP_EVAL

`SCRIPTS.json`: name -> calls, one run of the task for each. Prints one JSON line: what Inspect's command
`list tasks` finds in the file of the task, and of each run its status and the score of each sample.
"""

import contextlib
import io
import json
import sys
from pathlib import Path
from typing import Any

from inspect_ai import eval as inspect_eval
from inspect_ai._cli.main import inspect as inspect_command
from inspect_ai.model import ModelOutput, ModelUsage, get_model

NOTHING = ModelUsage(input_tokens=1, output_tokens=1, total_tokens=2)
"""Said, or the mock counts them with a vocabulary from the network."""


def outputs(calls: list[list[object]]) -> list[ModelOutput]:
    found = [ModelOutput.for_tool_call("mockllm/model", str(name), given) for name, given in calls]
    found.append(ModelOutput.from_content("mockllm/model", "done"))
    for output in found:
        output.usage = NOTHING
    return found


def listed(task: str) -> str:
    """What `inspect list tasks TASK` prints, in this process: starting another takes seconds."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        inspect_command(["list", "tasks", task], standalone_mode=False)
    return printed.getvalue()


def run(task: str, cases: str, calls: list[list[object]], logs: str, erp_eval: str) -> dict[str, Any]:
    (log,) = inspect_eval(
        task,
        model=get_model("mockllm/model", custom_outputs=outputs(calls), memoize=False),
        task_args={"cases": cases, "erp_eval": erp_eval},
        log_dir=logs,
        display="none",
    )
    samples = [
        {"id": sample.id, **(sample.scores or {})["by_the_books"].model_dump(mode="json")}
        for sample in log.samples or ()
    ]
    metrics = {name: one.value for name, one in log.results.scores[0].metrics.items()} if log.results else {}
    told = {"status": log.status, "samples": samples, "metrics": metrics, "error": str(log.error or "")}
    return {**told, "omitted": (log.eval.metadata or {}).get("omitted")}


def main(task: str, cases: str, scripts: str, logs: str, erp_eval: str) -> None:
    said = json.loads(Path(scripts).read_text(encoding="utf-8"))
    runs = {name: run(task, cases, calls, f"{logs}/{name}", erp_eval) for name, calls in said.items()}
    sys.stdout.write("\nRESULT " + json.dumps({"listed": listed(task), "runs": runs}) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
