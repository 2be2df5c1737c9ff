"""`post_once`: the only caller of `Erp.write`. One business document reaches the ERP at most once.

Look before sending; note before the first byte goes out; look again when unsure; never send again by
itself what may already have arrived.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from enum import StrEnum
from typing import Protocol

from tools.domain.decision import InvoiceAction, ParkInvoice, Posting, PostingOrder, PostingState
from tools.domain.identifiers import OrderNumber, SupplierId
from tools.erp.contract import Capability, Erp
from tools.erp.errors import (
    ErpAccessDenied,
    ErpChanged,
    ErpError,
    ErpRejected,
    ErpUnavailable,
    NotSupported,
    OutcomeUnknown,
    each_once,
)
from tools.erp.once import TakesOnce


class Progress(StrEnum):
    """How far earlier attempts for this business document came."""

    FRESH = "fresh"
    """Nothing was ever sent."""
    SENT = "sent"
    """A write went out (or may have) and its outcome was not noted."""
    UNKNOWN = "unknown"
    """Looked for and not found: nothing is sent again before a person has looked too."""
    FREED = "freed"
    """It may be sent once more, although an earlier write may still arrive: a person looked and did not
    find it, or the ERP refused a later attempt. What turns up is ours."""
    DONE = "done"


class PostingLog(Protocol):
    """What `post_once` notes, durably and in the audit log."""

    def begin(self, order: PostingOrder) -> tuple[Progress, Posting | None]:
        """Claim the business key for this case. Raises ErpRejected when another case posted or is posting
        under it, and ApprovalInvalid when the approval does not stand in the audit log."""
        ...

    def billing_versions(self, order: PostingOrder) -> Mapping[str, str]:
        """Current versions of the `billing:` records the proposal rests on."""
        ...

    def resumed(self, order: PostingOrder, rule: str) -> None:
        """An order of unknown outcome may go out again by `rule` of the ERP. ErpUnavailable as for `sent`."""
        ...

    def sent(self, order: PostingOrder) -> None:
        """Durable before it returns. Reserves what is billed on the order lines. Raises ErpChanged when
        another posting billed the same order since the proposal was made, ErpUnavailable when another
        attempt under this key went out since `begin`."""
        ...

    def done(self, order: PostingOrder, posting: Posting, *, found: bool) -> None: ...

    def not_sent(self, order: PostingOrder, reason: str) -> None:
        """This attempt surely did nothing; what earlier ones did stays as it was."""
        ...

    def refused(self, order: PostingOrder, reason: str) -> None:
        """The document is not posted: said by the ERP after `sent`, or found before it."""
        ...

    def unknown(self, order: PostingOrder, reason: str) -> None: ...


Pause = Callable[[float], Awaitable[None]]
LOOKS = (1.0, 3.0, 6.0)
"""Seconds to wait before each further look after an unknown outcome."""

Recheck = Callable[[], Awaitable[str | None]]
"""Looks once more at what no version tells, such as a copy posted meanwhile; why not to write now, or None.
Raises ErpError."""


async def nothing_new() -> str | None:
    """There is nothing to look at again."""
    return None


async def post_once(
    erp: Erp,
    order: PostingOrder,
    log: PostingLog,
    pause: Pause,
    looks: tuple[float, ...] = LOOKS,
    recheck: Recheck = nothing_new,
    *,
    again: bool = False,
) -> Posting:
    """Carry out an approved action at most once and return what the ERP holds. `recheck` is asked right
    before the write, and only then: what is in the ERP already is never called in question. `again`: the
    approval still holds now, so that an order of unknown outcome may be sent once more where the ERP itself
    takes it once.

    Raises ErpUnavailable (this call sent nothing: call again), OutcomeUnknown (a person must look; calling
    again only looks again), ErpRejected, ErpAccessDenied, ErpChanged, NotSupported, ApprovalInvalid.
    """
    _supported(erp, order)
    progress, posting = log.begin(order)
    if posting is not None:
        return posting
    held = await _find(erp, order, log, progress)
    if held is not None and _is_result(order, held):
        return _take(order, held, log, ours=progress is not Progress.FRESH)
    rule = _rule(erp, order) if again else None
    if not _may_send(progress, held, rule):
        return await _look_again(erp, order, log, pause, looks, "an earlier attempt ended without an answer")
    await _check_versions(erp, order, log)
    if (reason := await recheck()) is not None:
        log.refused(order, reason)
        raise ErpChanged(reason)
    before = _announce(order, log, progress, rule)
    return await _write(erp, order, log, pause, looks, before)


def _rule(erp: Erp, order: PostingOrder) -> str | None:
    """Why a second write of this order makes no second document, whatever became of the first."""
    once = erp.takes_once if isinstance(erp, TakesOnce) else {}
    return once.get(Capability(order.action.kind))


def _may_send(progress: Progress, held: Posting | None, rule: str | None) -> bool:
    """A draft of an attempt that broke off is taken up by the connector; without one, the write itself may be
    under way. After an unknown outcome only the ERP's own rule lets it be sent again."""
    if progress is Progress.UNKNOWN:
        return rule is not None
    return progress is not Progress.SENT or (held is not None and held.state is PostingState.DRAFT)


