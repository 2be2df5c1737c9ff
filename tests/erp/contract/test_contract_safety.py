"""Safety: nothing without an approval, no bank account out, no secret in what people or logs read."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from tests.erp.contract.conftest import declarations
from tests.erp.orders import a_proposal, an_action, an_invoice, approved
from tests.erp.under_test import CHECKS, WRITES, ErpUnderTest, setup_of, setups
from tests.erp.world import CENTS, OFFICE, ibans
from tools.domain.decision import ApprovalInvalid
from tools.erp import kinds, load
from tools.erp.contract import Capability
from tools.erp.errors import ErpError
from tools.erp.sandbox.faults import FaultKind


@pytest.mark.parametrize("given", [a_proposal(an_invoice()), an_invoice(), {"kind": "post_invoice"}, None])
async def test_nothing_is_written_without_a_posting_order(under_test: ErpUnderTest, given: Any) -> None:
    before, books = under_test.requests(), under_test.company.dump()
    with pytest.raises((TypeError, ApprovalInvalid)):
        await under_test.erp.write(given)
    assert under_test.requests() == before
    assert under_test.company.dump() == books


async def test_every_capability_is_claimed_or_declined_with_a_reason(under_test: ErpUnderTest) -> None:
    claimed, declined = under_test.erp.capabilities, set(under_test.erp.declined)
    assert claimed | declined == set(Capability)
    assert not claimed & declined
    assert all(len(reason) > 15 for reason in under_test.erp.declined.values())


async def test_the_suppliers_bank_accounts_never_leave(under_test: ErpUnderTest) -> None:
    [supplier async for supplier in under_test.erp.suppliers()]
    for capability in WRITES:
        if capability in under_test.erp.capabilities:
            action = an_action(capability, under_test.company)
            if await under_test.erp.find(approved(action)) is None:
                await under_test.erp.write(approved(action))
    sent = under_test.sent()
    assert b"VD-90001" in sent, "the recording must hold what was written"
    assert not [iban for iban in ibans() if iban.encode() in sent]


@pytest.mark.parametrize("kind", sorted(FaultKind))
async def test_no_secret_is_told_when_something_goes_wrong(
    under_test: ErpUnderTest, kind: FaultKind, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    told: list[str] = []
    for attempt in (
        lambda: under_test.erp.orders([CENTS]),
        lambda: under_test.erp.write(approved(an_invoice())),
    ):
        under_test.faults.clear()
        under_test.faults.plan("*", kind, times=None)
        try:
            await attempt()
        except ErpError as error:
            told += [str(error), repr(error), error.detail, str(error.__cause__), repr(error.__context__)]
    told.append(caplog.text)
    assert told
    assert not [secret for secret in under_test.secrets if any(secret in text for text in told)]


async def test_our_company_is_the_only_one_written_to(under_test: ErpUnderTest) -> None:
    if Capability.POST_INVOICE not in under_test.erp.capabilities:
        under_test.claimed(Capability.POST_INVOICE)
    books = under_test.company.dump()
    with pytest.raises(ErpError):
        await under_test.erp.write(approved(an_invoice(company="SISTER")))
    assert under_test.company.dump() == books


async def test_the_connector_says_which_erp_and_company_it_is(under_test: ErpUnderTest) -> None:
    assert under_test.erp.kind in kinds()
    assert under_test.erp.company == under_test.company.settings.company
    assert OFFICE in await under_test.erp.suppliers_by_id([OFFICE])


@pytest.mark.parametrize("kind", kinds())
def test_a_connector_module_has_the_agreed_names(kind: str) -> None:
    module = load(kind)
    assert callable(module.connect)
    assert module.Settings.model_config.get("frozen") is True


@pytest.mark.parametrize("kind", kinds())
def test_a_connector_has_a_setup_that_the_contract_tests_run_with(kind: str) -> None:
    assert kind in setups(), f"tests/erp/{kind}_setup.py is missing: nothing tests the connector {kind}"


@pytest.mark.parametrize("kind", [kind for kind in kinds() if kind in setups()])
def test_what_does_not_apply_is_declared_and_printed_with_its_reason(kind: str) -> None:
    setup = setup_of(kind)
    assert set(setup.INAPPLICABLE) <= set(CHECKS)
    printed = declarations(kind)
    for reason in (*setup.INAPPLICABLE.values(), *setup.LOSES.values()):
        assert len(reason) > 15
        assert any(reason in line for line in printed)


def test_a_kind_that_is_not_there_is_named() -> None:
    with pytest.raises(ValueError, match="there is no connector 'nothing'"):
        load("nothing")
