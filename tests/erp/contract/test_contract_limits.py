"""A supplier's own limit: told by the ERP, or declined so that the settings have to say it."""

from __future__ import annotations

from tests.erp.under_test import ErpUnderTest
from tests.erp.world import OFFICE
from tools.domain.money import Money
from tools.erp.contract import Capability

LIMIT = Money.of("1000", "EUR")


async def test_a_suppliers_limit_is_told_exactly_where_that_is_claimed(under_test: ErpUnderTest) -> None:
    suppliers = under_test.company.books.suppliers
    card = suppliers[OFFICE]
    supplier = card.supplier.model_copy(update={"amount_limit": LIMIT})
    suppliers[OFFICE] = card.model_copy(update={"supplier": supplier})
    read = (await under_test.erp.suppliers_by_id([OFFICE]))[OFFICE]
    is_claimed = Capability.READ_SUPPLIER_LIMITS in under_test.erp.capabilities
    assert read.amount_limit == (LIMIT if is_claimed else None)
