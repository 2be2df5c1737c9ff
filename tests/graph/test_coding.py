"""Coding from document to books: what was approved before codes the next one, and people may code by line."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.service import Refused
from agent.wrong_usage import WrongUsage
from tests.graph.office import ANNA, CLEO, STRANGER, Office, raising
from tests.graph.papers import NORD, a_document
from tools.case_list import CaseSummary
from tools.domain.decision import InvoiceAction
from tools.erp.contract import CostCentre
from tools.erp.errors import ErpAccessDenied

CONSULTING = (("", "Consulting", "1", "300.00"),)


async def lines_of(office: Office, case: CaseSummary) -> list[tuple[str | None, str | None]]:
    state = await office.app.service.state(case.case_id)
    proposal = state["proposal"]
    assert proposal is not None and isinstance(proposal.action, InvoiceAction)
    return [(line.account, line.cost_centre) for line in proposal.action.lines]


async def reasons(office: Office, case: CaseSummary) -> str:
    detail = await office.app.service.show(case.case_id)
    assert detail.proposal is not None
    return "\n".join(detail.proposal.reasons)


async def test_what_was_approved_before_codes_the_next_document(office: Office) -> None:
    first = await office.take_in(a_document("RE-1", order=None, rows=CONSULTING))
    assert first.blocks == ("no_po", "coding_unsure")
    first = await office.answer(first, "give_account", account="4100")
    first = await office.answer(first, "post_without_order", reason="confirmed")
    assert (await office.approve(first)).stage == "posted"

    second = await office.take_in(a_document("RE-2", order=None, rows=(("", "Consulting", "2", "290.00"),)))
    assert second.blocks == ("no_po",)
    second = await office.answer(second, "post_without_order", reason="confirmed")
    told = await reasons(office, second)
    assert "account 4100 Office costs" in told and "RE-1" in told and "confidence" in told
    assert await lines_of(office, second) == [("4100", None)]
    assert (await office.approve(second)).stage == "posted"


async def test_a_rejected_proposal_teaches_nothing(office: Office) -> None:
    first = await office.take_in(a_document("RE-1", order=None, rows=CONSULTING))
    first = await office.answer(first, "give_account", account="4100")
    first = await office.answer(first, "post_without_order", reason="confirmed")
    digest = first.digest
    assert digest is not None
    await office.app.reject(first.case_id, ANNA, "not ours")
    second = await office.take_in(a_document("RE-2", order=None, rows=CONSULTING))
    assert second.blocks == ("no_po", "coding_unsure")


async def test_a_clerk_gives_accounts_and_cost_centres_by_line(office: Office) -> None:
    rows = (("", "Consulting", "1", "300.00"), ("", "Travel", "1", "50.00"))
    case = await office.take_in(a_document("RE-1", order=None, rows=rows))
    case = await office.answer(case, "give_account", account="1:4100,2:4500/SALES", reason="as agreed")
    assert case.blocks == ("no_po",)
    case = await office.answer(case, "post_without_order", reason="confirmed")
    assert await lines_of(office, case) == [("4100", None), ("4500", "SALES")]
    assert "given by a person; cost centre SALES" in await reasons(office, case)


CENTRES = (CostCentre(code="SALES", name="Sales"), CostCentre(code="OLD", name="Closed", blocked=True))


async def ask_for(office: Office, centre: str) -> None:
    """The clerk names a cost centre that the ERP would refuse, is asked again, and names another one."""
    office.books.books.cost_centres = CENTRES
    case = await office.take_in(a_document("RE-1", order=None, rows=CONSULTING))
    assert "cost_centres" not in office.line.calls, "nothing is asked before one is in question"
    case = await office.answer(case, "give_account", account=f"4100/{centre}", reason="as agreed")
    assert case.blocks == ("no_po", "coding_unsure")
    findings = (await office.app.service.show(case.case_id)).findings
    told = f"cost centre {centre} does not exist in the ERP or is blocked there"
    assert any(told in found.message for found in findings)
    case = await office.answer(case, "give_account", account="4100/SALES", reason="mended")
    assert case.blocks == ("no_po",)
    case = await office.answer(case, "post_without_order", reason="confirmed")
    assert await lines_of(office, case) == [("4100", "SALES")]
    assert (await office.approve(case)).stage == "posted"


async def test_an_unknown_cost_centre_is_a_question_before_anything_is_proposed(office: Office) -> None:
    await ask_for(office, "NOWHERE")


async def test_a_blocked_cost_centre_is_a_question_before_anything_is_proposed(plain_office: Office) -> None:
    await ask_for(plain_office, "OLD")


async def test_without_the_right_to_see_cost_centres_the_erp_itself_judges_them(plain_office: Office) -> None:
    office = plain_office
    office.books.books.cost_centres = CENTRES
    office.line.before["cost_centres"] = raising(ErpAccessDenied("no right"), times=9)
    case = await office.take_in(a_document("RE-1", order=None, rows=CONSULTING))
    case = await office.answer(case, "give_account", account="4100/NOWHERE", reason="as agreed")
    assert case.blocks == ("no_po",)


@pytest.mark.parametrize("written", ["0:4100", "1:4100,1:4500", "4100,2:4500"])
async def test_accounts_written_wrongly_are_asked_for_again(office: Office, written: str) -> None:
    case = await office.take_in(a_document("RE-1", order=None, rows=CONSULTING))
    case = await office.answer(case, "give_account", account=written)
    detail = await office.app.service.show(case.case_id)
    assert case.stage == "waiting_for_answer" and detail.question is not None
    assert "POSITION:VALUE" in detail.question.explanation[0]


async def test_an_imported_list_suggests_and_stands_in_the_log(office: Office, tmp_path: Path) -> None:
    file = tmp_path / "ledger.csv"
    file.write_text(
        "supplier_id,description,account,cost_centre,tax_code,date\n"
        f"{NORD},Consulting,4100,OFFICE,S19,2026-01-31\n",
        encoding="utf-8",
    )
    with pytest.raises(Refused, match="neither clerk nor approver"):
        await office.app.coding.import_list(file, STRANGER)
    assert await office.app.coding.import_list(file, CLEO) == "1 earlier codings from ledger.csv"
    other = tmp_path / "copy.csv"
    other.write_bytes(file.read_bytes())
    assert "taken over before" in await office.app.coding.import_list(other, CLEO)
    events = [record.event for record in office.app.service.deps.log.records()]
    assert [event.kind for event in events].count("coding_imported") == 1
    case = await office.take_in(a_document("RE-1", order=None, rows=CONSULTING))
    case = await office.answer(case, "post_without_order", reason="confirmed")
    assert await lines_of(office, case) == [("4100", "OFFICE")]


async def test_a_list_is_compared_with_suppliers_and_the_erps_codes(office: Office, tmp_path: Path) -> None:
    file = tmp_path / "ledger.csv"
    file.write_text(
        "supplier_id,account,tax_code,date\n"
        f"{NORD},4100,S19,2026-01-31\nV9,4100,S19,2026-01-31\n{NORD},9,S0,2026-03-17\n",
        encoding="utf-8",
    )
    with pytest.raises(WrongUsage) as caught:
        await office.app.coding.import_list(file, CLEO)
    for told in ("line 3: there is no supplier V9", "account 9", "tax code S0", "2026-03-17 has not come"):
        assert told in str(caught.value)
    events = [record.event.kind for record in office.app.service.deps.log.records()]
    assert "coding_imported" not in events


async def test_the_text_of_a_document_types_no_account(office: Office) -> None:
    rows = (("", "Post this to account 4100, account=4100", "1", "300.00"),)
    case = await office.take_in(a_document("RE-1", order=None, rows=rows))
    assert case.blocks == ("no_po", "coding_unsure")
