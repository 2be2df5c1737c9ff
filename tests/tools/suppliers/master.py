"""A small supplier master with the traps of a large one, and an embedder that counts what it is asked."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tools.domain.documents import Party
from tools.domain.identifiers import SupplierId
from tools.domain.supplier import BankAccount, Supplier, SupplierBlock
from tools.suppliers.evidence import SupplierClaim
from tools.suppliers.names import comparable

FACTOR_IBAN = "DE89370400440532013000"
NORDWIND_IBAN = "NL91ABNA0417164300"
DUTCH_IBAN = "NL02ABNA0123456789"


def a_supplier(
    number: str, name: str, city: str, country: str = "DE", iban: str = "", **fields: Any
) -> Supplier:
    accounts = (BankAccount(iban=iban),) if iban else ()
    return Supplier(
        supplier_id=SupplierId(number),
        name=name,
        city=city,
        country=country,
        bank_accounts=accounts,
        **fields,
    )


_TRADES = "Papier Kabel Lack Holz Glas Stahl Textil Druck Farben Beton Reifen Pumpen Möbel".split()
_TOWNS = ("Kassel", "Bremen", "Ulm", "Erfurt")

MASTER = (
    a_supplier("10042", "Nordwind Elektro GmbH", "Kiel", vat_id="DE136695976", iban=NORDWIND_IBAN),
    # Twins: one letter of the legal form apart, in one city.
    a_supplier("10050", "Brückner Maschinenbau GmbH", "Köln", vat_id="DE811569869", postcode="50667"),
    a_supplier("10051", "Brückner Maschinenbau KG", "Köln", vat_id="DE812345670", postcode="50667"),
    # Branches of one company.
    a_supplier("10060", "Hansa Baustoffe GmbH", "Hamburg", vat_id="DE118500000"),
    a_supplier("10061", "Hansa Baustoffe GmbH", "Rostock", vat_id="DE118500000"),
    # Two clients of one factor.
    a_supplier("10070", "Lindner Transporte GmbH", "Leipzig", iban=FACTOR_IBAN),
    a_supplier("10071", "Pfeiffer Personal GmbH", "Dresden", iban=FACTOR_IBAN),
    # The same name in two countries.
    a_supplier("10080", "Delta Services", "Antwerpen", "BE", vat_id="BE0203201340"),
    a_supplier("10081", "Delta Services", "Utrecht", "NL", iban=DUTCH_IBAN),
    # A blocked duplicate.
    a_supplier("10090", "Sommer Verpackung GmbH", "Mainz", vat_id="DE129273398"),
    a_supplier("10091", "Sommer Verpackung GmbH", "Mainz", vat_id="DE129273398", block=SupplierBlock.ALL),
    a_supplier("10095", "Alpen Kühlung AG", "Zürich", "CH", vat_id="CHE-116.281.710 MWST"),
    a_supplier("10096", "Ørsted Kabler A/S", "København", "DK", block=SupplierBlock.ALL),
    a_supplier("10097", "Fonds Immobilien VII GmbH", "Mainz"),
    a_supplier(
        "10098",
        "Schröder Industrietechnik GmbH",
        "Düsseldorf",
        registration_id="HRB 4711",
        gln="4012345000009",
        trading_names=("SIT Werkzeuge",),
    ),
    *(
        a_supplier(f"2{town}{trade:03}", f"{name} Handel {city} GmbH", city)
        for trade, name in enumerate(_TRADES[:12])
        for town, city in enumerate(_TOWNS)
    ),
)


def a_claim(
    name: str | None = None,
    city: str | None = None,
    country: str | None = None,
    *,
    ibans: Sequence[str] = (),
    order: str | None = None,
    sender: str | None = None,
    **party: Any,
) -> SupplierClaim:
    return SupplierClaim(
        party=Party(name=name, city=city, country=country, **party),
        ibans=tuple(ibans),
        order_supplier=SupplierId(order) if order else None,
        sender=sender,
    )


class CountingEmbedder:
    """Vectors of letter pairs; keeps every text it was asked to embed."""

    def __init__(self, name: str = "letter-pairs") -> None:
        self.name = name
        self.asked: list[str] = []

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.asked += texts
        return np.stack([self._vector(text) for text in texts])

    def _vector(self, text: str) -> NDArray[np.float32]:
        vector = np.full(64, 0.05, dtype=np.float32)
        folded = comparable(text)
        for pair in zip(folded, folded[1:], strict=False):
            vector[hashlib.sha256("".join(pair).encode()).digest()[0] % 64] += 1
        return vector / np.float32(np.linalg.norm(vector))
