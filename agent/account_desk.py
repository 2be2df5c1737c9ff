"""The bank accounts that people verified: who may record one, and on which grounds.

Nothing here changes a supplier in the ERP, and nothing here reads an account out of a document.
"""

from __future__ import annotations

import csv
from pathlib import Path

from agent.supplier_desk import DeskRefused, SupplierDesk
from tools.domain.authority import ApprovalPolicy
from tools.domain.identifiers import PersonId, SupplierId
from tools.supplier_mirror import InvalidIban, SupplierMirror


class AccountDesk:
    """Verified accounts of the suppliers in the copy."""

    def __init__(self, mirror: SupplierMirror, suppliers: SupplierDesk, policy: ApprovalPolicy) -> None:
        self._mirror = mirror
        self._suppliers = suppliers
        self._policy = policy

    def verify_account(self, supplier_id: str, iban: str, person: PersonId, how: str) -> str:
        """Record a verified account; the sentence says what was recorded. Raises DeskRefused."""
        reason = self._policy.answer_refusal(person)
        if reason is not None:
            raise DeskRefused(reason)
        known = self._mirror.get(SupplierId(supplier_id))
        if known is None:
            raise DeskRefused(
                f"there is no supplier {supplier_id} in the copy; run `erp-agent suppliers sync`"
            )
        try:
            is_new = self._mirror.verify_account(known.supplier_id, iban, person, how)
        except InvalidIban as error:
            raise DeskRefused(f"{supplier_id}: {error}") from None
        self._suppliers.forget()
        return f"{'recorded' if is_new else 'already on file'} for {known.supplier_id} {known.name}"

    def import_accounts(self, file: Path, person: PersonId) -> str:
        """CSV with the columns supplier_id, iban, how. All rows are taken or, with the first faulty row
        named, those before it."""
        try:
            with file.open(newline="", encoding="utf-8-sig") as stream:
                rows = list(csv.DictReader(stream))
        except OSError as error:
            raise DeskRefused(f"{file} cannot be read: {error.strerror}") from None
        except (UnicodeDecodeError, csv.Error) as error:
            raise DeskRefused(f"{file} is not a CSV file in UTF-8: {error}") from None
        for position, row in enumerate(rows, start=2):
            missing = [name for name in ("supplier_id", "iban", "how") if not (row.get(name) or "").strip()]
            if missing:
                raise DeskRefused(f"{file} line {position} lacks {', '.join(missing)}")
            try:
                self.verify_account(
                    row["supplier_id"].strip(), row["iban"].strip(), person, row["how"].strip()
                )
            except DeskRefused as error:
                raise DeskRefused(f"{file} line {position}: {error}") from None
        return f"{len(rows)} verified accounts are on file"
