"""A Tryton without the module of `extension/` in the contract suite: holds are notes and blocks."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager

from tests.erp import tryton_setup
from tests.erp.under_test import ErpUnderTest
from tools.erp.sandbox.company import Company
from tools.erp.sandbox.faults import Faults

LOSES, INAPPLICABLE = tryton_setup.LOSES, tryton_setup.INAPPLICABLE


def under_test(company: Company, faults: Faults) -> AbstractAsyncContextManager[ErpUnderTest]:
    return tryton_setup.under_test(company, faults, hold_module=False)
