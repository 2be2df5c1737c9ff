"""The measurement of line alignment: both formats, the scores, the baseline."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from rich.console import Console
from typer.testing import CliRunner

from evals import alignment_maker
from evals.alignment import baseline_pairs, find, print_report, score
from evals.alignment_cases import CaseError, read_cases
from evals.cli import app
from evals.minilm import MiniLM

EVALS = Path(alignment_maker.__file__).parent
TEXT = (
    "EID: 1, description: Red lamp , Unit of Measure: PCS, Cost: 5\n"
    "EID: 2, description: Vase, big , Unit of Measure: PCS, Cost: 1.5\n"
    "PID: 1, description: Lamp red , Unit of Measure: PCS, Cost: 5\n"
    "PID: 2, description: Jar , Unit of Measure: PCS, Cost: 1.5\n"
    "PID: 3, description: Jar , Unit of Measure: PCS, Cost: 1.5\n"
)
RESULTS = [{"EID": "1", "PID": "1"}, {"EID": "2", "PID": "2"}, {"EID": "2", "PID": "3"}]


class Flat:
    """All texts are alike."""

    name = "flat"

    def likeness(self, printed: Sequence[str], known: Sequence[str]) -> list[list[float]]:
        return [[0.0 for _ in known] for _ in printed]

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.ones((len(texts), 1), dtype=np.float32)


@pytest.fixture
def published(tmp_path: Path) -> Path:
    path = tmp_path / "cases.jsonl"
    case = {"input": TEXT, "expected_output": json.dumps({"results": RESULTS})}
    path.write_text(json.dumps(case) + "\n", encoding="utf-8")
    return path


def test_the_published_format_is_read_with_commas_in_its_texts(published: Path) -> None:
    (case,) = read_cases([published])
    assert [line["description"] for line in case.invoice] == ["Red lamp", "Vase, big"]
    assert case.expect == {("1", "PO/1"), ("2", "PO/2"), ("2", "PO/3")}


def test_words_pair_silently_and_order_lines_nothing_tells_apart_are_proposed_together(
    published: Path,
) -> None:
    (case,) = read_cases([published])
    found = find(case, Flat())
    assert found.silent == {("1", "PO/1")}
    assert found.proposed == {("2", "PO/2"), ("2", "PO/3")}


def test_the_baseline_pairs_one_to_one_by_cost(published: Path) -> None:
    (case,) = read_cases([published])
    assert baseline_pairs(case, Flat()) == {("1", "PO/1"), ("2", "PO/2")}


def test_a_report_counts_what_was_silent_proposed_and_wrong(published: Path) -> None:
    report = score(read_cases([published]), meaning=Flat(), clock=lambda: 0.0)
    whole = report.scores[0]
    assert (whole.cases, whole.exact, whole.baseline_exact) == (1, 1, 0)
    assert (whole.silent_right, whole.silent_wrong, whole.proposed_right, whole.baseline_wrong) == (
        1,
        0,
        1,
        1,
    )
    console = Console(record=True, width=220)
    print_report(report, console)
    assert ("ATTENTION" in console.export_text()) is not MiniLM.is_installed()


def test_every_silent_pair_of_a_line_without_partner_is_wrong() -> None:
    cases = [case for case in read_cases([EVALS / "alignment_cases.jsonl"]) if case.kind == "not_ordered"]
    wrong = [case.model_copy(update={"expect": frozenset()}) for case in cases]
    assert score(wrong, meaning=Flat()).scores[0].silent_wrong == len(cases)


@pytest.mark.parametrize("text", ["{}", '{"input": "EID 1", "expected_output": "{}"}', "no json"])
def test_a_line_that_cannot_be_used_is_named(text: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CaseError, match=r"bad\.jsonl line 1"):
        read_cases([path])
    assert CliRunner().invoke(app, ["alignment", str(path)]).exit_code == 2


def test_the_command_prints_json(published: Path) -> None:
    result = CliRunner().invoke(app, ["alignment", "--json", str(published)])
    assert json.loads(result.stdout)["scores"][0]["cases"] == 1


def test_the_made_cases_are_what_the_maker_makes() -> None:
    made = [json.dumps(case, ensure_ascii=False) for case in alignment_maker.make()]
    assert (EVALS / "alignment_cases.jsonl").read_text(encoding="utf-8").splitlines() == made
    assert len(made) >= 200


def test_without_a_model_only_goods_at_the_figures_of_others_mislead() -> None:
    cases = read_cases([EVALS / "alignment_cases.jsonl"])
    found = {case.id: find(case, None) for case in cases}
    wrong = [case.id for case in cases if found[case.id].silent - case.expect]
    assert {name.rpartition("_")[0] for name in wrong} <= {"not_ordered"}


def test_minilm_reads_words_in_their_longest_known_pieces(tmp_path: Path) -> None:
    words = ["[UNK]", "[CLS]", "[SEP]", "lamp", "##s", "##shade", "e", "-"]
    (tmp_path / "vocab.txt").write_text("\n".join(words), encoding="utf-8")
    header = json.dumps({"x": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}).encode()
    weights = len(header).to_bytes(8, "little") + header + np.float32(1).tobytes()
    (tmp_path / "model.safetensors").write_bytes(weights)
    assert MiniLM(tmp_path).tokens("Lampshade É-lamps qux") == [1, 3, 5, 6, 7, 3, 4, 0, 2]
