"""The supplier master in memory, looked up by everything that identifies a company exactly.

A look-up returns all suppliers that carry the id: branches share a VAT id, suppliers of one factor
share a bank account. Who of them is meant is not decided here.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping

from tools.domain.identifiers import EU_VAT_COUNTRIES, EU_VAT_PREFIXES, SupplierId, compact
from tools.domain.supplier import BankAccount, Supplier
from tools.suppliers.lexical import LexicalIndex
from tools.suppliers.places import Place, place_keys, place_of

# Where the prefix of a VAT id is not the country code (Directive 2006/112/EC art. 215; protocol on
# Northern Ireland). Switzerland and Norway write their own words behind the number.
_VAT_PREFIX = {"GR": ("EL", "GR"), "GB": ("GB", "XI")}
_VAT_COUNTRIES = EU_VAT_COUNTRIES | EU_VAT_PREFIXES | {"CH", "GB", "NO"}
_TAX_WORDS = re.compile(r"(?:MWST|TVA|IVA|MVA|HR)$")


def vat_key(vat_id: str, country: str | None) -> str:
    """One spelling for a VAT id: compact, with the country's prefix where the country is known.

    >>> vat_key("123 456 789", "DE")
    'DE123456789'
    """
    text = re.sub(r"[^A-Z0-9]", "", compact(vat_id))
    text = _TAX_WORDS.sub("", text) if text[:2] in ("CH", "NO") or country in ("CH", "NO") else text
    code = (country or "").strip().upper()
    prefixes = _VAT_PREFIX.get(code, (code,) if code else ())
    if prefixes and not text.startswith(prefixes) and text[:2] not in _VAT_COUNTRIES:
        text = prefixes[0] + text
    if re.fullmatch(r"BE\d{9}", text):  # Belgian numbers had nine digits until 2005
        text = "BE0" + text[2:]
    return "EL" + text[2:] if re.match(r"GR\d", text) else text


def number_key(identifier: str) -> str:
    """A register number or GLN in one spelling: letters and digits, without leading zeros."""
    return re.sub(r"[^A-Z0-9]", "", compact(identifier)).lstrip("0")


class SupplierDirectory:
    """All suppliers of the master, by id and by what they are known by.

    `verified_accounts` are bank accounts that people verified besides those in the master;
    `confirmed_domains` maps a sender's mail domain to the supplier that a person confirmed for it.
    """

    def __init__(
        self,
        suppliers: Iterable[Supplier],
        verified_accounts: Mapping[SupplierId, Collection[BankAccount]] | None = None,
        confirmed_domains: Mapping[str, Collection[SupplierId]] | None = None,
    ) -> None:
        self._suppliers: dict[SupplierId, Supplier] = {}
        self._by_key: dict[tuple[str, str], set[SupplierId]] = {}
        self._verified = dict(verified_accounts or {})
        self._domains = {name.casefold(): frozenset(ids) for name, ids in (confirmed_domains or {}).items()}
        self.lexical = LexicalIndex()
        for supplier in suppliers:
            self.put(supplier)

    def put(self, supplier: Supplier) -> None:
        """Add a supplier or replace it."""
        self.drop(supplier.supplier_id)
        self._suppliers[supplier.supplier_id] = supplier
        for key in self._keys(supplier):
            self._by_key.setdefault(key, set()).add(supplier.supplier_id)
        self.lexical.put(supplier.supplier_id, (supplier.name, *supplier.trading_names))

    def drop(self, supplier_id: SupplierId) -> None:
        """Forget a supplier; nothing happens when it is not there."""
        known = self._suppliers.pop(supplier_id, None)
        if known is None:
            return
        for key in self._keys(known):
            self._by_key[key].discard(supplier_id)
        self.lexical.drop(supplier_id)

    def __len__(self) -> int:
        return len(self._suppliers)

    def __contains__(self, supplier_id: SupplierId) -> bool:
        return supplier_id in self._suppliers

    def __getitem__(self, supplier_id: SupplierId) -> Supplier:
        return self._suppliers[supplier_id]

    def get(self, supplier_id: SupplierId) -> Supplier | None:
        return self._suppliers.get(supplier_id)

    def by_vat_id(self, vat_id: str, country: str | None = None) -> frozenset[SupplierId]:
        """Suppliers with this VAT id; `country` completes one that is written without prefix."""
        return self._find("vat", vat_key(vat_id, country))

    def by_registration_id(self, number: str, country: str | None = None) -> frozenset[SupplierId]:
        """Suppliers with this register number; registers number anew in each country."""
        found = self._find("register", number_key(number))
        return frozenset(s for s in found if not country or self._country(s) in (None, country.upper()))

    def by_gln(self, gln: str) -> frozenset[SupplierId]:
        return self._find("gln", number_key(gln))

    def by_iban(self, iban: str) -> frozenset[SupplierId]:
        """Suppliers that the master or a person says are paid on this account."""
        return self._find("iban", compact(iban))

    def near(self, place: Place) -> frozenset[SupplierId]:
        """Suppliers at this postcode or in this city, as far as its spelling tells."""
        return frozenset().union(*(self._find("place", key) for key in place_keys(place)))

    def by_number(self, number: str) -> frozenset[SupplierId]:
        """The supplier with this number in the ERP, leading zeros aside."""
        return self._find("number", number_key(number))

    def by_domain(self, domain: str) -> frozenset[SupplierId]:
        """Suppliers for which a person confirmed mail from this domain, and which still exist."""
        return frozenset(s for s in self._domains.get(domain.casefold(), ()) if s in self._suppliers)

    def _find(self, kind: str, key: str) -> frozenset[SupplierId]:
        return frozenset(self._by_key.get((kind, key), ())) if key else frozenset()

    def _country(self, supplier_id: SupplierId) -> str | None:
        country = self._suppliers[supplier_id].country
        return country.upper() if country else None

    def _keys(self, supplier: Supplier) -> set[tuple[str, str]]:
        accounts = (*supplier.bank_accounts, *self._verified.get(supplier.supplier_id, ()))
        keys = {("iban", compact(account.iban)) for account in accounts}
        keys.add(("number", number_key(supplier.supplier_id)))
        if supplier.vat_id:
            keys.add(("vat", vat_key(supplier.vat_id, supplier.country)))
        if supplier.registration_id:
            keys.add(("register", number_key(supplier.registration_id)))
        if supplier.gln:
            keys.add(("gln", number_key(supplier.gln)))
        keys.update(("place", key) for key in place_keys(place_of(supplier)))
        return {key for key in keys if key[1]}
