"""A case left in the middle by an ERP that was down: every command that could take it further does, or names
the one that does; and what a run does to it stands in the run's outcomes."""

from __future__ import annotations

import pytest

from agent.application import Result
from agent.claims import Claims
from agent.service import Refused
from tests.graph.office import ANNA, Office, raising
from tests.graph.papers import AWAITED, PAPER, SUED_IBAN, SUED_NAME, SUED_VAT, a_document
from tools.case_list import CaseSummary
from tools.erp.errors import ErpAccessDenied, ErpUnavailable
from tools.store import Store

DOWN = ErpUnavailable("the ERP cannot be reached")


async def approved_in_vain(office: Office) -> CaseSummary:
    case = await office.take_in(a_document())
    office.line.before["write"] = raising(DOWN)
    with pytest.raises(ErpUnavailable):
        await office.approve(case)
    return office.case(case.case_id)


async def approve(office: Office, *cases: str) -> list[Result]:
    """As the command does it."""
    chosen = await office.app.proposals(cases, False, ANNA)
    agreed = [(detail.summary.case_id, digest) for detail, digest in chosen]
    return [*office.app.not_waiting(cases), *await office.app.approve(agreed, ANNA, "")]


async def test_a_run_tells_what_it_posted_for_an_earlier_one(empty: Office) -> None:
    case = await approved_in_vain(empty)
    (outcome,) = await empty.run()
    assert (outcome.case, outcome.state, outcome.continued) == (case.case_id, "posted", True)
    assert (outcome.is_new, outcome.error) == (False, None)
    assert await empty.run() == []


async def test_a_run_names_the_left_case_that_still_cannot_go_on(empty: Office) -> None:
    case = await approved_in_vain(empty)
    empty.line.before["suppliers"] = raising(ErpAccessDenied("the login is not accepted"))
    (outcome,) = await empty.run()
    assert (outcome.case, outcome.state, outcome.error_kind) == (case.case_id, "approved", "ErpAccessDenied")
    assert "the login is not accepted" in (outcome.error or "")


async def test_a_left_case_whose_file_comes_again_has_one_outcome(empty: Office) -> None:
    empty.lay("a.xml", a_document())
    await empty.run()
    empty.line.before["write"] = raising(DOWN)
    (result,) = await approve(empty, "C-000001")
    assert (result["stage"], result["error_kind"]) == ("approved", "ErpUnavailable")
    (outcome,) = await empty.run()
    assert (outcome.state, outcome.continued) == ("posted", False)


async def test_a_run_over_nothing_tells_an_erp_that_cannot_be_used(empty: Office) -> None:
    empty.line.before["suppliers"] = raising(ErpAccessDenied("the login is not accepted"))
    with pytest.raises(ErpAccessDenied):
        await empty.run()


async def test_a_case_that_another_process_works_on_is_no_outcome_of_this_run(empty: Office) -> None:
    case = await approved_in_vain(empty)
    store = Store.open(empty.settings().data.folder / "erp-agent.sqlite")
    async with Claims(store, empty.clock).hold([case.case_id]):
        assert await empty.run() == []
        assert await empty.app.recheck(None) == []
        (result,) = await empty.app.recheck([case.case_id])
    assert result["error_kind"] == "CaseBusy"
    store.close()


@pytest.mark.parametrize("named", [True, False])
async def test_recheck_takes_up_a_case_whose_recheck_met_a_dead_erp(empty: Office, named: bool) -> None:
    rows = (("BRACKET", "Bracket", "20", "10.00"),)
    case = await empty.take_in(a_document(order=AWAITED, rows=rows))
    empty.receive_goods(AWAITED, "20")
    empty.line.before["receipts"] = raising(DOWN)
    (result,) = await empty.app.recheck([case.case_id])
    assert (result["stage"], result["error_kind"]) == ("waiting_for_answer", "ErpUnavailable")
    with pytest.raises(Refused, match=f"erp-agent recheck {case.case_id}"):
        await empty.answer(case, "reject")
    (result,) = await empty.app.recheck([case.case_id] if named else None)
    assert (result["stage"], result["error"]) == ("waiting_for_approval", None)


@pytest.mark.parametrize("named", [True, False])
async def test_recheck_posts_what_was_approved_while_the_erp_was_down(empty: Office, named: bool) -> None:
    case = await approved_in_vain(empty)
    (refused,) = await approve(empty, case.case_id)
    assert f"it is approved; `erp-agent recheck {case.case_id}` goes on with it" in refused["error"]
    (result,) = await empty.app.recheck([case.case_id] if named else None)
    assert (result["stage"], result["error"]) == ("posted", None)
    assert len(empty.posted()) == 1


async def test_an_approval_that_posted_nothing_is_not_done(empty: Office) -> None:
    case = await empty.take_in(a_document())
    empty.line.before["write"] = raising(ErpAccessDenied("the login may not post"))
    (result,) = await approve(empty, case.case_id)
    assert (result["stage"], result["error"]) == (
        "waiting_for_answer",
        "not finished: the login may not post",
    )


async def test_a_case_named_twice_is_approved_once(empty: Office) -> None:
    case = await empty.take_in(a_document())
    (result,) = await approve(empty, case.case_id, case.case_id)
    assert (result["stage"], result["error"]) == ("posted", None)
    shown = (case.case_id, case.digest or "")
    assert len(await empty.app.approve([shown, shown], ANNA, "")) == 1


async def test_a_case_that_waits_no_longer_keeps_no_other_from_its_approval(empty: Office) -> None:
    first = await empty.approve(await empty.take_in(a_document()))
    rows = (("PAPER", "Paper A4", "5", "40.00"),)
    other = a_document(
        "P-7", order=PAPER, rows=rows, name=SUED_NAME, vat_id=SUED_VAT, city="Ulm", iban=SUED_IBAN
    )
    second = await empty.take_in(other)
    refused, done = await approve(empty, first.case_id, second.case_id)
    assert (refused["case"], refused["error_kind"]) == (first.case_id, "Refused")
    assert (done["case"], done["stage"]) == (second.case_id, "posted")


async def test_an_unknown_case_is_refused_before_anything_is_posted(empty: Office) -> None:
    case = await empty.take_in(a_document())
    with pytest.raises(Refused, match="C-000099"):
        await approve(empty, case.case_id, "C-000099")
    assert empty.posted() == []
