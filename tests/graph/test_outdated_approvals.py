"""An approval that posted nothing is no success, and says why."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.graph.conftest import Furnish
from tests.graph.office import Office
from tests.graph.papers import SHARED, TODAY, a_document
from tests.graph.test_several_approvals import FINN, GRETA, person, staffed
from tools.case_list import CaseSummary

MATRIX = [{"name": "two", "steps": [{"any_of": ["accounts_payable"]}, {"any_of": ["ap_lead"]}]}]
HIGH = {"amount": "50000", "currency": "EUR"}
PEOPLE = [person(FINN, "accounts_payable", limit=HIGH), person(GRETA, "ap_lead", limit=HIGH)]


@pytest.fixture
def office(furnish: Furnish, tmp_path: Path) -> Office:
    return staffed(furnish("sandbox", tmp_path), preset=None, matrix=MATRIX, people=PEOPLE)


async def two_on_one_order(office: Office) -> tuple[CaseSummary, CaseSummary]:
    first, second = [
        await office.take_in(
            a_document(number, order=SHARED, rows=(("BRACKET", "Bracket", quantity, "2.50"),), day=day)
        )
        for number, quantity, day in (("RE-1", "10", date(2026, 2, 1)), ("RE-22", "14", TODAY))
    ]
    return first, second


async def approve(office: Office, case: CaseSummary, who: Any) -> dict[str, Any]:
    (result,) = await office.app.approve([(case.case_id, case.digest or "")], who, "")
    return result


async def test_a_last_approval_of_an_outdated_proposal_is_no_success(office: Office) -> None:
    async with office.open():
        first, second = await two_on_one_order(office)
        assert (await approve(office, second, FINN))["error"] is None
        assert (await approve(office, first, FINN))["error"] is None
        assert (await approve(office, first, GRETA))["stage"] == "posted"
        result = await approve(office, second, GRETA)
        assert result["error_kind"] == "NotFinished"
        assert "the proposal has changed since it was made" in result["error"]
        assert "shown anew" in result["error"] and "accounts payable" in result["error"]
        shown = await office.app.service.show(second.case_id)
        assert shown.proposal is not None and shown.proposal.digest != second.digest
        assert [len(office.posted(number)) for number in ("RE-1", "RE-22")] == [1, 0]


async def test_a_first_approval_of_an_outdated_proposal_is_told_at_once(office: Office) -> None:
    async with office.open():
        first, second = await two_on_one_order(office)
        for who in (FINN, GRETA):
            assert (await approve(office, first, who))["error"] is None
        result = await approve(office, second, FINN)
        assert "the proposal has changed since it was made" in result["error"]
        again = office.case(second.case_id)
        assert again.digest != second.digest
        for who in (FINN, GRETA):
            assert (await approve(office, again, who))["error"] is None
        assert [len(office.posted(number)) for number in ("RE-1", "RE-22")] == [1, 1]
        office.verified()
