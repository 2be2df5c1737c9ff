"""What comes first, and a supplier's statement, at the command line."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.graph.papers import AWAITED, NORD, PLAIN, a_document
from tests.screens.desk import TODAY, Desk, joined

_TERMS = "<cac:PaymentTerms><cbc:Note>#SKONTO#TAGE=5#PROZENT=2.00#</cbc:Note></cac:PaymentTerms><cac:TaxTotal"


def posted(number: str, amount: str, **values: Any) -> dict[str, Any]:
    """A document of the past in the books, net, without tax on top."""
    line = {"description": "Things", "account": "4100", "unit_price": amount, "net_amount": amount}
    return {
        "number": f"PI-{number}",
        "supplier_id": NORD,
        "supplier_number": number,
        "invoice_date": f"{TODAY - timedelta(days=20)}",
        "posting_date": f"{TODAY - timedelta(days=20)}",
        "currency": "EUR",
        "lines": [{**line, "tax_code": "S19"}],
        **values,
    }


def test_the_queue_starts_with_the_discount_about_to_lapse(desk: Desk) -> None:
    desk.lay("late.xml", number="RE-8", order=AWAITED)
    terms = a_document("RE-9", order=AWAITED, day=TODAY).replace(b"<cac:TaxTotal", _TERMS.encode(), 1)
    desk.lay("discount.xml", terms)
    desk.call("run", desk.inbox)
    first, second = desk.rows("queue")
    assert (first["case"]["number"], first["urgency"]["discount"]["amount"]) == ("RE-9", "2.38")
    assert second["urgency"]["discount"] is None
    printed = joined(desk.call("queue", "--most", "1").stdout)
    assert "2.38 EUR discount until" in printed and "RE-8" not in printed


def test_an_empty_queue_says_so(desk: Desk) -> None:
    assert "nothing waits" in desk.call("queue").stdout
    assert desk.rows("queue") == []


def test_a_statement_is_explained_to_the_cent(desk: Desk) -> None:
    paid = f"{TODAY - timedelta(days=2)}"
    desk.write_world(
        invoices=[posted("RE-1", "100.00"), posted("RE-2", "200.00"), posted("RE-3", "50.00", paid_on=paid)]
    )
    desk.lay("waits.xml", number="RE-4", order=AWAITED)
    desk.call("run", desk.inbox)
    statement = desk.folder / "statement.csv"
    statement.write_text(
        "Date;Number;Type;Amount\n"
        f"{TODAY};RE-1;Invoice;119,00\n{TODAY};RE-3;Invoice;59,50\n"
        f"{TODAY};RE-4;Invoice;119,00\n{TODAY};RE-5;Invoice;10,00\n",
        encoding="utf-8",
    )
    (found,) = desk.rows("statements", "reconcile", statement, "--supplier", NORD)
    told = {line["line"]["number"]: line["found"] for line in found["lines"] if line["line"]}
    assert told == {
        "RE-1": "matched",
        "RE-3": "paid_in_transit",
        "RE-4": "in_process",
        "RE-5": "missing_invoice",
    }
    assert [line["found"] for line in found["lines"] if not line["line"]] == ["not_booked_by_them"]
    assert (found["ledger"]["amount"], found["statement"]["amount"]) == ("357.00", "307.50")
    assert found["done"] is True
    printed = joined(desk.call("statements", "reconcile", statement, "--supplier", NORD).stdout)
    assert "remainder 0.00 EUR" in printed and "stands in C-" in printed


def test_a_statement_that_does_not_add_up_ends_with_one(desk: Desk) -> None:
    statement = desk.folder / "statement.csv"
    rows = "Date,Number,Type,Amount\n2026-03-01,RE-1,Invoice,119.00\n,,Closing balance,150.00\n,,,3.00\n"
    statement.write_text(rows, encoding="utf-8")
    printed = joined(desk.call("statements", "reconcile", statement, "--supplier", NORD, code=1).stdout)
    assert "remainder 31.00 EUR" in printed and "not understood row 4" in printed


def test_a_statement_written_from_our_side_waits_for_a_persons_word(desk: Desk) -> None:
    statement = desk.folder / "statement.csv"
    rows = "Date,Number,Type,Debit,Credit\n2026-03-01,RE-1,Invoice,,119.00\n,,Closing balance,,119.00\n"
    statement.write_text(rows, encoding="utf-8")
    words = ("statements", "reconcile", statement, "--supplier", NORD)
    printed = joined(desk.call(*words, code=1).stdout)
    assert "--mirrored" in printed and "would lower what we owe" in printed
    (found,) = desk.rows(*words, "--mirrored")
    assert [line["found"] for line in found["lines"]] == ["missing_invoice"]
    assert found["statement"]["amount"] == "119.00" and found["done"] is True


def test_a_statement_from_our_side_without_words_is_asked_about_and_read_when_a_person_says_so(
    desk: Desk,
) -> None:
    desk.write_world(invoices=[posted("RE-1", "100.00"), posted("RE-2", "200.00")])
    statement = desk.folder / "statement.csv"
    statement.write_text(f"Date,Number,Debit,Credit\n{TODAY},RE-1,,119.00\n{TODAY},RE-2,,238.00\n")
    words = ("statements", "reconcile", statement, "--supplier", NORD)
    printed = joined(desk.call(*words, code=1).stdout)
    assert "opposite amount" in printed and "--mirrored" in printed
    (found,) = desk.rows(*words, "--mirrored")
    assert {line["found"] for line in found["lines"]} == {"matched"} and found["done"] is True


def test_a_statement_that_cannot_be_used_is_refused_in_a_sentence(desk: Desk) -> None:
    nothing = desk.folder / "nothing.csv"
    told = desk.call("statements", "reconcile", nothing, "--supplier", NORD, code=2).stderr
    assert "cannot be read" in told
    nothing.write_text("hello", encoding="utf-8")
    assert "header row" in desk.call("statements", "reconcile", nothing, "--supplier", NORD, code=2).stderr
    told = desk.call("statements", "reconcile", nothing, "--supplier", "V9", code=1).stderr
    assert "there is no supplier V9" in told
    assert PLAIN not in told
