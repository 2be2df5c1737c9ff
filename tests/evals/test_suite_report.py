"""The report of a run: its figures, what is left out of its sum, and that nobody can change it unseen."""

from __future__ import annotations

import json
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from evals.suite.case import CaseBroken
from evals.suite.figures import Share
from evals.suite.report import SuiteReport, read_report
from evals.suite.summary import print_report
from tests.evals.suite_results import DAY, IS_POSTED, POSTED, WAITS, Shelf, a_trail, posted, said, waiting

EARLIER = "order 4500001/10000: unit price 24.50, ordered 10"


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "cases")


def text_of(report: SuiteReport) -> str:
    console = Console(width=160, record=True, file=StringIO())
    print_report(report, console)
    return console.export_text()


def test_the_same_results_give_the_same_sum_whenever_and_wherever(shelf: Shelf) -> None:
    for name in ("0001_one", "0002_two"):
        shelf.case(name)
    one, two = posted("0001_one"), waiting("0002_two")
    first = shelf.report([one, two], machine="here", day=DAY)
    slower = two.model_copy(update={"effort": two.effort.model_copy(update={"seconds": Decimal(9)})})
    assert shelf.report([slower, one], machine="there").sum == first.sum


@pytest.mark.parametrize(
    "other",
    [
        posted(documents=()),
        posted(changes=(POSTED, EARLIER)),
        posted(erp="afas"),
        posted(prompts=("investigate/v3 00000000",)),
        posted(model="another"),
        posted(said=(said("why", "so"),)),
    ],
)
def test_another_result_or_another_run_gives_another_sum(shelf: Shelf, other: object) -> None:
    shelf.case()
    assert shelf.report([posted()]).sum != shelf.report([other]).sum  # type: ignore[list-item]


def test_a_changed_document_of_a_case_changes_the_sum(shelf: Shelf) -> None:
    shelf.case()
    before = shelf.report([posted()]).sum
    shelf.case(document="<Invoice>more</Invoice>")
    assert shelf.report([posted()]).sum != before


def test_a_kept_report_is_read_as_it_was(shelf: Shelf, tmp_path: Path) -> None:
    shelf.case()
    report = shelf.report([posted(), waiting(trial=1)], machine="here", day=DAY)
    (tmp_path / "report.json").write_text(report.model_dump_json())
    assert read_report(tmp_path / "report.json") == report


def test_a_report_that_was_changed_by_hand_is_refused(shelf: Shelf, tmp_path: Path) -> None:
    shelf.case()
    content = json.loads(shelf.report([waiting()]).model_dump_json())
    content["rows"][0]["verdict"]["reasons"] = []
    path = tmp_path / "report.json"
    path.write_text(json.dumps(content))
    with pytest.raises(CaseBroken, match="was changed after it was made"):
        read_report(path)
    path.write_text('{"sum": 1}')
    with pytest.raises(CaseBroken, match="no report of this layout"):
        read_report(path)


def test_figures_that_were_changed_by_hand_are_worked_out_again(shelf: Shelf, tmp_path: Path) -> None:
    shelf.case()
    report = shelf.report([waiting()])
    content = json.loads(report.model_dump_json())
    content["figures"]["overall"]["rate"] = 1.0
    (tmp_path / "report.json").write_text(json.dumps(content))
    assert read_report(tmp_path / "report.json").figures == report.figures


def test_trials_of_one_case_are_one_case(shelf: Shelf) -> None:
    shelf.case("0001_one")
    shelf.case("0002_two")
    outcomes = [posted("0001_one", at) for at in range(4)]
    outcomes += [posted("0002_two", 0), *(waiting("0002_two", at) for at in (1, 2, 3))]
    figures = shelf.report(outcomes).figures
    assert (figures.overall.cases, figures.overall.trials, figures.overall.steady) == (2, 8, 1)
    assert figures.overall.rate == pytest.approx((1 + 0.25) / 2)
    assert figures.pass_hat == pytest.approx((0.625, 0.5, 0.5, 0.5))


def test_harm_and_what_was_let_through_are_counted_apart(shelf: Shelf) -> None:
    shelf.case("0001_one", ends=[WAITS], forbidden=["posted * of 10001*"])
    shelf.case("0002_two", ends=[WAITS])
    shelf.case("0003_three", ends=[IS_POSTED])
    outcomes = [posted("0001_one"), posted("0002_two"), posted("0003_three", changes=(POSTED, EARLIER))]
    figures = shelf.report(outcomes).figures
    assert (figures.harmful, figures.let_through, figures.collateral) == (1, 3, 1)


def test_an_infeasible_case_is_left_alone_only_if_nothing_was_written(shelf: Shelf) -> None:
    for name in ("0001_one", "0002_two"):
        shelf.case(name, tier="infeasible", ends=[WAITS])
    shelf.case("0003_three")
    outcomes = [waiting("0001_one"), posted("0002_two"), posted("0003_three")]
    assert shelf.report(outcomes).figures.refused == Share(part=1, of=2)


def test_who_abstains_is_right_only_where_people_had_to_decide(shelf: Shelf) -> None:
    shelf.case("0001_one", tier="judgement", ends=[WAITS])
    shelf.case("0002_two", tier="judgement", ends=[IS_POSTED])
    shelf.case("0003_three", tier="judgement", ends=[IS_POSTED])
    outcomes = [
        waiting("0001_one", declined=1),
        waiting("0002_two", declined=1),
        posted("0003_three", suggested=("enter_receipt",)),
    ]
    calibration = shelf.report(outcomes).figures.calibration
    assert calibration.suggested == Share(part=1, of=1)
    assert calibration.abstained == Share(part=1, of=2)
    assert calibration.could_abstain == Share(part=1, of=3)


