"""The bare sandbox in the contract suite."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from tests.erp.under_test import HTTP_CHECKS, ErpUnderTest
from tools.erp.sandbox.company import Company
from tools.erp.sandbox.connector import SandboxErp
from tools.erp.sandbox.faults import Faults

LOSES: Mapping[str, str] = {}
INAPPLICABLE = dict.fromkeys(HTTP_CHECKS, "the books are in this process: there is no login and no HTTP")


@asynccontextmanager
async def under_test(company: Company, faults: Faults) -> AsyncIterator[ErpUnderTest]:
    erp = SandboxErp(company, faults, page_size=3)

    def sent() -> bytes:
        kept = company.snapshot()
        return json.dumps([kept["documents"], kept["receipts"], kept["orders"]]).encode()

    yield ErpUnderTest(
        erp=erp,
        company=company,
        faults=faults,
        requests=lambda: erp.traffic.total,
        loses=LOSES,
        inapplicable=INAPPLICABLE,
        sent=sent,
    )
    await erp.close()
