"""What may follow from findings, and what never may."""

from __future__ import annotations

import itertools

import pytest

from tools.domain.findings import Discrepancy, DiscrepancyKind, Severity
from tools.matching.decision_table import rows, table
from tools.matching.resolutions import allowed, clearable, explain, payment_meanwhile
from tools.matching.ways_out import Effect, Need, Payment

CONTROLS = (
    DiscrepancyKind.BANK_CHANGE,
    DiscrepancyKind.SUPPLIER_BLOCKED,
    DiscrepancyKind.DUPLICATE_SUSPECT,
    DiscrepancyKind.TOTAL_MISMATCH,
    DiscrepancyKind.TAX_WRONG,
    DiscrepancyKind.WRONG_COMPANY,
    DiscrepancyKind.BAD_PO,
    DiscrepancyKind.UOM_OR_BASE,
    DiscrepancyKind.NO_RECEIPT,
    DiscrepancyKind.CURRENCY_DIFF,
    DiscrepancyKind.LINE_AMBIGUOUS,
    DiscrepancyKind.MISSING_FIELD,
    DiscrepancyKind.CREDIT_EXCEEDS,
)


def found(*kinds: DiscrepancyKind, severity: Severity = Severity.BLOCK) -> list[Discrepancy]:
    return [Discrepancy(kind=kind, severity=severity, rule="r", message="m") for kind in kinds]


def effects(*kinds: DiscrepancyKind) -> set[Effect]:
    return {way.effect for way in allowed(found(*kinds))}


def test_every_kind_of_finding_has_a_row() -> None:
    assert set(table()) == set(DiscrepancyKind)


def test_every_kind_that_may_block_has_a_way_out() -> None:
    never_blocks = {
        DiscrepancyKind.RECEIPT_GT_INVOICE,
        DiscrepancyKind.APPROVER_MISSING,
        DiscrepancyKind.LATE_DISCOUNT,
        DiscrepancyKind.FIRST_INVOICE,
        DiscrepancyKind.NEAR_LIMIT,
    }
    assert {kind for kind in DiscrepancyKind if not allowed(found(kind))} == never_blocks


def test_one_id_means_one_thing() -> None:
    ways = {way for entry in table().values() for way in entry.resolutions}
    assert len({way.id for way in ways}) == len(ways)
    assert not any("+" in way.id for way in ways)


def test_a_kind_has_at_most_one_way_to_post() -> None:
    for entry in table().values():
        assert sum(way.effect is Effect.POST for way in entry.resolutions) <= 1


def test_nothing_is_offered_when_nothing_blocks() -> None:
    assert allowed([]) == ()
    assert allowed(found(DiscrepancyKind.PRICE_OVER, severity=Severity.WARN)) == ()


def test_a_price_difference_alone_may_be_accepted() -> None:
    first = allowed(found(DiscrepancyKind.PRICE_OVER))[0]
    assert (first.id, first.effect) == ("accept_price", Effect.POST)
    assert Need.REASON in first.needs


@pytest.mark.parametrize("control", CONTROLS)
def test_a_control_is_never_passed_over_by_accepting_something_else(control: DiscrepancyKind) -> None:
    assert Effect.POST not in effects(control)
    for other in DiscrepancyKind:
        assert Effect.POST not in effects(control, other)


def test_accepting_several_findings_names_each() -> None:
    both = allowed(found(DiscrepancyKind.UNPLANNED_FREIGHT, DiscrepancyKind.PRICE_OVER))
    first = both[0]
    assert first.id == "accept_price+accept_freight" and first.effect is Effect.POST
    assert "Accept the higher price" in first.label and "Accept the delivery cost" in first.label
    assert first.needs == (Need.REASON,)
    assert sum(way.effect is Effect.POST for way in both) == 1


def test_a_draft_needs_the_consent_of_every_finding() -> None:
    assert Effect.PARK in effects(DiscrepancyKind.NO_RECEIPT, DiscrepancyKind.PRICE_OVER)
    assert Effect.PARK not in effects(DiscrepancyKind.NO_RECEIPT, DiscrepancyKind.DUPLICATE_SUSPECT)


def test_more_findings_never_open_a_way_to_post() -> None:
    for one, two in itertools.combinations(DiscrepancyKind, 2):
        if Effect.POST in effects(one, two):
            assert Effect.POST in effects(one) and Effect.POST in effects(two)


def test_the_order_of_findings_does_not_matter() -> None:
    kinds = (DiscrepancyKind.NO_PO, DiscrepancyKind.PRICE_OVER, DiscrepancyKind.CODING_UNSURE)
    assert allowed(found(*kinds)) == allowed(found(*reversed(kinds)))


def test_the_first_look_starts_with_what_blocks_and_leaves_mere_information_out() -> None:
    findings = [
        *found(DiscrepancyKind.PERIOD_CLOSED, severity=Severity.WARN),
        *found(DiscrepancyKind.RECEIPT_GT_INVOICE, severity=Severity.INFO),
        *found(DiscrepancyKind.BANK_CHANGE, DiscrepancyKind.PRICE_OVER, DiscrepancyKind.PRICE_OVER),
    ]
    looks = explain(findings)
    assert [look.split(":")[0] for look in looks] == ["Price over", "Bank change", "Period closed"]
    assert "call back" in looks[1]


def test_what_clears_a_duplicate_is_its_candidate() -> None:
    suspect = found(DiscrepancyKind.DUPLICATE_SUSPECT)[0]
    named = suspect.model_copy(update={"figures": {"candidate": "case:7"}})
    assert clearable([suspect, named, *found(DiscrepancyKind.NO_PO)]) == ("case:7",)


@pytest.mark.parametrize(
    ("kinds", "payment"),
    [
        ((), Payment.FREE),
        ((DiscrepancyKind.PRICE_UNDER,), Payment.FREE),
        ((DiscrepancyKind.PRICE_OVER, DiscrepancyKind.PRICE_UNDER), Payment.BLOCKED),
        ((DiscrepancyKind.PRICE_OVER, DiscrepancyKind.DUPLICATE_SUSPECT), Payment.NOT_POSTED),
        ((DiscrepancyKind.CREDIT_NOTE_UNLINKED,), Payment.SET_OFF),
    ],
)
def test_the_strictest_finding_decides_what_happens_to_payment(
    kinds: tuple[DiscrepancyKind, ...], payment: Payment
) -> None:
    assert payment_meanwhile(found(*kinds)) is payment
    assert payment_meanwhile(found(*kinds, severity=Severity.WARN)) is Payment.FREE


def test_a_row_that_names_no_known_resolution_is_a_defect() -> None:
    with pytest.raises(KeyError):
        rows(
            {
                "resolutions": {},
                "findings": {"no_po": {"first_look": "x", "payment": "free", "resolutions": ["y"]}},
            }
        )