def test_a_case_that_names_the_right_options_judges_suggestions_by_them(shelf: Shelf) -> None:
    """`ask` reached the end by luck, and nobody had to decide in the second case."""
    shelf.case("0001_one", tier="judgement", options=["enter_receipt"])
    shelf.case("0002_two", tier="judgement", options=["enter_receipt"], ends=[IS_POSTED, WAITS])
    shelf.case("0003_three", tier="judgement", options=["enter_receipt", "abstain"])
    outcomes = [
        posted("0001_one", suggested=("ask",)),
        waiting("0002_two", declined=1),
        waiting("0003_three", declined=1),
    ]
    calibration = shelf.report(outcomes).figures.calibration
    assert calibration.suggested == Share(part=0, of=1)
    assert calibration.abstained == Share(part=1, of=2)
    assert calibration.could_abstain == Share(part=1, of=3)


def test_an_infeasible_case_with_a_wrong_finding_is_red_and_was_left_alone(shelf: Shelf) -> None:
    shelf.case("0001_one", tier="infeasible", ends=[WAITS], must=["no_po"])
    report = shelf.report([waiting("0001_one")])
    assert [row.case for row in report.red] == ["0001_one"]
    assert report.figures.refused == Share(part=1, of=1)


def test_an_answer_given_in_every_trial_is_surer_than_one_given_in_some(shelf: Shelf) -> None:
    shelf.case("0001_one", tier="judgement")
    shelf.case("0002_two", tier="judgement")
    outcomes = [posted("0001_one", at, suggested=("a",)) for at in range(3)]
    outcomes += [waiting("0002_two", at, suggested=(name,)) for at, name in enumerate(("b", "b", "c"))]
    points = shelf.report(outcomes).figures.risk_coverage
    assert [(round(point.sureness, 2), point.coverage, point.risk) for point in points] == [
        (1.0, 0.5, 0.0),
        (0.67, 1.0, 0.5),
    ]


def test_findings_are_counted_by_their_kind(shelf: Shelf) -> None:
    shelf.case("0001_one", must=["price_over", "no_po"])
    figures = shelf.report([posted("0001_one", blocks=("price_over", "tax_wrong"))]).figures
    counts = {
        kind.kind: (kind.count.found, kind.count.overlooked, kind.count.invented) for kind in figures.kinds
    }
    assert counts == {"price_over": (1, 0, 0), "no_po": (0, 1, 0), "tax_wrong": (0, 0, 1)}
    assert (figures.findings.precision, figures.findings.recall) == (0.5, 0.5)


def test_kinds_are_counted_as_the_judge_counts_them(shelf: Shelf) -> None:
    shelf.case("0001_one", must=["price_over", "no_po"])
    (row,) = shelf.report([waiting("0001_one", blocks=("price_over", "tax_wrong", "bank_change"))]).rows
    counts = row.kinds.values()
    assert sum(count.found for count in counts) == row.verdict.found == 1
    assert sum(count.overlooked for count in counts) == row.verdict.overlooked == 1
    assert sum(count.invented for count in counts) == row.verdict.invented == 2


def test_a_case_that_the_erp_cannot_end_counts_neither_way(shelf: Shelf) -> None:
    shelf.case("0001_one", declined={"sandbox": "it books no receipts"})
    shelf.case("0002_two")
    report = shelf.report([waiting("0001_one"), posted("0002_two")])
    assert (report.figures.overall.cases, report.figures.declined, report.red) == (1, 1, ())


def test_a_case_played_with_two_erps_is_no_case_with_two_trials(shelf: Shelf) -> None:
    shelf.case("0001_one")
    report = shelf.report([posted("0001_one"), waiting("0001_one", erp="afas")])
    assert (report.figures.overall.cases, report.figures.overall.steady, report.ran.trials) == (2, 1, 1)
    assert [row.case for row in report.red] == ["0001_one on afas"]


def test_struck_claims_are_counted_in_talk_and_in_suggestions(shelf: Shelf) -> None:
    shelf.case()
    outcome = posted(said=(said("why", "so", 2), said("and", "no")), trail=a_trail("x"))
    figures = shelf.report([outcome]).figures
    assert (figures.struck, figures.spoken) == (3, 3)


def test_the_summary_begins_with_harm_and_lists_every_red_case_with_its_reasons(shelf: Shelf) -> None:
    shelf.case("0001_one", title="A [red]hostile[/red] title")
    shelf.case("0002_two", ends=[WAITS], forbidden=["posted *"])
    report = shelf.report([waiting("0001_one"), posted("0002_two")])
    text = text_of(report)
    assert text.startswith("1 HARMFUL")
    assert text.index("0002_two") < text.index("0001_one")
    assert f"harm: forbidden: {POSTED}" in text
    assert f"missing in the books: {POSTED}" in text
    assert "A [red]hostile[/red] title" in text
    assert text.rstrip().endswith(report.sum)


def test_seconds_are_told_with_what_the_suite_itself_takes(shelf: Shelf) -> None:
    shelf.case()
    pace = shelf.report([posted()]).circumstances.pace
    assert (pace.seconds, pace.product, pace.harness) == (2.5, 1.5, 1.0)
