"""Supplier and buyer of a UBL document (BG-4, BG-7)."""

from __future__ import annotations

from tools.domain.documents import Party
from tools.intake.xml_fields import Element, XmlFields


def read_party(fields: XmlFields, party: Element | None, side: str) -> Party:
    address = fields.find(party, "cac:PostalAddress")
    trading = fields.text(f"{side}_trading_name", party, "cac:PartyName/cbc:Name")
    name = fields.text(f"{side}_name", party, "cac:PartyLegalEntity/cbc:RegistrationName")
    if name is None:
        name = fields.text(
            f"{side}_name", party, "cac:PartyName/cbc:Name", "cac:PartyTaxScheme/cbc:RegistrationName"
        )
    return Party(
        name=name,
        trading_name=trading,
        vat_id=_vat_id(fields, party, side),
        registration_id=fields.text(f"{side}_registration_id", party, "cac:PartyLegalEntity/cbc:CompanyID"),
        gln=_gln(fields, party),
        endpoint_id=fields.text(f"{side}_endpoint_id", party, "cbc:EndpointID"),
        street=fields.text(f"{side}_street", address, "cbc:StreetName"),
        city=fields.text(f"{side}_city", address, "cbc:CityName"),
        postcode=fields.text(f"{side}_postcode", address, "cbc:PostalZone"),
        country=fields.text(f"{side}_country", address, "cac:Country/cbc:IdentificationCode"),
        email=fields.text(f"{side}_email", party, "cac:Contact/cbc:ElectronicMail"),
    )


# The VAT scheme as EN 16931 writes it, and as OIOUBL does (63: moms).
_VAT_SCHEMES = frozenset({"VAT", "63", "MOMS", "MVA", "BTW", "TVA", "IVA", "GST"})


def _vat_id(fields: XmlFields, party: Element | None, side: str) -> str | None:
    for scheme in fields.all(party, "cac:PartyTaxScheme"):
        kind = fields.text(None, scheme, "cac:TaxScheme/cbc:ID")
        if kind is None or kind.upper() in _VAT_SCHEMES:
            found = fields.text(f"{side}_vat_id", scheme, "cbc:CompanyID")
            if found is not None:
                return found
    return None


def _gln(fields: XmlFields, party: Element | None) -> str | None:
    candidates = fields.all(party, "cac:PartyIdentification/cbc:ID") + fields.all(party, "cbc:EndpointID")
    for candidate in candidates:
        if (candidate.get("schemeID") or "").upper() in {"0088", "GLN", "EAN"}:
            return fields.own_text(None, candidate)
    return None
