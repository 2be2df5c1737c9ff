"""Bank accounts of suppliers at Oracle: read where they are shown whole, never sent."""

from __future__ import annotations

from typing import Any

import pytest

from tests.erp.oracle_client import Bench, a_client
from tests.erp.world import BULK, OFFICE, SUPPLIERS, TOOLS
from tools.domain.supplier import BankAccount
from tools.erp.contract import Capability
from tools.erp.http import counted_calls
from tools.erp.oracle import mapping, wire
from tools.erp.sandbox.company import Company
from tools.erp.sandbox.faults import Faults


def an_account(iban: str | None, end: str | None = "4712-12-31") -> wire.SupplierAccount:
    return wire.SupplierAccount.model_validate({"BankAccountId": 1, "IBAN": iban, "EndDate": end})


@pytest.mark.parametrize(
    ("iban", "end", "kept"),
    [
        ("NL64ABNA0417164301", "4712-12-31", ["NL64ABNA0417164301"]),
        ("nl64 abna 0417 1643 01", None, ["NL64ABNA0417164301"]),
        ("NL64ABNA0417164301", "2027-01-01", []),
        ("XXXXXXXXXXXXXX4301", "4712-12-31", []),
        ("**************4301", "4712-12-31", []),
        ("NL64ABNA******4301", "4712-12-31", []),
        ("", "4712-12-31", []),
        (None, None, []),
    ],
)
def test_an_account_in_part_or_with_an_end_is_not_taken_for_known(
    iban: str | None, end: str | None, kept: list[str]
) -> None:
    assert [account.iban for account in mapping.bank_accounts([an_account(iban, end)])] == kept


async def test_accounts_of_many_suppliers_cost_one_batch(company: Company, faults: Faults) -> None:
    bench = Bench(company, faults)
    with counted_calls() as calls:
        read = await bench.erp.suppliers_by_id(list(SUPPLIERS))
    assert calls == {"token": 1, "suppliers by id": 1, "bank accounts": 1}
    assert {key: found.bank_accounts for key, found in read.items()} == {
        key: known.bank_accounts for key, known in SUPPLIERS.items()
    }


async def test_a_new_account_gives_its_supplier_another_version(company: Company, faults: Faults) -> None:
    bench = Bench(company, faults)
    before = (await bench.erp.suppliers_by_id([TOOLS]))[TOOLS]
    card = company.books.suppliers[TOOLS]
    more = (*card.supplier.bank_accounts, BankAccount(iban="BE68539007547034"))
    changed = card.supplier.model_copy(update={"bank_accounts": more})
    company.books.suppliers[TOOLS] = card.model_copy(update={"supplier": changed})
    after = (await bench.erp.suppliers_by_id([TOOLS]))[TOOLS]
    assert len(after.bank_accounts) == len(before.bank_accounts) + 1
    assert after.version != before.version


async def test_more_suppliers_than_one_batch_holds_are_all_told_once(
    company: Company, faults: Faults
) -> None:
    card = company.books.suppliers[TOOLS]
    for number in range(120):
        copy = {"supplier_id": f"7{number:04}", "name": f"Supplier {number}"}
        supplier = card.supplier.model_copy(update=copy)
        company.books.suppliers[copy["supplier_id"]] = card.model_copy(update={"supplier": supplier})
    bench = Bench(company, faults, page_size=500)
    with counted_calls() as calls:
        read = [found async for found in bench.erp.suppliers()]
    assert len({found.supplier_id for found in read}) == len(read) == len(company.books.suppliers)
    assert all(found.bank_accounts for found in read if found.supplier_id.startswith("7"))
    assert (calls["suppliers"], calls["bank accounts"]) == (1, 3)


async def test_a_pod_that_masks_tells_no_accounts_and_the_doctor_says_so(
    company: Company, faults: Faults
) -> None:
    bench = Bench(company, faults, {"masks_accounts": True})
    assert (await bench.erp.suppliers_by_id([OFFICE]))[OFFICE].bank_accounts == ()
    (told,) = await bench.erp.shortcomings()
    assert "Display all digits" in told
    assert "4301" not in told


async def test_accounts_are_left_alone_where_the_settings_say_so(company: Company, faults: Faults) -> None:
    hidden: dict[str, Any] = {"hidden": frozenset({"externalBankAccounts"})}
    bench = Bench(company, faults, hidden, read_bank_accounts=False)
    assert (await bench.erp.suppliers_by_id([BULK]))[BULK].bank_accounts == ()
    assert "read_bank_accounts" in bench.erp.declined[Capability.READ_BANK_ACCOUNTS]
    assert await bench.erp.shortcomings() == []
    assert not [request for request in bench.recorder.requests if b"Bank" in request.content]


async def test_a_right_that_is_missing_is_named(company: Company, faults: Faults) -> None:
    bench = Bench(company, faults, {"hidden": frozenset({"externalBankAccounts"})})
    (told,) = await bench.erp.shortcomings()
    assert "externalBankAccounts" in told


async def test_the_accounts_are_searched_by_a_finder_and_by_nothing_else(company: Company) -> None:
    async with a_client(company) as client:
        without = await client.send("GET", "externalBankAccounts")
        other = await client.send(
            "GET", "externalBankAccounts?finder=SearchExternalBankAccount;Intent=Customer"
        )
        written = await client.send("POST", "externalBankAccounts", {"IBAN": "NL64ABNA0417164301"})
    assert (without.status_code, other.status_code, written.status_code) == (400, 400, 405)
