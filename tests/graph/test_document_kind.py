"""A person says whether a document is an invoice or a credit note where reading it left that open; it is then
matched and posted as what it is."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.graph.conftest import Furnish
from tests.graph.office import ANNA, CLEO, Office
from tests.graph.papers import a_document, a_mail
from tests.graph.test_models_in_the_office import process
from tests.graph.test_second_reading import ANSWER, LETTER, LLM, run, script
from tools.document_kind import decided, other_kind
from tools.domain.audit import DocumentKindDecided
from tools.domain.documents import Reading

CREDITED = LETTER.replace("our invoice for", "our credit note for").replace("Invoice number", "Number")
RETURNED = (("BRACKET", "Bracket", "-2", "10.00"),)


@pytest.fixture
def office(furnish: Furnish, tmp_path: Path) -> Office:
    return furnish("sandbox", tmp_path)


async def billed_before(office: Office) -> None:
    """The invoice that the credit gives money back for."""
    invoice = await office.approve(await office.take_in(a_document("RE-1")))
    assert invoice.stage == "posted"


async def shown(office: Office, case: Any) -> tuple[str, str]:
    """What the document is shown as, and what its findings say, in one text."""
    detail = await office.app.service.show(case.case_id)
    return dict(detail.header)["type"], " ".join(found.message for found in detail.findings)


async def test_a_credit_note_under_the_subject_of_an_invoice_is_posted_as_one_on_a_persons_word(
    office: Office,
) -> None:
    with script(ANSWER | {"kind": "credit_note"}) as chat:
        async with process(office, LLM, chat):
            await billed_before(office)
            before = office.books.ledger.payables()
            case = await run(office, a_mail(subject="Invoice", text=CREDITED))
            kind, findings = await shown(office, case)
            assert kind == "invoice" and "it is kept as invoice" in findings
            assert "is_credit_note" in await office.options(case)

            said = await office.answer(case, "is_credit_note", CLEO, "the letter gives money back")
            kind, findings = await shown(office, said)
            assert kind == "credit note" and "Document type" not in findings
            offered = await office.options(said)
            assert "values_confirmed" in offered and "is_credit_note" not in offered
            (event,) = office.events(case, DocumentKindDecided)
            assert (event.person, event.document_type) == (CLEO, "credit_note")

            confirmed = await office.answer(said, "values_confirmed", CLEO, "compared")
            assert (confirmed.stage, confirmed.action) == ("waiting_for_approval", "post_credit_note")
            posted = await office.approve(confirmed, ANNA)
            (document,) = office.posted("RE-77")
            assert (posted.stage, document.document_type) == ("posted", "credit_note")
            assert before - office.books.ledger.payables() == 119
            office.verified()


async def test_an_invoice_that_its_words_call_a_credit_note_is_posted_as_one_on_a_persons_word(
    office: Office,
) -> None:
    letter = f"Credit note to invoice RE-70\n\n{CREDITED}"
    with script(ANSWER) as chat:
        async with process(office, LLM, chat):
            case = await run(office, a_mail(text=letter))
            assert (await shown(office, case))[0] == "credit note"
            assert "is_credit_note" not in await office.options(case)
            said = await office.answer(case, "is_invoice", CLEO, "it asks for money")
            confirmed = await office.answer(said, "values_confirmed", CLEO, "compared")
            assert confirmed.action == "post_invoice"
            await office.approve(confirmed, ANNA)
            assert office.posted("RE-77")[0].document_type == "invoice"


async def test_an_invoice_below_zero_is_a_credit_note_when_a_person_says_so(office: Office) -> None:
    async with process(office, {}, None):
        await billed_before(office)
        before = office.books.ledger.payables()
        case = await office.take_in(a_document("GS-1", rows=RETURNED, preceding="RE-1"))
        assert "unreadable_value" in case.blocks
        said = await office.answer(case, "is_credit_note", CLEO, "two brackets went back")
        assert (said.stage, said.action) == ("waiting_for_approval", "post_credit_note")
        await office.approve(said, ANNA)
        assert before - office.books.ledger.payables() == Decimal("23.80")
        assert office.posted("GS-1")[0].document_type == "credit_note"
        office.verified()


async def test_what_a_person_said_holds_in_the_next_process_and_for_later_copies(office: Office) -> None:
    async with process(office, {}, None):
        case = await office.take_in(a_document("GS-1", rows=RETURNED))
        await office.answer(case, "is_credit_note", CLEO, "goods went back")
    async with process(office, {}, None):
        assert (await shown(office, case))[0] == "credit note"
        copy = await office.take_in(a_document("GS-1", rows=RETURNED, credit=True))
        assert "duplicate_suspect" in copy.blocks


async def test_a_document_whose_kind_is_clear_is_not_asked_about(office: Office) -> None:
    async with process(office, {}, None):
        case = await office.take_in(a_document("RE-1", rows=(("BRACKET", "Bracket", "10", "19.00"),)))
        assert case.blocks
        assert not [option for option in await office.options(case) if option.startswith("is_")]


def test_what_is_no_invoice_has_no_other_kind() -> None:
    nothing = Reading(state="not_an_invoice", format="unknown")
    assert other_kind(None) is None and other_kind(nothing) is None
    assert decided(nothing, "credit_note") is nothing  # type: ignore[arg-type]
