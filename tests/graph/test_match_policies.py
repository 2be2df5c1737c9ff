"""Policies of the settings in the flow: an ERP's keys, other depths for some, small differences."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from agent.settings import Settings
from tests.graph.conftest import Furnish
from tests.graph.office import Office
from tests.graph.papers import AWAITED, NORD, a_document, a_world
from tools.domain import audit

SAP = {"preset": "sap_s4"}


def an_office(furnish: Furnish, folder: Path, **policy: Any) -> Office:
    office = furnish("sandbox", folder)
    office.policy = policy
    return office


async def test_a_missing_receipt_is_told_by_the_key_of_the_erp(furnish: Furnish, tmp_path: Path) -> None:
    office = an_office(furnish, tmp_path, match=SAP)
    async with office.open():
        case = await office.take_in(a_document(order=AWAITED))
        (matched,) = office.events(case, audit.InvoiceMatched)
    assert case.stage == "waiting_for_answer"
    assert matched.policy == "sap_s4 v1"
    assert "sap.DW" in [found.rule for found in matched.findings]


async def test_a_supplier_matched_two_ways_needs_no_receipt(furnish: Furnish, tmp_path: Path) -> None:
    choice = {"supplier": NORD, "depth": "two_way", "name": "trusted"}
    office = an_office(furnish, tmp_path, match_for=[choice])
    async with office.open():
        case = await office.take_in(a_document(order=AWAITED))
        (matched,) = office.events(case, audit.InvoiceMatched)
    assert case.stage == "waiting_for_approval"
    assert (matched.depth, matched.policy) == ("two_way", f"trusted v1 (own depth) (supplier {NORD})")


def stating(total: str) -> bytes:
    """A document whose lines and tax come to 119.00, whatever it states."""
    return a_document().replace(b">119.00<", f">{total}<".encode())


class SettledOffice(Office):
    """The company knows where differences go, and the code under which they bear no tax."""

    def settings(self) -> Settings:
        plain = super().settings()
        known = {"tax_codes": {"S:19": "S19", "O:0": "O0"}, "small_difference_account": "4100"}
        return plain.model_copy(update={"company": plain.company.model_copy(update=known)})


async def test_a_small_difference_is_posted_on_a_line_of_its_own(tmp_path: Path) -> None:
    world = a_world()
    world["tax_codes"] += [{"code": "O0", "description": "no tax", "category": "O", "rate": "0"}]
    office = SettledOffice("sandbox", tmp_path, world=world, policy={"match": SAP})
    async with office.open():
        await office.prepare()
        case = await office.take_in(stating("119.40"))
        assert (case.stage, office.posted()) == ("waiting_for_approval", [])
        case = await office.approve(case)
        assert case.stage == "posted", office.events(case)[-2:]
        (document,) = office.posted()
        assert [(line.account, str(line.net_amount)) for line in document.lines][-1:] == [("4100", "0.40")]
        assert str(document.totals.gross) == "119.40"
        office.verified()


async def test_a_difference_without_an_account_is_a_question(furnish: Furnish, tmp_path: Path) -> None:
    office = an_office(furnish, tmp_path, match=SAP)
    async with office.open():
        case = await office.take_in(stating("119.40"))
        (matched,) = office.events(case, audit.InvoiceMatched)
    assert case.stage == "waiting_for_answer"
    assert "account.difference" in [found.rule for found in matched.findings]


async def test_a_larger_difference_is_not_posted(furnish: Furnish, tmp_path: Path) -> None:
    office = an_office(furnish, tmp_path, match=SAP)
    async with office.open():
        case = await office.take_in(stating("121.00"))
        assert case.stage == "waiting_for_answer"
        (matched,) = office.events(case, audit.InvoiceMatched)
    assert "sap.BD" in [found.rule for found in matched.findings]
