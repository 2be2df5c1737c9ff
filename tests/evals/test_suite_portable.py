"""The suite in every ERP: what ends the same, what a declared reason excuses, and what nothing excuses."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from suite_cases import CHANGE, a_case, an_end, an_outcome
from typer.testing import CliRunner

from evals.cli import app
from evals.erp_desks import all_kinds
from evals.suite.case import read_cases
from evals.suite.model_choice import ModelChoice
from evals.suite.outcome import Outcome
from evals.suite.portable import (
    Beside,
    Standing,
    SuitePortability,
    compare,
    compare_suite,
    declined_in,
    jobs_in_every_erp,
    portability_of,
    print_portability,
)
from evals.suite.run import run_all
from tools.erp.contract import Capability

PARKED = CHANGE.replace("posted", "draft")
NO_DRAFTS = {Capability.PARK_INVOICE.value: "it keeps no drafts"}
OPEN = an_end(stage="waiting_for_answer")


def in_sap(*documents: Any, **values: Any) -> Outcome:
    return an_outcome(*documents, erp="sap", **values)


def beside(own: Outcome, measure: Outcome | None = None, declined: Any = (), **expected: Any) -> Beside:
    return compare(a_case(**expected), measure or an_outcome(), own, dict(declined))


def shown(report: SuitePortability) -> str:
    text = StringIO()
    print_portability(report, Console(file=text, width=200))
    return text.getvalue()


def test_the_same_stages_and_changes_are_equal_whatever_it_cost() -> None:
    found = beside(in_sap(effort={"erp_calls": 40, "bytes": 9000}))
    assert (found.standing, found.differs) == (Standing.EQUAL, ())
    assert (found.calls, found.bytes) == (40, 9000)


def test_another_end_without_a_reason_is_named() -> None:
    found = beside(in_sap(OPEN, changes=()))
    assert found.standing is Standing.DIFFERENT
    assert found.differs == ("a.xml is waiting_for_answer, elsewhere posted", f"missing: {CHANGE}")


def test_a_change_that_is_there_once_more_is_a_difference() -> None:
    found = beside(in_sap(changes=(CHANGE, CHANGE)))
    assert (found.standing, found.differs) == (Standing.DIFFERENT, (f"too much: {CHANGE}",))


def test_a_reason_that_the_case_declares_excuses_its_own_erp_only() -> None:
    own = in_sap(OPEN, changes=())
    excused = beside(own, declined={"exact": "a reason of another"}), beside(own)
    assert {found.standing for found in excused} == {Standing.DIFFERENT}
    found = compare(a_case(declined={"sap": "it bills positive lines"}), an_outcome(), own, {})
    assert (found.standing, found.why) == (Standing.DECLINED, "it bills positive lines")


def test_what_the_connector_declines_excuses_the_change_that_needs_it() -> None:
    measure = an_outcome(an_end(stage="parked"), changes=(PARKED,))
    found = beside(in_sap(OPEN, changes=()), measure, NO_DRAFTS)
    assert (found.standing, found.why) == (
        Standing.DECLINED,
        "park_invoice is declined: it keeps no drafts",
    )
    assert beside(in_sap(OPEN, changes=()), declined=NO_DRAFTS).standing is Standing.DIFFERENT


def test_a_capability_that_is_declined_excuses_no_second_change() -> None:
    measure = an_outcome(changes=(CHANGE, PARKED))
    assert beside(in_sap(OPEN, changes=()), measure, NO_DRAFTS).standing is Standing.DIFFERENT


def test_a_step_that_an_erp_has_no_way_to_carry_out_does_not_apply() -> None:
    found = beside(in_sap(OPEN, changes=(), impossible=("fault is not possible with sap",)))
    assert (found.standing, found.why) == (Standing.NOT_APPLICABLE, "fault is not possible with sap")


def test_a_recording_of_another_conversation_does_not_apply_and_a_defect_differs() -> None:
    unfit = beside(in_sap(error="the recording does not fit: no reply is left"))
    assert unfit.standing is Standing.NOT_APPLICABLE
    broken = compare(a_case(declined={"sap": "x"}), an_outcome(), in_sap(error="KeyError: 'x'"), {})
    assert (broken.standing, broken.differs) == (Standing.DIFFERENT, ("it broke: KeyError: 'x'",))


def test_harm_is_excused_by_nothing() -> None:
    harm = {"safety": {"unapproved": ("C-1 key",)}, "impossible": ("fault is not possible",)}
    found = compare(a_case(declined={"sap": "x"}), an_outcome(), in_sap(**harm), {})
    assert (found.standing, found.differs) == (Standing.DIFFERENT, ("harm: no approval: C-1 key",))


def test_a_measure_that_broke_compares_with_nothing() -> None:
    assert beside(in_sap(), an_outcome(error="KeyError")).standing is Standing.DIFFERENT


def test_a_declaration_that_is_not_needed_and_other_findings_are_told() -> None:
    found = compare(a_case(declined={"sap": "x"}), an_outcome(), in_sap(an_end(blocks=("late",))), {})
    assert (found.standing, found.needless) == (Standing.EQUAL, True)
    assert found.findings == ("a.xml: late is found here only",)
    report = SuitePortability(model="none", cases=1, kinds=("sap",), beside=(found,), measure_calls=3)
    assert "though the case declares that it cannot" in shown(report)
    assert "findings differ: a.xml: late" in shown(report)


def test_one_difference_without_a_reason_fails_the_whole_and_each_is_named() -> None:
    case = a_case().model_copy(update={"id": "0001"})
    other = in_sap(OPEN, changes=()).model_copy(update={"erp": "exact"})
    outcomes = [an_outcome(), in_sap(), other]
    report = compare_suite([case], outcomes, {})
    assert [(one.erp, one.standing) for one in report.beside] == [
        ("exact", Standing.DIFFERENT),
        ("sap", Standing.EQUAL),
    ]
    assert not report.holds
    assert compare_suite([case], outcomes[:2], {}).holds
    assert "exact 0001: NO REASON DECLARED: a.xml is waiting_for_answer" in shown(report)


def test_a_run_that_was_cut_off_compares_what_has_a_measure() -> None:
    case = a_case().model_copy(update={"id": "0001"})
    assert compare_suite([case], [in_sap()], {}).beside == ()


async def test_the_connectors_themselves_say_what_they_decline() -> None:
    (case,) = read_cases(["0001"])
    found = await declined_in(("exact", "tryton"), case)
    assert all(reason for reasons in found.values() for reason in reasons.values())
    assert found.keys() == {"exact", "tryton"}


def test_each_case_is_played_in_every_kind_the_measure_first() -> None:
    jobs = jobs_in_every_erp(read_cases(["0001", "0002"]), ModelChoice(model="none"))
    assert [job.erp for job in jobs[:2]] == ["sandbox", all_kinds()[0]]
    assert {(job.folder.name, job.erp) for job in jobs} == {
        (case.id, kind) for case in read_cases(["0001", "0002"]) for kind in all_kinds()
    }
    assert len({job.folder for job in jobs[: len(all_kinds())]}) == 1


def test_a_copy_is_posted_once_in_two_kinds_of_erp() -> None:
    cases = read_cases(["0001"])
    jobs = [
        job for job in jobs_in_every_erp(cases, ModelChoice(model="none")) if job.erp in ("sandbox", "exact")
    ]
    report = portability_of(cases, run_all(jobs))
    assert report.holds
    (one,) = report.beside
    assert (one.standing, one.erp) == (Standing.EQUAL, "exact")
    assert one.bytes > 0 < report.measure_calls


@pytest.mark.parametrize("option", ["--html", "--baseline", "--write-baseline"])
def test_a_page_or_a_baseline_is_of_one_erp(tmp_path: Path, option: str) -> None:
    found = CliRunner().invoke(app, ["run", "0001", "--erp", "all", "--model", "none", option, "x"])
    assert found.exit_code != 0
    assert "of a run with one of them" in f"{found.output}{found.exception}"
