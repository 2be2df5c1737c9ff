"""Run by Inspect's own Python: the task with Inspect's mock model, which makes the calls of a file.

    python inspect_mock.py TASK CASES CALLS.json LOGS ERP_EVAL

Prints one JSON line: status, and for each sample its score.
"""

import json
import sys
from pathlib import Path

from inspect_ai import eval as inspect_eval
from inspect_ai.model import ModelOutput, ModelUsage, get_model

NOTHING = ModelUsage(input_tokens=1, output_tokens=1, total_tokens=2)
"""Said, or the mock counts them with a vocabulary from the network."""


def outputs(calls: list[list[object]]) -> list[ModelOutput]:
    found = [ModelOutput.for_tool_call("mockllm/model", str(name), given) for name, given in calls]
    found.append(ModelOutput.from_content("mockllm/model", "done"))
    for output in found:
        output.usage = NOTHING
    return found


def main(task: str, cases: str, calls: str, logs: str, erp_eval: str) -> None:
    said = outputs(json.loads(Path(calls).read_text(encoding="utf-8")))
    (log,) = inspect_eval(
        task,
        model=get_model("mockllm/model", custom_outputs=said),
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
    sys.stdout.write("\nRESULT " + json.dumps(told) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
