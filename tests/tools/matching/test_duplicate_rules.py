"""Copies under another number, another account, another company; and what repeats without being one."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from tests.builders import SUPPLIER, a_posting, an_invoice, an_invoice_line, an_order, an_order_line, eur
from tools.domain.decision import PostingState
from tools.domain.documents import Invoice, Party
from tools.domain.findings import AlignmentEvidence, Discrepancy, LineMatch, Severity
from tools.domain.identifiers import CaseId, OrderNumber, SupplierId
from tools.matching.document_print import likeness, print_of
from tools.matching.duplicate_keys import Kind, register_keys, search_keys, supplier_keys
from tools.matching.duplicates import check_duplicates, new_suspects
from tools.matching.facts import KnownDocument
from tools.matching.invoice_numbers import begins_anew, follows, spellings, steps_between

DAY = date(2026, 3, 16)
ROWS = (an_invoice_line("Bracket 40", "10", "7.00"), an_invoice_line("Bolt 12", "3", "10.00"))


def a_case(invoice: Invoice, case: str = "C-1", **fields: Any) -> KnownDocument:
    company = fields.pop("company", "DEMO")
    fields = {"stage": "posted", "supplier_id": SUPPLIER, **fields}
    return KnownDocument(
        case_id=CaseId(case),
        document_type=invoice.document_type,
        number=invoice.number or "",
        invoice_date=invoice.issue_date,
        gross=invoice.gross_total,
        paper=print_of(invoice, company),
        **fields,
    )


def found(invoice: Invoice, *known: KnownDocument, **options: Any) -> list[tuple[str, str]]:
    return [(entry.severity.value, entry.rule) for entry in told(invoice, *known, **options)]


def told(invoice: Invoice, *known: KnownDocument, **options: Any) -> list[Discrepancy]:
    postings = options.pop("postings", ())
    return check_duplicates(invoice, SUPPLIER, postings, known, company="DEMO", **options)


def test_the_same_lines_on_the_same_day_under_another_number_block() -> None:
    original, again = an_invoice(lines=ROWS), an_invoice(lines=ROWS, number="9001")
    assert found(again, a_case(original)) == [("block", "duplicate.content")]


def test_the_same_lines_on_the_same_day_with_a_fee_are_a_warning() -> None:
    dearer = an_invoice(lines=ROWS, number="9001", gross_total=eur("140.00"))
    assert found(dearer, a_case(an_invoice(lines=ROWS))) == [("warn", "duplicate.content")]
    march, april = (
        tuple(row.model_copy(update={"description": f"{row.description} {month} 2026"}) for row in ROWS)
        for month in ("March", "April")
    )
    other = an_invoice(lines=april, number="9001", gross_total=eur("140.00"))
    assert found(other, a_case(an_invoice(lines=march))) == []


def rides(days: int, every: int = 2) -> list[KnownDocument]:
    return [
        a_case(
            an_invoice("24.20", number=f"{500 + 7 * n}", issue_date=DAY - timedelta(days=every * n)), f"C-{n}"
        )
        for n in range(days, 0, -1)
    ]


def test_a_sender_whose_amount_comes_every_few_days_is_not_suspected_for_it() -> None:
    ride = an_invoice("24.20", number="700")
    assert found(ride, *rides(1)) == [("warn", "duplicate.amount")]
    assert found(ride, *rides(8)) == []
    same_day = an_invoice("24.20", number="693", issue_date=DAY)
    assert found(ride, *rides(8), a_case(same_day, "C-9")) == [("warn", "duplicate.amount")]


def test_an_amount_that_repeats_makes_a_number_of_another_year_none_of_its_own() -> None:
    rent = [a_case(an_invoice(number=f"{n}", issue_date=date(2025, n, 16)), f"C-{n}") for n in (1, 2, 3, 4)]
    assert found(an_invoice(number="3"), *rent) == [("info", "duplicate.year")]


def a_match(billed: str = "10", before: str = "10", received: str = "10") -> LineMatch:
    return LineMatch(
        invoice_index=0,
        order_number=OrderNumber("PO-1001"),
        order_line_id="1",
        evidence=(AlignmentEvidence.BUYER_ITEM,),
        billed=Decimal(billed),
        unit="H87",
        ordered=Decimal(40),
        received=Decimal(received),
        billed_before=Decimal(before),
        invoice_price=eur("10.00"),
        order_price=eur("10.00"),
    )


def test_an_order_line_without_a_receipt_left_is_billed_again() -> None:
    line = an_invoice_line(buyer_item_id="1896-S")
    first, again = (
        an_invoice(lines=(line,)),
        an_invoice(lines=(line,), number="9001", issue_date=date(2026, 5, 2)),
    )
    options: dict[str, Any] = {"orders": [an_order()]}
    assert found(again, a_case(first), matches=[a_match()], **options) == [("block", "duplicate.order_line")]
    assert found(again, a_case(first), matches=[a_match(received="20")], **options) == []
    waiting = a_case(first, stage="waiting_for_approval")
    assert found(again, waiting, matches=[a_match(before="0")], **options) == [
        ("block", "duplicate.order_line")
    ]
    assert found(again, waiting, matches=[a_match(before="0", received="20")], **options) == []
    unread = a_match().model_copy(update={"invoice_index": 7})
    assert found(again, a_case(first), matches=[unread], **options) == []
    two_way = [an_order(an_order_line(receipt_required=False))]
    assert found(again, a_case(first), matches=[a_match(received="0")], orders=two_way) == []


def test_of_two_findings_about_one_candidate_the_graver_is_told() -> None:
    line = an_invoice_line(buyer_item_id="1896-S")
    first, again = an_invoice(lines=(line,)), an_invoice(lines=(line,), number="9001")
    options: dict[str, Any] = {"matches": [a_match()], "orders": [an_order()]}
    assert found(again, a_case(first), **options) == [("block", "duplicate.order_line")]
    assert found(first, a_case(first), **options) == [("block", "duplicate.number")]


def test_another_item_or_text_on_the_order_is_another_line() -> None:
    one, two = an_invoice_line("Bolt"), an_invoice_line("Nut", buyer_item_id="7")
    again = an_invoice(lines=(one,), number="9001", issue_date=date(2026, 5, 2))
    assert found(again, a_case(an_invoice(lines=(two,))), matches=[a_match()], orders=[an_order()]) == []
    bare = an_invoice(lines=(an_invoice_line("Bolt", quantity=None, price=None, net="100.00"),))
    assert found(again, a_case(bare), matches=[a_match()], orders=[an_order()]) == []


def test_two_receipts_prove_two_deliveries_but_not_on_one_day() -> None:
    line = an_invoice_line(buyer_item_id="1896-S")
    first = an_invoice(lines=(line,))
    options: dict[str, Any] = {"matches": [a_match(received="20")], "orders": [an_order()]}
    next_day = an_invoice(lines=(line,), number="9001", issue_date=DAY + timedelta(days=2))
    assert found(next_day, a_case(first), **options) == []
    same_day = an_invoice(lines=(line,), number="9001")
    assert found(same_day, a_case(first), **options) == [("warn", "duplicate.amount")]


def test_what_a_case_of_ours_posted_is_told_as_that_case_and_not_twice() -> None:
    case = a_case(an_invoice(), erp_number="PI-77")
    (one,) = told(an_invoice(), case, postings=[a_posting()])
    assert one.figures["candidate"] == "case:C-1" and "PI-77" in one.message
    cancelled = a_posting(state=PostingState.CANCELLED)
    assert found(an_invoice(), case, postings=[cancelled]) == [("warn", "duplicate.void")]


def test_a_document_that_overtook_this_one_counts_only_where_it_is_surely_the_same() -> None:
    assert found(an_invoice(), a_case(an_invoice(), came_later=True)) == [("block", "duplicate.number")]
    assert found(an_invoice(), a_case(an_invoice(number="9001"), came_later=True)) == []


def test_a_name_ties_two_accounts_only_where_no_vat_id_speaks_against_it() -> None:
    bare = Party(name="Fabrikam GmbH")
    other = an_invoice(supplier=bare, ibans=())
    twin = a_case(an_invoice(supplier=bare, ibans=()), supplier_id=SupplierId("777"))
    assert found(other, twin) == [("block", "duplicate.supplier")]
    cheaper = an_invoice("99.00", supplier=bare, ibans=())
    assert found(cheaper, twin) == []
    foreign = Party(name="Fabrikam GmbH", vat_id="DE811569869")
    stranger = a_case(an_invoice(supplier=foreign, ibans=()), supplier_id=SupplierId("777"))
    assert found(an_invoice(ibans=()), stranger) == []
    elsewhere = a_case(an_invoice(supplier=foreign), supplier_id=SupplierId("777"), company="SISTER")
    assert found(an_invoice(), elsewhere) == []


def test_one_vat_id_ties_two_supplier_accounts_and_a_case_still_undecided() -> None:
    assert found(an_invoice(), a_case(an_invoice(), supplier_id=SupplierId("777"))) == [
        ("block", "duplicate.supplier")
    ]
    assert found(an_invoice(), a_case(an_invoice(), supplier_id=None)) == [("block", "duplicate.number")]


def test_a_sister_company_is_billed_a_year_earlier_for_something_else() -> None:
    old = a_case(an_invoice(issue_date=date(2025, 1, 16)), company="SISTER")
    assert found(an_invoice(), old) == []


def test_only_what_a_person_has_not_seen_is_new() -> None:
    weak = told(an_invoice(number="9001"), a_case(an_invoice()))
    sure = told(an_invoice(), a_case(an_invoice()))
    assert weak[0].severity is Severity.WARN and sure[0].severity is Severity.BLOCK
    assert new_suspects(weak, sure) == sure
    assert new_suspects(sure, weak) == [] == new_suspects(sure, sure)
    told_only = [sure[0].model_copy(update={"severity": Severity.INFO})]
    assert new_suspects([], told_only) == [] and new_suspects([], weak) == weak


def test_numbers_have_an_order_and_spellings() -> None:
    assert follows("RE-2026-0001", "RE-2025-0480") and not follows("A-2", "B-1")
    assert begins_anew("17", ["12", "40"]) and not begins_anew("17", ["18"])
    assert steps_between("R-12", "R-15") == 3 and steps_between("R-12", "S-15") is None
    assert spellings(" INV-0034 ") == ("INV-0034", "INV0034", "34")


def test_documents_are_alike_by_their_words_and_figures() -> None:
    one = print_of(an_invoice(lines=ROWS))
    assert likeness(one, one) == 1.0
    assert likeness(one, print_of(an_invoice(lines=(an_invoice_line("Paint", "1", "2.00"),)))) == 0.0
    assert likeness(print_of(an_invoice(lines=())), print_of(an_invoice(lines=()))) == 0.0


def test_two_copies_share_a_key_of_each_kind() -> None:
    paper = print_of(an_invoice(lines=ROWS, preceding_invoice="INV-1"))
    kept, wanted = register_keys(paper, SUPPLIER), search_keys(paper, SUPPLIER)
    assert {key.kind for key in kept & wanted} == set(Kind)
    assert supplier_keys(paper, SUPPLIER) < kept
    bare = print_of(
        an_invoice(supplier=Party(), ibans=(), gross_total=None, number=None, lines=(), order_number=None)
    )
    assert register_keys(bare) == frozenset()
    lines = (an_invoice_line(quantity=None, net=None, price=None), *ROWS)
    assert register_keys(print_of(an_invoice(lines=lines, gross_total=eur(1))))
    from_master = search_keys(bare, SUPPLIER, ["DE89370400440532013000"], "NL810462783B01")
    assert from_master & register_keys(paper, SUPPLIER)
