"""Many documents at once: one outcome each, and what is wrong with one stops no other."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent.batch import run_batch, silent
from agent.wrong_usage import WrongUsage
from evals.bench.made_up import make_up
from tests.graph.office import ANNA, CLEO, Office, raising
from tests.graph.papers import NORD, NOW, PAPER, PLAIN, SUED_IBAN, SUED_NAME, SUED_VAT, a_document, a_mail
from tools.domain import audit
from tools.erp.errors import ErpUnavailable

PAPERS: dict[str, Any] = {
    "order": PAPER,
    "rows": (("PAPER", "Paper A4", "5", "40.00"),),
    "name": SUED_NAME,
    "vat_id": SUED_VAT,
    "city": "Ulm",
    "iban": SUED_IBAN,
}


async def test_every_file_has_an_outcome_in_the_order_found(office: Office) -> None:
    office.lay("a.xml", a_document())
    office.lay("b.xml", b"<Invoice xmlns='urn:oasis:names:specification:ubl:schema:xsd:Invoice-2'><broken")
    office.lay("c.pdf", b"%PDF-1.7 but nothing else")
    office.lay("d.txt", b"Dear all, see you on Friday.")
    office.lay("e.bin", bytes(range(256)))
    office.lay("f.xml", b"")
    office.lay("sub/g.xml", a_document("P-7", **PAPERS))
    outcomes = await office.run()
    assert [Path(outcome.file).name[0] for outcome in outcomes] == list("abcdefg")
    states = {Path(outcome.file).name[0]: outcome.state for outcome in outcomes}
    assert states["a"] == states["g"] == "waiting_for_approval"
    assert {states[name] for name in "bcef"} <= {"unreadable", "not_an_invoice"}
    assert states["d"] == "not_an_invoice"
    assert all(outcome.reason for outcome in outcomes if outcome.state != "waiting_for_approval")
    assert {outcome.error for outcome in outcomes} == {None}
    office.verified()


async def test_a_second_run_opens_nothing_and_posts_nothing(office: Office) -> None:
    office.lay("a.xml", a_document())
    (first,) = await office.run()
    await office.approve(office.case(first.case))
    records = office.verified()
    (second,) = await office.run()
    assert (second.case, second.state, second.is_new) == (first.case, "posted", False)
    assert office.verified() == records
    assert len(office.posted()) == 1


async def test_the_same_bytes_elsewhere_belong_to_the_same_case(office: Office) -> None:
    office.lay("a.xml", a_document())
    office.lay("copy/b.xml", a_document())
    first, second = await office.run()
    assert first.case == second.case
    assert (first.is_new, second.is_new) == (True, False)
    assert len(office.app.service.inbox()) == 1
    (again,) = office.events(office.case(first.case), audit.DocumentReceivedAgain)
    assert again.path.endswith("b.xml")


async def test_a_mail_with_two_invoices_is_two_cases_and_one_without_is_told(office: Office) -> None:
    office.lay("a.eml", a_mail(a_document(), a_document("P-7", **PAPERS)))
    office.lay("b.eml", a_mail())
    outcomes = await office.run()
    assert [outcome.number for outcome in outcomes] == ["RE-1", "P-7", None]
    assert [outcome.state for outcome in outcomes[:2]] == ["waiting_for_approval"] * 2
    assert outcomes[2].state == "not_an_invoice"
    assert outcomes[2].reason


async def test_trouble_with_one_order_stops_only_its_own_case(office: Office) -> None:
    office.lay("a.xml", a_document())
    office.lay("b.xml", a_document("P-7", **PAPERS))
    reader = office.app.service.deps.reader

    class Torn:
        """Receipts of one order cannot be read."""

        def __getattr__(self, name: str) -> Any:
            return getattr(reader, name)

        def fresh(self) -> Torn:
            return self

        async def receipts(self, number: str) -> Any:
            if number == PLAIN:
                raise ErpUnavailable("the warehouse does not answer")
            return await reader.receipts(number)

    whole = office.app
    torn: Any = Torn()
    office.app = replace(whole, service=whole.service.with_deps(replace(whole.service.deps, reader=torn)))
    first, second = await office.run()
    assert (first.state, first.error) == ("read", "the warehouse does not answer")
    assert (second.state, second.error) == ("waiting_for_approval", None)
    office.app = whole
    assert [outcome.state for outcome in await office.run()] == ["waiting_for_approval"] * 2


async def test_a_defect_that_one_document_meets_is_told_and_stops_no_other(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    office.lay("a.xml", a_document())
    office.lay("b.xml", a_document("P-7", **PAPERS))
    deps = office.app.service.deps

    class Faulty:
        """A finder with a defect that only one supplier's documents meet."""

        def find(self, reading: Any, order_supplier: str | None) -> Any:
            if order_supplier == NORD:
                raise ZeroDivisionError("by nothing")
            return deps.finder.find(reading, order_supplier)

    whole = office.app
    office.app = replace(whole, service=whole.service.with_deps(replace(deps, finder=Faulty())))
    first, second = await office.run()
    assert first.error == "defect of the program, ZeroDivisionError: by nothing"
    assert second.state == "waiting_for_approval"
    assert "ZeroDivisionError" in caplog.text
    (failed,) = office.events(office.case(first.case), audit.StepFailed)
    assert failed.error == "ZeroDivisionError"
    office.app = whole
    first, second = await office.run()
    assert first.state == "waiting_for_approval"


