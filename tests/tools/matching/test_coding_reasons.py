"""The approver reads where each account comes from; lines with the same answer are told together."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.builders import SUPPLIER, a_profile, a_supplier, an_invoice, an_invoice_line
from tools.domain.coding import CodedLine, CodingPolicy, CodingRule
from tools.domain.documents import Invoice
from tools.domain.findings import MatchDepth, MatchResult
from tools.matching.coding import accounts_of
from tools.matching.coding_checks import coding_reasons
from tools.matching.facts import Facts
from tools.matching.posting_lines import posting_lines

RULE = CodingRule(
    name="licences", text=("licence",), account="0027", project="P1", deferral_months=12, tax_code="V19X"
)


def facts(invoice: Invoice, **fields: Any) -> Facts:
    return Facts(
        invoice=invoice, supplier=a_supplier(), profile=a_profile(), today=date(2026, 3, 20), **fields
    )


def reasons(known: Facts) -> list[str]:
    return coding_reasons(known.invoice, unmatched(known.invoice), accounts_of(known))


def unmatched(invoice: Invoice) -> MatchResult:
    indexes = tuple(range(len(invoice.lines)))
    return MatchResult(depth=MatchDepth.NON_PO, unmatched=indexes, policy="p v1")


def test_rule_project_and_deferral_are_told() -> None:
    invoice = an_invoice(lines=(an_invoice_line("Licence 2026"),))
    (told,) = reasons(facts(invoice, coding=CodingPolicy(rules=(RULE,))))
    assert told == (
        "line 1: account 0027 — rule “licences”; project P1, to be entered in the ERP; "
        "spread over 12 months, to be entered in the ERP"
    )


def test_a_rules_tax_code_goes_before_the_profiles() -> None:
    invoice = an_invoice(lines=(an_invoice_line("Licence 2026"), an_invoice_line("Desk")))
    known = facts(invoice, coding=CodingPolicy(rules=(RULE,)), account_given=None)
    accounts = accounts_of(known)
    lines = posting_lines(invoice, unmatched(invoice), (), known.profile, known.supplier, accounts=accounts)
    assert [(line.account, line.tax_code) for line in lines] == [("0027", "V19X"), (None, "H21")]


def test_earlier_documents_the_confidence_and_the_runner_up_are_told() -> None:
    rows = (("R3", "6310", 3), ("R2", "6310", 2), ("R1", "6815", 1))
    history = tuple(
        CodedLine(
            supplier_id=SUPPLIER,
            description="Rent",
            account=account,
            cost_centre="CC1",
            posted_on=date(2026, month, 1),
            document=number,
        )
        for number, account, month in rows
    )
    invoice = an_invoice(
        lines=(an_invoice_line("Rent"), an_invoice_line("Rent"), an_invoice_line("", price="0.00"))
    )
    (told,) = reasons(facts(invoice, history=history, postable={"6310": "Rents", "6815": "Office"}))
    # 1 + 0.6 of 1 + 0.6 + 0.36 + 0.3 is 0.707
    assert told == (
        "lines 1, 2: account 6310 Rents — same supplier, like text: R3, R2, last on 2026-03-01; "
        "confidence 0.70; next 6815; cost centre CC1"
    )
    (alone,) = reasons(facts(invoice, history=history[:2]))
    assert "no other was used" in alone


def test_a_document_without_lines_is_told_as_a_whole() -> None:
    invoice = an_invoice("121.00", lines=())
    assert reasons(facts(invoice, account_given="4100")) == ["the document: account 4100 — given by a person"]
    assert reasons(facts(invoice)) == []
