"""What an HTTP 500 of AFAS proves: published refusals nothing was done, anything else nothing at all."""

from __future__ import annotations

import httpx
import pytest

from tests.erp.afas_client import Bench
from tests.erp.orders import MemoryLog, an_action, an_invoice, approved, times_booked
from tests.erp.world import ALL_BLOCKED
from tools.erp.afas.session import explain
from tools.erp.answers import Answer, to_json
from tools.erp.contract import Capability
from tools.erp.errors import ErpAccessDenied, ErpError, ErpRejected, ErpUnavailable, OutcomeUnknown
from tools.erp.posting import post_once
from tools.erp.sandbox.company import Company

REFUSED = "The entered value for 'Employee' does not exist."
LOCKED = "The booking layout is blocked by another user."
CLOSED = "UpdateConnector not supported for this app or the user is not authorized"
UNKNOWN = "The packing list could not be printed."
WRITES = [
    Capability.POST_INVOICE,
    Capability.POST_CREDIT_NOTE,
    Capability.CREATE_GOODS_RECEIPT,
    Capability.CREATE_PURCHASE_ORDER,
    Capability.AMEND_ORDER_LINE,
    Capability.HOLD_INVOICE,
    Capability.RELEASE_HOLD,
]


class Says(httpx.AsyncBaseTransport):
    """Answers every write with HTTP 500 and `text`, after it was carried out (`done`) or instead."""

    def __init__(self, bench: Bench, text: str, *, done: bool, blind: bool = False) -> None:
        """`blind`: after the write nothing can be read."""
        self._bench, self._text, self._done, self._blind = bench, text, done, blind
        self.writes = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            if self._blind and self.writes:
                raise httpx.ConnectError("cut off", request=request)
            return await self._bench.recorder.handle_async_request(request)
        self.writes += 1
        if self._done:
            await self._bench.recorder.handle_async_request(request)
        told = {"externalMessage": self._text, "errorNumber": -2147220469}
        return httpx.Response(500, content=to_json(told), request=request)


async def no_pause(seconds: float) -> None:
    return None


@pytest.mark.parametrize("capability", WRITES)
@pytest.mark.parametrize("text", [REFUSED, LOCKED, CLOSED, UNKNOWN])
async def test_a_refusal_of_what_stands_in_the_erp_is_not_believed(
    company: Company, capability: Capability, text: str
) -> None:
    bench, log = Bench(company), MemoryLog()
    action = an_action(capability, company)
    says = Says(bench, text, done=True)
    posting = await post_once(bench.through(says), approved(action), log, no_pause)
    assert log.notes == ["sent", "found"]
    assert (says.writes, times_booked(company, action)) == (1, 1)
    assert posting.number


@pytest.mark.parametrize("capability", WRITES)
@pytest.mark.parametrize(
    ("text", "error"),
    [
        (REFUSED, ErpRejected),
        (LOCKED, ErpUnavailable),
        (CLOSED, ErpAccessDenied),
        (UNKNOWN, OutcomeUnknown),
    ],
)
async def test_what_was_refused_and_is_not_there_is_what_the_words_prove(
    company: Company, capability: Capability, text: str, error: type[ErpError]
) -> None:
    bench = Bench(company)
    action = an_action(capability, company)
    with pytest.raises(error, match=text.removesuffix(".")):
        await bench.through(Says(bench, text, done=False)).write(approved(action))
    assert times_booked(company, action) == 0


@pytest.mark.parametrize("capability", WRITES)
@pytest.mark.parametrize("text", [REFUSED, LOCKED, CLOSED])
async def test_a_refusal_that_nobody_can_look_behind_leaves_the_outcome_open(
    company: Company, capability: Capability, text: str
) -> None:
    bench = Bench(company)
    with pytest.raises(OutcomeUnknown, match="looking it up failed"):
        await bench.through(Says(bench, text, done=True, blind=True)).write(
            approved(an_action(capability, company))
        )


async def test_a_file_that_was_refused_and_is_kept_is_not_called_refused(company: Company) -> None:
    bench = Bench(company)
    ours = await bench.erp.write(approved(an_invoice()))
    with pytest.raises(OutcomeUnknown, match="all the same"):
        await bench.through(Says(bench, REFUSED, done=True)).attach(ours, "a.pdf", b"%PDF-")


