"""Where the parties of a document are for the purposes of tax, and when the tax fell due."""

from __future__ import annotations

from datetime import date

from tools.domain.company import CompanyProfile
from tools.domain.documents import DocumentFormat, Invoice
from tools.domain.identifiers import EU_VAT_COUNTRIES, vat_country
from tools.domain.supplier import Supplier

# Directive 2006/112/EC art. 5; Northern Ireland (XI) counts for goods (Windsor Framework).
EU = EU_VAT_COUNTRIES
_PAGES = (DocumentFormat.TEXT_PDF, DocumentFormat.MAIL, DocumentFormat.UNKNOWN)


def supplier_country(invoice: Invoice, supplier: Supplier | None) -> str | None:
    """Whose tax the supplier charges: the country of the VAT id it names, else of its address, else of
    the master data. ISO 3166, Northern Ireland as XI."""
    named = invoice.supplier
    known = (supplier.vat_id, supplier.country) if supplier is not None else (None, None)
    return (
        vat_country(named.vat_id or "")
        or _code(named.country)
        or vat_country(known[0] or "")
        or _code(known[1])
    )


def buyer_country(invoice: Invoice, profile: CompanyProfile) -> str | None:
    """Ours; where the profile does not tell it, the one the document names for the buyer."""
    buyer = invoice.buyer
    return profile.home or vat_country(buyer.vat_id or "") or _code(buyer.country)


def tax_point(invoice: Invoice) -> date | None:
    """The day whose rates apply: of the supply where the document names one, else of the document."""
    return invoice.supply_date or invoice.issue_date


def is_structured(invoice: Invoice) -> bool:
    """Whether every field of the document was sent as data, so that a missing one is missing."""
    return invoice.format not in _PAGES


def _code(country: str | None) -> str | None:
    code = (country or "").strip().upper()
    return {"EL": "GR", "UK": "GB"}.get(code, code) or None
