"""Golden vectors of supplier identification: a small master and one document's evidence in, the decision
out.

`given`: `master` (suppliers as `Supplier` spells them; `iban` for one account), `claim` (name, city,
postcode, country, vat_id, registration_id, gln, endpoint_id, trading_name, ibans, order_supplier, sender),
`senders` (mail domain to confirmed suppliers), `verified` (supplier to accounts a person verified).
`expect`: `decision` (`match` or `ask`) and `supplier_id`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tools.domain.documents import Party
from tools.domain.identifiers import SupplierId
from tools.domain.supplier import BankAccount, Supplier
from tools.suppliers.directory import SupplierDirectory
from tools.suppliers.evidence import SupplierClaim
from tools.suppliers.resolve import resolve

_NOT_OF_THE_PARTY = ("ibans", "order_supplier", "sender")


def evaluate(given: Mapping[str, Any]) -> Any:
    """The decision by `tools.suppliers.resolve`, by spelling alone."""
    verified = {
        SupplierId(supplier): [BankAccount(iban=iban, verified_by="anna") for iban in ibans]
        for supplier, ibans in given.get("verified", {}).items()
    }
    directory = SupplierDirectory(map(_supplier, given["master"]), verified, given.get("senders"))
    claim = given["claim"]
    choice = resolve(
        SupplierClaim(
            party=Party(**{key: value for key, value in claim.items() if key not in _NOT_OF_THE_PARTY}),
            ibans=tuple(claim.get("ibans", ())),
            order_supplier=claim.get("order_supplier"),
            sender=claim.get("sender"),
        ),
        directory,
    )
    return {"decision": "match" if choice.chosen else "ask", "supplier_id": choice.chosen}


def _supplier(entry: Mapping[str, Any]) -> Supplier:
    fields = dict(entry)
    iban = fields.pop("iban", None)
    accounts = (BankAccount(iban=iban),) if iban else ()
    return Supplier(**fields, bank_accounts=accounts)
