"""What a document says about its sender, and which suppliers its exact ids belong to."""

from __future__ import annotations

from collections.abc import Callable

from tools.domain.documents import Invoice, Party, Record
from tools.domain.identifiers import SupplierId, compact, masked
from tools.domain.senders import domain_of
from tools.domain.supplier import Supplier, SupplierEvidence
from tools.suppliers.directory import SupplierDirectory, number_key, vat_key
from tools.suppliers.places import Place

# Peppol's list of participant identifier schemes: 0088 is GS1's GLN, 99xx are VAT ids, and these are
# company registers.
_REGISTER_SCHEMES = frozenset("0002 0007 0009 0096 0106 0184 0190 0191 0192 0208 0209".split())
_WORDS = {
    SupplierEvidence.VAT_ID: "VAT id",
    SupplierEvidence.REGISTRATION_ID: "register number",
    SupplierEvidence.GLN: "GLN",
    SupplierEvidence.IBAN: "bank account",
    SupplierEvidence.ORDER: "the order",
}


class SupplierClaim(Record):
    """Who a document says it is from. Everything in it is a claim; none of it is trusted alone."""

    party: Party
    ibans: tuple[str, ...] = ()
    order_supplier: SupplierId | None = None
    """The supplier of the purchase order that the invoice names."""
    sender: str | None = None
    """From-address of the mail, unverified."""

    @classmethod
    def of(
        cls, invoice: Invoice, order_supplier: SupplierId | None = None, sender: str | None = None
    ) -> SupplierClaim:
        return cls(party=invoice.supplier, ibans=invoice.ibans, order_supplier=order_supplier, sender=sender)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name in (self.party.name, self.party.trading_name) if name and name.strip())

    @property
    def country(self) -> str | None:
        """The party's country; else the one its VAT id begins with."""
        if self.party.country:
            return self.party.country.strip().upper()
        vat = compact(self.vat_id or "")
        code = {"EL": "GR", "XI": "GB"}.get(vat[:2], vat[:2])
        return code if len(code) == 2 and code.isalpha() else None

    @property
    def place(self) -> Place:
        return Place(city=self.party.city, postcode=self.party.postcode, country=self.country)

    @property
    def vat_id(self) -> str | None:
        return self.party.vat_id or self._endpoint(lambda scheme: scheme.startswith("99"))

    @property
    def registration_id(self) -> str | None:
        return self.party.registration_id or self._endpoint(lambda scheme: scheme in _REGISTER_SCHEMES)

    @property
    def gln(self) -> str | None:
        return self.party.gln or self._endpoint(lambda scheme: scheme == "0088")

    @property
    def sender_domain(self) -> str | None:
        return domain_of(self.sender)

    def _endpoint(self, wanted: Callable[[str], bool]) -> str | None:
        scheme, _, value = (self.party.endpoint_id or "").partition(":")
        return value if value and wanted(scheme) else None


class IdMatch(Record):
    """One exact id of the document and the suppliers it belongs to."""

    evidence: SupplierEvidence
    suppliers: frozenset[SupplierId]
    shown: str
    """The id for people, with its kind: `VAT id DE123456789`; bank accounts masked."""


def id_matches(claim: SupplierClaim, directory: SupplierDirectory) -> tuple[IdMatch, ...]:
    """The ids that belong to a supplier, strongest first. Ids that nobody has are left out, except the
    order's supplier: an order names one whether or not we know it."""
    found = [
        (SupplierEvidence.VAT_ID, claim.vat_id, directory.by_vat_id(claim.vat_id or "", claim.country)),
        (
            SupplierEvidence.REGISTRATION_ID,
            claim.registration_id,
            directory.by_registration_id(claim.registration_id or "", claim.country),
        ),
        (SupplierEvidence.GLN, claim.gln, directory.by_gln(claim.gln or "")),
        *(
            (SupplierEvidence.IBAN, masked(iban), directory.by_iban(iban))
            for iban in _accounts(claim, directory)
        ),
        (
            SupplierEvidence.ORDER,
            "",
            frozenset([claim.order_supplier] if claim.order_supplier else []),
        ),
    ]
    return tuple(
        IdMatch(evidence=evidence, suppliers=suppliers, shown=f"{_WORDS[evidence]} {value or ''}".strip())
        for evidence, value, suppliers in found
        if suppliers
    )


def _accounts(claim: SupplierClaim, directory: SupplierDirectory) -> list[str]:
    return [iban for iban in dict.fromkeys(map(compact, claim.ibans)) if directory.by_iban(iban)]


def objections(claim: SupplierClaim, supplier: Supplier) -> list[str]:
    """Ids on the document that are not this supplier's, as half sentences. A company registered for VAT
    in two countries has two VAT ids, so only ids of one country are compared."""
    found = []
    if claim.vat_id and supplier.vat_id:
        ours, theirs = vat_key(supplier.vat_id, supplier.country), vat_key(claim.vat_id, claim.country)
        comparable = ours[:2] == theirs[:2] or theirs[:2].isdigit()
        if comparable and not (ours == theirs or ours.endswith(theirs)):
            found.append(f"the document's VAT id is {theirs}, the supplier's is {ours}")
    if claim.registration_id and supplier.registration_id:
        ours, theirs = number_key(supplier.registration_id), number_key(claim.registration_id)
        if _digits(ours) != _digits(theirs) and claim.country == (supplier.country or "").upper():
            found.append("the register numbers differ")
    return found


def _digits(text: str) -> str:
    return "".join(c for c in text if c.isdigit()).lstrip("0")
