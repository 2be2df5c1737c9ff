"""The copy of the supplier master follows the ERP; verified accounts are people's word."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.builders import OTHER_IBAN, SUPPLIER, SUPPLIER_IBAN, a_supplier
from tools.audit_log import AuditLog
from tools.case_list import project
from tools.domain import audit
from tools.domain.identifiers import PersonId, SupplierId
from tools.domain.supplier import BankAccount, Supplier
from tools.store import Store
from tools.supplier_mirror import InvalidIban, SupplierMirror

NOW = datetime(2026, 3, 20, 9, 0, tzinfo=UTC)
ANNA = PersonId("anna")


@pytest.fixture
def log(tmp_path: Path) -> AuditLog:
    return AuditLog(Store.open(tmp_path / "erp-agent.db"), lambda: NOW, project)


@pytest.fixture
def mirror(log: AuditLog) -> SupplierMirror:
    return SupplierMirror(log._store, log, lambda: NOW)


def counts(added: int, changed: int, removed: int) -> dict[str, int]:
    return {"added": added, "changed": changed, "removed": removed}


def supplier(number: int, name: str = "Fabrikam") -> Supplier:
    return a_supplier(supplier_id=SupplierId(str(number)), name=name)


def test_a_sync_counts_what_is_new_and_what_changed(mirror: SupplierMirror, log: AuditLog) -> None:
    assert mirror.synced_at() is None
    assert mirror.merge([supplier(1), supplier(2)], NOW, complete=True).counts == counts(2, 0, 0)
    assert mirror.merge([supplier(2, "New name"), supplier(3)], NOW, complete=False).counts == counts(1, 1, 0)
    assert mirror.all() == [supplier(1), supplier(2, "New name"), supplier(3)]
    assert mirror.get(SupplierId("2")) == supplier(2, "New name")
    assert mirror.get(SupplierId("404")) is None
    assert [record.event for record in log.records()] == [
        audit.SuppliersSynced(added=2, changed=0, removed=0),
        audit.SuppliersSynced(added=1, changed=1, removed=0),
    ]


def test_only_a_complete_sync_removes(mirror: SupplierMirror) -> None:
    mirror.merge([supplier(1), supplier(2), supplier(3)], NOW, complete=True)
    assert mirror.merge([supplier(3)], NOW, complete=False).counts == counts(0, 0, 0)
    assert mirror.merge([supplier(3)], NOW, complete=True).counts == counts(0, 0, 2)
    assert mirror.all() == [supplier(3)]


def test_a_sync_without_news_moves_the_mark_and_notes_nothing(mirror: SupplierMirror, log: AuditLog) -> None:
    mirror.merge([supplier(1)], NOW, complete=True)
    later = NOW.replace(hour=10)
    assert mirror.merge([supplier(1)], later, complete=True).counts == counts(0, 0, 0)
    assert mirror.synced_at() == later
    assert log.verify() == 1


def test_a_supplier_returned_twice_counts_once(mirror: SupplierMirror) -> None:
    assert mirror.merge([supplier(1, "Old"), supplier(1)], NOW, complete=True).counts == counts(1, 0, 0)
    assert mirror.get(SupplierId("1")) == supplier(1)


def test_a_verified_account_is_kept_whole_and_noted_masked(mirror: SupplierMirror, log: AuditLog) -> None:
    assert mirror.verify_account(SUPPLIER, "de89 3704 0044 0532 0130 00", ANNA, "call-back")
    known = BankAccount(iban=SUPPLIER_IBAN, verified_by=ANNA, verified_how="call-back")
    assert mirror.verified_accounts() == {SUPPLIER: [known]}
    (record,) = log.records()
    assert record.actor == audit.person(ANNA)
    assert record.event == audit.BankAccountVerified(supplier_id=SUPPLIER, iban="DE…3000", how="call-back")


def test_an_account_in_the_words_of_the_person_is_masked_too(mirror: SupplierMirror, log: AuditLog) -> None:
    mirror.verify_account(SUPPLIER, OTHER_IBAN, ANNA, f"replaces {SUPPLIER_IBAN}, letter of 2 March")
    (record,) = log.records()
    assert record.event.how == "replaces DE…3000, letter of 2 March"


def test_an_account_already_on_file_is_not_noted_again(mirror: SupplierMirror, log: AuditLog) -> None:
    assert mirror.verify_account(SUPPLIER, SUPPLIER_IBAN, ANNA, "call-back")
    assert not mirror.verify_account(SUPPLIER, SUPPLIER_IBAN, PersonId("ben"), "letter")
    assert mirror.verified_accounts()[SUPPLIER][0].verified_by == ANNA
    assert log.verify() == 1


def test_accounts_are_asked_for_by_supplier(mirror: SupplierMirror) -> None:
    mirror.verify_account(SUPPLIER, SUPPLIER_IBAN, ANNA, "call-back")
    mirror.verify_account(SupplierId("2"), OTHER_IBAN, ANNA, "call-back")
    assert set(mirror.verified_accounts()) == {SUPPLIER, "2"}
    assert set(mirror.verified_accounts([SUPPLIER])) == {SUPPLIER}
    assert mirror.verified_accounts([]) == {}


def test_a_local_account_number_can_be_verified(mirror: SupplierMirror) -> None:
    assert mirror.verify_account(SUPPLIER, "1234 5678", ANNA, "call-back")
    assert [known.iban for known in mirror.verified_accounts()[SUPPLIER]] == ["12345678"]


@pytest.mark.parametrize("iban", ["DE89370400440532013001", "DE8937040044053201300", "1-2 34", "", "DE"])
def test_a_mistyped_account_is_refused_without_repeating_it(
    mirror: SupplierMirror, log: AuditLog, iban: str
) -> None:
    with pytest.raises(InvalidIban, match="not a valid IBAN") as caught:
        mirror.verify_account(SUPPLIER, iban, ANNA, "call-back")
    assert len(iban) < 3 or iban not in str(caught.value)
    assert mirror.verified_accounts() == {}
    assert log.verify() == 0