async def test_documents_are_kept_when_the_supplier_master_cannot_be_read(office: Office) -> None:
    office.lay("a.xml", a_document())
    office.line.before["suppliers"] = raising(ErpUnavailable("the ERP cannot be reached"))
    (outcome,) = await office.run()
    assert outcome.state == "received"
    assert outcome.error == "the supplier master could not be read: the ERP cannot be reached"
    (outcome,) = await office.run()
    assert (outcome.state, outcome.error) == ("waiting_for_approval", None)


async def test_a_new_supplier_in_the_erp_is_known_to_the_run_that_brings_its_invoice(office: Office) -> None:
    card = office.books.books.suppliers[NORD]
    renamed = card.supplier.model_copy(update={"name": "Nordberg Tools GmbH", "vat_id": "DE129273398"})
    office.clock.later(hours=1)
    office.books.master.change_supplier(renamed)
    office.lay("a.xml", a_document(name="Nordberg Tools GmbH", vat_id="DE129273398", order=None))
    (outcome,) = await office.run()
    assert outcome.supplier == NORD


async def test_no_more_cases_are_under_way_than_allowed(plain_office: Office) -> None:
    office = plain_office
    for number in range(12):
        office.lay(f"{number:02}.xml", a_document(f"RE-{number}"))
    under_way, most = 0, 0
    whole = office.app.service

    class Counted:
        """Counts the cases that are worked on at the same time."""

        def __getattr__(self, name: str) -> Any:
            return getattr(whole, name)

        def fresh(self) -> Counted:
            return self

        async def advance(self, case_id: Any) -> Any:
            nonlocal under_way, most
            under_way, most = under_way + 1, max(most, under_way + 1)
            await asyncio.sleep(0)
            try:
                return await whole.advance(case_id)
            finally:
                under_way -= 1

    counted: Any = Counted()
    outcomes = await run_batch(
        counted,
        [office.inbox],
        office.app.pool,
        cases_at_once=3,
        prepare=office.app.suppliers.sync,
        progress=silent,
    )
    assert len(outcomes) == 12
    assert most == 3


async def test_a_batch_asks_the_erp_far_less_often_than_case_by_case(tmp_path: Path) -> None:
    made = make_up(40, suppliers=5, lines=2, day=NOW.date())
    office = Office("business_central", tmp_path, world=made.world, company="MADEUP")
    made.write_inbox(office.inbox)
    async with office.open() as app:
        await app.suppliers.sync()
        app.accounts.furnish_accounts(made.accounts, CLEO, "made up")
        before = office.gate.traffic.total
        outcomes = await office.run()
        calls = office.gate.traffic.total - before
        assert {outcome.state for outcome in outcomes} == {"waiting_for_approval"}
        assert outcomes[0].erp_calls == calls
        assert calls < len(outcomes)
        results = await app.approve([(row.case, row.proposal or "") for row in outcomes], ANNA, "")
        assert {result["stage"] for result in results} == {"posted"}
        assert len(office.books.books.documents) == 40
        office.verified()


async def test_a_path_that_does_not_exist_is_refused_before_anything_is_read(plain_office: Office) -> None:
    plain_office.lay("a.xml", a_document())
    with pytest.raises(WrongUsage, match="not found"):
        await plain_office.run(plain_office.inbox, plain_office.inbox / "nowhere")
    assert plain_office.app.service.inbox() == []