def _announce(order: PostingOrder, log: PostingLog, progress: Progress, rule: str | None) -> Progress:
    """Note that a write goes out, and how far earlier ones came: one of unknown outcome may still arrive."""
    if progress is Progress.UNKNOWN:
        log.resumed(order, rule or "")
        progress = Progress.SENT
    try:
        log.sent(order)
    except ErpChanged as error:
        log.refused(order, str(error))
        raise
    return progress


def _supported(erp: Erp, order: PostingOrder) -> None:
    capability = Capability(order.action.kind)
    if capability not in erp.capabilities:
        raise NotSupported(erp.declined.get(capability, f"{erp.kind} cannot {order.action.kind}"))


async def _find(erp: Erp, order: PostingOrder, log: PostingLog, progress: Progress) -> Posting | None:
    """The first look. An ERP that lets nobody look does not settle what an earlier attempt did."""
    try:
        return await erp.find(order)
    except OutcomeUnknown as error:
        log.unknown(order, str(error))
        raise
    except (ErpAccessDenied, ErpRejected, ErpChanged, NotSupported) as error:
        if progress not in (Progress.SENT, Progress.UNKNOWN):
            log.refused(order, str(error))
            raise
        raise _unknown(order, log, f"an earlier attempt cannot be looked up: {error}") from error


def _is_result(order: PostingOrder, held: Posting) -> bool:
    """A draft is the result of parking; posting is finished only by a posted document."""
    if held.state is PostingState.CANCELLED:
        return False
    return held.state is not PostingState.DRAFT or isinstance(order.action, ParkInvoice)


def _take(order: PostingOrder, held: Posting, log: PostingLog, *, ours: bool) -> Posting:
    """Accept what stands in the ERP if it is what was approved. A document over another amount or with
    another coding where ours may have arrived is for a person: it may be ours, computed anew or changed
    since, or somebody else's."""
    told = _otherwise(order, held)
    if ours and told is None:
        log.done(order, held, found=True)
        return held
    reason = f"it is already in the ERP as {held.number}; nothing was sent"
    if told is not None:
        reason = f"{held.number} stands in the ERP under the same identity, but {told}"
    if ours:
        raise _unknown(order, log, reason)
    log.refused(order, reason)
    raise ErpRejected(reason)


def _otherwise(order: PostingOrder, held: Posting) -> str | None:
    """What stands there otherwise than approved: the amounts, then what the connector saw of the coding."""
    action = order.action
    if isinstance(action, InvoiceAction):
        amounts = (
            ("over", held.gross, action.gross),
            ("with a net amount of", held.net, action.net),
            ("with tax of", held.tax, action.tax),
        )
        for word, theirs, ours in amounts:
            if theirs is not None and theirs != ours:
                return f"{word} {theirs} instead of {ours}"
    return held.differs


