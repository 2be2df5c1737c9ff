"""What our own records say for the fraud controls: earlier documents, known senders, call-backs, holders."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import text

from tools.callbacks import CallBacks
from tools.confirmed_senders import ConfirmedSenders
from tools.domain.authority import ApprovalPolicy
from tools.domain.call_backs import CallBack
from tools.domain.documents import DocumentType, Invoice, Reading
from tools.domain.fraud_policy import FirstInvoice, FraudPolicy
from tools.domain.identifiers import CaseId, SupplierId, compact
from tools.domain.mail import MailFacts
from tools.domain.money import Money, is_currency
from tools.domain.senders import domain_of, is_shared_domain
from tools.domain.supplier import Supplier
from tools.matching.fraud_amounts import limits, line_text
from tools.matching.fraud_facts import AccountHolder, EarlierInvoice, FraudFacts, OtherDomain
from tools.matching.fraud_index import DomainIndex
from tools.stage_groups import AGREED, NOTHING_OWED
from tools.store import Store
from tools.supplier_mirror import SupplierMirror

_MOST = 300
# The supplier's expression is that of the index `cases_of_supplier` in tools/store.py, letter for letter.
_EARLIER = text(
    """
    select cases.case_id as case_id, cases.stage as stage, cases.position as position,
           (select position from cases where case_id = :own) as own_position,
           json_extract(reading, '$.invoice') as invoice
    from cases join readings on readings.document_id = cases.document_id
    where json_extract(cases.summary, '$.supplier_id') = :supplier and cases.case_id != :own
    order by cases.position desc limit :most
    """
)
_POSTED = text(
    """
    select 1 from cases
    where json_extract(cases.summary, '$.supplier_id') = :supplier and cases.case_id != :own
      and cases.stage = 'posted' limit 1
    """
)


class FraudRecords:
    """Looks up everything a `FraudFacts` holds that does not come from the ERP."""

    def __init__(
        self,
        store: Store,
        mirror: SupplierMirror,
        senders: ConfirmedSenders,
        call_backs: CallBacks,
        policy: FraudPolicy,
        now: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._mirror = mirror
        self._senders = senders
        self._call_backs = call_backs
        self.policy = policy
        self._now = now
        self._index: tuple[object, DomainIndex] | None = None

    def facts(
        self, case_id: CaseId, reading: Reading, supplier: Supplier, approval: ApprovalPolicy, *, known: bool
    ) -> FraudFacts:
        """The facts of one case. `known`: the ERP has documents of this supplier."""
        invoice = reading.invoice
        if invoice is None:
            raise LookupError(f"{case_id} has no invoice to look up")
        domains = self._domains(supplier)
        return FraudFacts(
            now=self._now(),
            mail=reading.mail,
            domains=domains,
            addresses=frozenset(filter(None, [supplier.email])),
            others=self._others(reading.mail, supplier) if reading.mail else (),
            call_backs=self.calls(supplier.supplier_id),
            holders=self._holders(invoice, supplier),
            earlier=tuple(self._earlier(case_id, supplier.supplier_id, invoice)),
            known_before=known or self.knows(supplier.supplier_id, case_id),
            limits=limits(approval),
        )

    def knows(self, supplier_id: SupplierId, other_than: CaseId | None = None) -> bool:
        """Whether we posted a document of this supplier, in another case."""
        with self._store.read() as connection:
            return (
                connection.execute(_POSTED, {"supplier": supplier_id, "own": other_than or ""}).first()
                is not None
            )

    def calls(self, supplier_id: SupplierId) -> tuple[CallBack, ...]:
        """What call-backs said about the supplier's accounts until this moment."""
        return tuple(self._call_backs.of(supplier_id))

    def asks_for_history(self, supplier_id: SupplierId) -> bool:
        """Whether it matters what the ERP knows of the supplier."""
        return self.policy.first_invoice is not FirstInvoice.NEVER and not self.knows(supplier_id)

    def _domains(self, supplier: Supplier) -> frozenset[str]:
        known = set(self._senders.domains_of(supplier.supplier_id))
        domain = domain_of(supplier.email)
        return frozenset(known | ({domain} if domain and not is_shared_domain(domain) else set()))

    def _others(self, mail: MailFacts, supplier: Supplier) -> tuple[OtherDomain, ...]:
        """Domains of other suppliers that an address of the mail has or resembles."""
        index, found = self._all_domains(), dict[str, OtherDomain]()
        for address in _addresses(mail):
            domain = domain_of(address)
            if domain is not None and not is_shared_domain(domain):
                found |= {each.domain: each for each in index.near(domain)}
        return tuple(each for each in found.values() if each.supplier_id != supplier.supplier_id)

    def _all_domains(self) -> DomainIndex:
        confirmed = self._senders.all()
        state = (self._mirror.synced_at(), confirmed)
        if self._index is None or self._index[0] != state:
            suppliers = {each.supplier_id: each for each in self._mirror.all()}
            owners = {
                domain: OtherDomain(domain=domain, supplier_id=each.supplier_id, supplier_name=each.name)
                for each in suppliers.values()
                if (domain := domain_of(each.email)) is not None and not is_shared_domain(domain)
            }
            for sender in confirmed:
                owner = suppliers.get(sender.supplier_id)
                owners[sender.domain] = OtherDomain(
                    domain=sender.domain,
                    supplier_id=sender.supplier_id,
                    supplier_name=owner.name if owner else sender.supplier_id,
                )
            self._index = (state, DomainIndex(owners))
        return self._index[1]

    def _holders(self, invoice: Invoice, supplier: Supplier) -> tuple[AccountHolder, ...]:
        accounts = [compact(entry) for entry in (*invoice.ibans, *invoice.other_accounts)]
        if not accounts:
            return ()
        held = self._call_backs.holders(accounts, supplier.supplier_id)
        names = {other: self._mirror.get(other) for _, other in held}
        return tuple(
            AccountHolder(account=account, supplier_id=other, supplier_name=known.name if known else "")
            for account, other in held
            for known in (names[other],)
        )

    def _earlier(
        self, case_id: CaseId, supplier_id: SupplierId, invoice: Invoice
    ) -> Iterable[EarlierInvoice]:
        """Invoices of the supplier that came before this case and were not sent back, and later ones once
        they were agreed to. A document under the same number is a question of duplicates."""
        with self._store.read() as connection:
            rows = connection.execute(
                _EARLIER, {"supplier": supplier_id, "own": case_id, "most": _MOST}
            ).all()
        for row in rows:
            counts = row.stage in AGREED or (
                row.position < row.own_position and row.stage not in NOTHING_OWED
            )
            found = _entry(CaseId(row.case_id), json.loads(row.invoice or "null")) if counts else None
            if found is not None and compact(found.number) != compact(invoice.number or ""):
                yield found.model_copy(update={"posted": row.stage == "posted"})


def _entry(case_id: CaseId, said: dict[str, Any] | None) -> EarlierInvoice | None:
    if said is None or not said.get("number") or said.get("document_type") == DocumentType.CREDIT_NOTE:
        return None
    # Only what is compared is read: an invoice of an older version may lack the rest.
    lines = said.get("lines") or []
    orders = [said.get("order_number"), *(line.get("order_number") for line in lines)]
    words = line_text([line.get("description") for line in lines])
    gross, issued = said.get("gross_total"), said.get("issue_date")
    return EarlierInvoice(
        case_id=case_id,
        number=said["number"],
        issue_date=date.fromisoformat(issued) if issued else None,
        gross=Money.of(gross["amount"], gross["currency"])
        if gross and is_currency(gross["currency"])
        else None,
        orders=tuple(dict.fromkeys(order for order in orders if order)),
        text=words,
    )


def _addresses(mail: MailFacts | None) -> Iterable[str | None]:
    while mail is not None:
        yield from (mail.sender, mail.reply_to)
        mail = mail.carrier
