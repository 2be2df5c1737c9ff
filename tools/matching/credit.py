"""Credit notes: compared with what was billed before, never with what may still be billed."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from tools.domain.decision import Posting
from tools.domain.documents import Invoice
from tools.domain.findings import Discrepancy, DiscrepancyKind, Severity
from tools.matching.allocation import Pair
from tools.matching.invoice_lines import document_sign
from tools.matching.quantities import Burden, burdens, credit_exceeds
from tools.matching.wording import amount_text, number_text


def check_credited(pairs: Sequence[Pair]) -> list[Discrepancy]:
    """CREDIT_EXCEEDS for each order line of which more comes back than was billed, in units or in value."""
    found = []
    for burden in burdens(pairs):
        if burden.quantity > burden.wanted.billed_before:
            found.append(credit_exceeds(burden, burden.quantity))
        elif burden.value > burden.wanted.value_before:
            found.append(_value_exceeds(burden))
    return found


def _value_exceeds(burden: Burden) -> Discrepancy:
    wanted, first = burden.wanted, burden.pairs[0].billed
    currency = wanted.order.currency
    credited, before = amount_text(burden.value, currency), amount_text(wanted.value_before, currency)
    return Discrepancy(
        kind=DiscrepancyKind.CREDIT_EXCEEDS,
        severity=Severity.BLOCK,
        rule="credit.value",
        message=f"Line {first.name}: credited {credited}, billed before {before} "
        f"for {number_text(wanted.billed_before)} {wanted.unit}.",
        line_id=first.name,
        order_number=wanted.order.number,
        order_line_id=wanted.line.line_id,
        figures={"credited": credited, "billed": before},
    )


def check_link(invoice: Invoice, preceding: Sequence[Posting], *, aligned: bool) -> list[Discrepancy]:
    """CREDIT_NOTE_UNLINKED and CREDIT_EXCEEDS of the whole note. `preceding` are the ERP's documents
    under the number the note refers to; `aligned`: its lines were found on an order."""
    if not invoice.is_credit_note:
        return []
    named = invoice.preceding_invoice
    if not named:
        text = "The credit note does not say which invoice it credits."
        return [_unlinked("credit.reference.missing", text, blocks=not aligned)]
    if not preceding:
        text = f"The credit note refers to invoice {named}, which is not in the ERP."
        return [_unlinked("credit.reference.unknown", text, blocks=True)]
    return _above_original(invoice, preceding)


def _unlinked(rule: str, text: str, *, blocks: bool) -> Discrepancy:
    return Discrepancy(
        kind=DiscrepancyKind.CREDIT_NOTE_UNLINKED,
        severity=Severity.BLOCK if blocks else Severity.WARN,
        rule=rule,
        message=text,
    )


def _above_original(invoice: Invoice, preceding: Sequence[Posting]) -> list[Discrepancy]:
    gross = invoice.gross_total
    originals = [found.gross for found in preceding if found.gross is not None]
    same = [amount.amount for amount in originals if amount.currency == invoice.currency]
    if gross is None or not same or gross.amount * document_sign(invoice) <= max(same):
        return []
    credited = amount_text(Fraction(gross.amount * document_sign(invoice)), invoice.currency)
    original = amount_text(Fraction(max(same)), invoice.currency)
    return [
        Discrepancy(
            kind=DiscrepancyKind.CREDIT_EXCEEDS,
            severity=Severity.BLOCK,
            rule="credit.original",
            message=f"The credit note gives {credited} back, "
            f"invoice {invoice.preceding_invoice} was {original}.",
            figures={"credited": credited, "billed": original},
        )
    ]