async def _check_versions(erp: Erp, order: PostingOrder, log: PostingLog) -> None:
    """The records the decision rests on must be the ones it was made on. Reads fresh data."""
    versions = order.proposal.versions
    orders = [OrderNumber(ref.partition(":")[2]) for ref in versions if ref.startswith("order:")]
    ids = [SupplierId(ref.partition(":")[2]) for ref in versions if ref.startswith("supplier:")]
    current = dict(log.billing_versions(order))
    if orders:
        current |= {f"order:{number}": found.version for number, found in (await erp.orders(orders)).items()}
    if ids:
        suppliers = await erp.suppliers_by_id(ids)
        current |= {f"supplier:{key}": found.version for key, found in suppliers.items()}
    moved = sorted(ref for ref, version in versions.items() if current.get(ref) != version)
    if moved:
        reason = f"changed since the proposal was made: {', '.join(moved)}"
        log.refused(order, reason)
        raise ErpChanged(reason)


async def _write(
    erp: Erp, order: PostingOrder, log: PostingLog, pause: Pause, looks: tuple[float, ...], before: Progress
) -> Posting:
    try:
        posting = await erp.write(order)
    except ErpUnavailable as error:
        log.not_sent(order, str(error))
        raise
    except OutcomeUnknown as error:
        return await _look_again(erp, order, log, pause, looks, str(error))
    except (ErpRejected, ErpAccessDenied, ErpChanged, NotSupported) as error:
        return await _after_refusal(erp, order, log, pause, looks, before, error)
    if not _is_result(order, posting):
        told = f"the ERP answered with {posting.number}, which is not finished"
        return await _look_again(erp, order, log, pause, looks, told)
    log.done(order, posting, found=False)
    return posting


async def _after_refusal(
    erp: Erp,
    order: PostingOrder,
    log: PostingLog,
    pause: Pause,
    looks: tuple[float, ...],
    before: Progress,
    error: ErpError,
) -> Posting:
    """What stands in the ERP although it refused, or the refusal itself, noted. An ERP may carry a write out
    and then answer with a refusal; and what an earlier attempt sent may arrive only now, so that the refusal
    is its echo. Raises `error`, or OutcomeUnknown where the refusal does not settle it."""
    if before is Progress.SENT and isinstance(error, ErpRejected):
        told = f"an earlier attempt ended without an answer, and a later one was refused: {error}"
        return await _look_again(erp, order, log, pause, looks, told)
    if before is not Progress.FRESH or isinstance(error, (ErpRejected, ErpChanged)):
        try:
            held = await erp.find(order)
        except ErpError as trouble:
            told = f"it was refused ({error}), and looking it up failed: {trouble}"
            raise _unknown(order, log, told) from error
        if held is not None and _is_result(order, held):
            if before is not Progress.FRESH:
                return _take(order, held, log, ours=True)
            raise _unknown(order, log, f"it was refused ({error}), but stands in the ERP as {held.number}")
    settled = before is Progress.FRESH or isinstance(error, ErpRejected)
    (log.refused if settled else log.not_sent)(order, str(error))
    raise error


async def _look_again(
    erp: Erp, order: PostingOrder, log: PostingLog, pause: Pause, looks: tuple[float, ...], reason: str
) -> Posting:
    failures: list[str] = []
    for seconds in looks:
        await pause(seconds)
        try:
            held = await erp.find(order)
        except ErpError as error:
            failures.append(str(error))
        else:
            if held is not None and _is_result(order, held):
                return _take(order, held, log, ours=True)
    raise _unknown(order, log, each_once(reason, failures, "looking it up failed"))


def _unknown(order: PostingOrder, log: PostingLog, reason: str) -> OutcomeUnknown:
    log.unknown(order, reason)
    return OutcomeUnknown(f"it is not known whether the ERP posted this document: {reason}")
