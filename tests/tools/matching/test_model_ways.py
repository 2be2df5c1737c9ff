"""What a language model may suggest: never what only a control may settle, never a value of its own."""

from __future__ import annotations

import itertools

import pytest

from tools.domain.findings import Discrepancy, DiscrepancyKind, Severity
from tools.matching.decision_table import table
from tools.matching.model_ways import first_to_settle, parts, ways_for_model, ways_to_ask_for
from tools.matching.resolutions import allowed
from tools.matching.ways_out import Effect, Need

KIND = DiscrepancyKind
PEOPLE_ONLY = {"bank_verified", "sender_confirmed", "give_supplier", "report_fraud", "accept_split", "park"}


def found(*kinds: DiscrepancyKind) -> list[Discrepancy]:
    return [Discrepancy(kind=kind, severity=Severity.BLOCK, rule="r", message="m") for kind in kinds]


def offered(*kinds: DiscrepancyKind) -> list[str]:
    entries = found(*kinds)
    return [way.id for way in ways_for_model(entries, allowed(entries))]


@pytest.mark.parametrize("kinds", list(itertools.combinations(KIND, 2)), ids=lambda pair: "+".join(pair))
def test_a_control_leaves_only_waiting_and_returning(kinds: tuple[DiscrepancyKind, ...]) -> None:
    entries = found(*kinds)
    ways = ways_for_model(entries, allowed(entries))
    assert not {way.id for way in ways} & PEOPLE_ONLY
    if any(table()[kind].control for kind in kinds):
        assert {way.effect for way in ways} <= {Effect.WAIT, Effect.REJECT}


def test_what_a_model_never_gets_says_why() -> None:
    ways = {way for entry in table().values() for way in entry.resolutions}
    assert all(bool(way.why_not) is not way.model_may for way in ways)
    assert all(way.when for way in ways if way.model_may and set(way.needs) <= {Need.REASON, Need.CLEARED})


def test_a_new_account_can_only_wait_for_the_call_back() -> None:
    assert offered(KIND.BANK_CHANGE, KIND.PRICE_OVER) == ["wait_for_callback"]


def test_a_value_that_a_person_must_give_is_not_offered() -> None:
    assert "give_order" not in offered(KIND.NO_PO)
    assert offered(KIND.CODING_UNSURE) == ["return_to_supplier"]


def test_a_suspected_duplicate_is_settled_before_its_price() -> None:
    assert offered(KIND.DUPLICATE_SUSPECT, KIND.PRICE_OVER) == ["confirm_duplicate", "not_a_duplicate"]


def test_findings_of_one_rank_keep_their_common_acceptance() -> None:
    assert "accept_price+accept_freight" in offered(KIND.PRICE_OVER, KIND.UNPLANNED_FREIGHT)


def test_without_a_blocking_finding_there_is_nothing_to_settle() -> None:
    warning = found(KIND.PRICE_UNDER)[0].model_copy(update={"severity": Severity.WARN})
    assert first_to_settle([warning]) == []
    assert ways_for_model([warning], allowed([warning])) == []


def test_a_joined_resolution_is_known_by_its_parts() -> None:
    assert [way.id for way in parts("accept_price+accept_freight")] == ["accept_price", "accept_freight"]
    assert parts("made_up") == []


@pytest.mark.parametrize("kinds", list(itertools.combinations(KIND, 2)), ids=lambda pair: "+".join(pair))
def test_what_a_person_asks_for_keeps_the_controls_too(kinds: tuple[DiscrepancyKind, ...]) -> None:
    entries = found(*kinds)
    ways = ways_to_ask_for(entries, allowed(entries))
    assert not {way.id for way in ways} & (PEOPLE_ONLY - {"park"})
    if any(table()[kind].control for kind in kinds):
        assert {way.effect for way in ways} <= {Effect.WAIT, Effect.REJECT}


def test_a_person_may_ask_for_a_draft_and_for_what_is_settled_later() -> None:
    entries = found(KIND.PRICE_OVER, KIND.QTY_OVER_RECEIVED)
    asked = {way.id for way in ways_to_ask_for(entries, allowed(entries))}
    assert {"park", "wait_for_receipt", "request_credit_note"} <= asked
    assert "park" not in {way.id for way in ways_for_model(entries, allowed(entries))}