async def test_a_token_that_is_withdrawn_stays_the_administrators_matter(company: Company) -> None:
    class Withdrawn(httpx.AsyncBaseTransport):
        gone = False

        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            self.gone = self.gone or request.method != "GET"
            if self.gone:
                return httpx.Response(401, request=request)
            return await bench.recorder.handle_async_request(request)

    bench = Bench(company)
    with pytest.raises(ErpAccessDenied, match="does not accept the token"):
        await bench.through(Withdrawn()).write(approved(an_invoice()))


async def test_nothing_is_sent_for_a_creditor_that_is_blocked_or_unknown(company: Company) -> None:
    bench = Bench(company)
    for creditor, words in ((ALL_BLOCKED, "is blocked in AFAS"), ("99999", "is not in AFAS")):
        with pytest.raises(ErpRejected, match=words):
            await bench.erp.write(approved(an_invoice(supplier_id=creditor)))
    assert bench.sent("FiEntries") == []


@pytest.mark.parametrize(
    ("status", "text", "error", "settled"),
    [
        (500, REFUSED, ErpRejected, True),
        (500, "General message: The entered value for 'Employee' does not exist.", ErpRejected, True),
        (500, "De ingevulde waarde bij 'Medewerker' bestaat niet.", ErpRejected, True),
        (500, "Enter a value for 'Account Number'.", ErpRejected, True),
        (500, "Date '1-11-2024' belongs to a blocked period", ErpRejected, True),
        (500, "Voor deze administratie is periode 8 van jaar 2023 geblokkeerd.", ErpRejected, True),
        (500, "Allocation code for axis 'Cost center' must be filled for account 8074", ErpRejected, True),
        (500, "De boekingslay-out is geblokkeerd door een andere gebruiker.", ErpUnavailable, True),
        (500, "GetConnector not supported for this app or the user is not authorized", ErpAccessDenied, True),
        (500, "Deze GetConnector (definitie) is geblokkeerd", ErpAccessDenied, True),
        (500, f"{REFUSED} The packing list was not printed.", None, False),
        (500, f"Mail to {REFUSED}", None, False),
        (500, "The invoice number is already in use.", None, False),
        (500, "The invoice was already posted by another user.", None, False),
        (500, "Locked: packing list in use by another user", None, False),
        (500, "The report is not authorized.", None, False),
        (500, "Object reference not set to an instance of an object.", None, False),
        (500, "The transaction was aborted.", None, False),
        (500, "Er is een fout opgetreden.", None, False),
        (500, "De verbinding met de database is verbroken", None, False),
        (500, "Maximale verwerkingstijd overschreden", None, False),
        (500, "The request was cancelled because it ran too long", None, False),
        (500, "An unexpected error has occurred.", None, False),
        (500, "De maximale tijdsduur voor het uitvoeren van de opdracht is verstreken.", None, False),
        (500, "The maximum duration for performing the assignment has been exceeded.", None, False),
        (500, "Out of String space", None, False),
        (502, REFUSED, None, False),
    ],
)
def test_only_published_refusals_settle_what_a_500_means(
    status: int, text: str, error: type[ErpError] | None, settled: bool
) -> None:
    told = explain(Answer(status, {}, to_json({"externalMessage": text, "errorNumber": 1})))
    assert told.settled is settled
    assert told.error is error if error is None else issubclass(told.error or ErpError, error)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (REFUSED, "Employee"),
        ("Vul een waarde in bij 'Rekeningnummer'.", "Rekeningnummer"),
        ("Connector field 'Fieldname' not found", "Fieldname"),
        ("For this administration, period 8 of the year 2024 is blocked.", None),
    ],
)
def test_the_field_at_fault_is_named(text: str, named: str | None) -> None:
    assert explain(Answer(500, {}, to_json({"externalMessage": text}))).field == named


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"externalMessage": null}', b'"text"'])
def test_a_500_without_words_settles_nothing(body: bytes) -> None:
    assert not explain(Answer(500, {}, body)).settled
