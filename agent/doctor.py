"""`erp-agent doctor`: is everything there that a run needs? Each check says what to do when it is not."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from typing import Any

from agent.checkpoint_store import CHECKPOINTS, LOG, page_fault
from agent.settings import Settings, has_login
from agent.settings_checks import (
    code_faults,
    gaps,
    login_faults,
    matrix_faults,
    people_faults,
    tax_key_faults,
)
from agent.settings_doubts import (
    coding_doubts,
    conversion_doubts,
    fraud_doubts,
    supplier_faults,
    suppliers_named,
    tolerance_doubts,
)
from agent.state import Deps
from agent.supplier_desk import NOTHING_RUNS
from tools.audit_log import AuditBroken
from tools.domain.identifiers import OrderNumber, PersonId, SupplierId
from tools.erp.codes import ledger_codes
from tools.erp.contract import Capability, Erp
from tools.erp.errors import ErpAccessDenied, ErpError, ErpRejected, ErpUnavailable

Check = dict[str, str]
"""`what`, `state` (`ok`, `note` or `fault`), `message`, and for a fault `error_kind`: what sort it is of."""


async def examine(
    settings: Settings,
    deps: Deps,
    person: PersonId,
    has_login: Callable[[PersonId], bool] = has_login,
) -> list[Check]:
    """All checks, in the order in which a person would mend what they find."""
    erp = await erp_checks(deps.erp)
    return [
        _data(settings),
        *_told("databases", _page_faults(settings)),
        _log(deps),
        _approvers(settings, person, deps.today()),
        *_people(settings, deps.today(), has_login),
        *_told("tax code keys", tax_key_faults(settings.company)),
        *_told("coding rules", coding_doubts(settings.coding)),
        *_told("tolerances", tolerance_doubts(settings)),
        *_told("conversions", conversion_doubts(settings.company)),
        *_told("fraud lists", fraud_doubts(settings.policy.fraud)),
        *erp,
        *await _codes(settings, deps, erp),
        _suppliers(deps),
        *_suppliers_named(settings, deps),
        *_declined(deps),
    ]


def _check(what: str, state: str, message: str) -> Check:
    return {"what": what, "state": state, "message": message}


def _fault(what: str, message: str, error: Exception | None = None) -> Check:
    return _check(what, "fault", message) | {"error_kind": type(error).__name__ if error else "Fault"}


def _log(deps: Deps) -> Check:
    """The whole chain: this command is asked seldom, and by somebody who wants to know."""
    try:
        count = deps.log.verify()
    except AuditBroken as error:
        return _fault("audit log", f"{error}; `erp-agent audit verify` says more", error)
    return _check("audit log", "ok", f"{count} records, chain unbroken")


def _data(settings: Settings) -> Check:
    return _check("data folder", "ok", str(settings.data.folder.resolve()))


def _page_faults(settings: Settings) -> list[str]:
    found = (page_fault(settings.data.folder.resolve() / name) for name in (LOG, CHECKPOINTS))
    return [fault for fault in found if fault is not None]


def _approvers(settings: Settings, person: PersonId, today: date) -> Check:
    policy = settings.policy.approval
    known = policy.everyone if policy.rules else policy.approvers
    if not known:
        return _fault("approvers", "nobody may approve; name people under [policy.approval]")
    faults = sorted({fault for entry in policy.delegations if (fault := entry.fault(today))})
    if faults:
        return _check("approvers", "note", f"delegations that give no right today: {'; '.join(faults)}")
    entry = next((one for one in known if one.person == person), None)
    if entry is None:
        return _check("approvers", "note", f"{len(known)} approvers; you ({person}) are not one")
    if entry.limit is None:
        roles = ", ".join(sorted(role.words for role in entry.roles)) or "no role"
        return _check("approvers", "ok", f"you ({person}) have {roles}, bounded by the rules of the matrix")
    return _check("approvers", "ok", f"you ({person}) may approve up to {entry.limit}")


def _people(settings: Settings, today: date, has_login: Callable[[PersonId], bool]) -> list[Check]:
    policy = settings.policy.approval
    matrix = [*matrix_faults(policy, settings.company.company, today), *gaps(policy)]
    return [
        *(_told("approval matrix", matrix) if policy.rules else ()),
        *_told("people", people_faults(policy, settings.policy.fraud.account_keepers)),
        *_told("logins", login_faults(policy, has_login)),
    ]


def _told(what: str, faults: Sequence[str]) -> list[Check]:
    """A fault for each sentence, or that there is none."""
    return [_fault(what, fault) for fault in faults] or [_check(what, "ok", "nothing to mend")]


async def _codes(settings: Settings, deps: Deps, asked: Sequence[Check]) -> list[Check]:
    """What the settings name beside what the ERP has; an ERP that failed before is not asked again."""
    what = "accounts, cost centres and tax codes of the settings"
    unanswered = [_check(what, "note", "not compared: the ERP did not answer, see above")]
    if any(check["state"] == "fault" for check in asked):
        return unanswered
    try:
        codes = await ledger_codes(deps.erp)
    except ErpError:
        return unanswered
    if codes.accounts is None or codes.tax_codes is None:
        told = "not compared in full: the ERP does not tell its codes"
        return [*(_fault(what, fault) for fault in code_faults(settings, codes)), _check(what, "note", told)]
    return _told(what, code_faults(settings, codes))


async def erp_checks(erp: Erp) -> list[Check]:
    """What the ERP answers to one read of each kind, and what its own description lacks."""
    asked = await _asked(erp)
    return once_each(asked + await _lacking(erp, asked), erp.kind)


async def _asked(erp: Erp) -> list[Check]:
    """One read of each kind, so that a missing right is named before a batch needs it. An ERP that is not
    reachable is asked once."""
    reads: tuple[tuple[Capability, Callable[[], Awaitable[Any]]], ...] = (
        (Capability.READ_POSTING_WINDOW, erp.posting_window),
        (Capability.READ_ACCOUNTS, erp.accounts),
        (Capability.READ_TAX_CODES, erp.tax_codes),
        (Capability.READ_COST_CENTRES, erp.cost_centres),
        (Capability.READ_SUPPLIERS, lambda: erp.suppliers_by_id([SupplierId("0")])),
        (Capability.READ_ORDERS, lambda: erp.orders([OrderNumber("0")])),
    )
    checks: list[Check] = []
    for capability, read in reads:
        what = f"{erp.kind}: {capability.value.replace('_', ' ')}"
        if capability not in erp.capabilities:
            continue
        try:
            await read()
        except ErpUnavailable as error:
            return [*checks, _fault(what, f"{error}; nothing else was asked", error)]
        except ErpError as error:
            checks.append(_fault(what, str(error), error))
        else:
            checks.append(_check(what, "ok", "answers"))
    return checks


def once_each(checks: Sequence[Check], kind: str) -> list[Check]:
    """Each cause once, at the first check that met it, with the others named and what to do about it: a login
    that is refused fails at everything that is asked."""
    met: dict[tuple[str, str], list[Check]] = {}
    for at, check in enumerate(checks):
        error = check.get("error_kind", "")
        key = (error, check["message"]) if check["state"] == "fault" and error != "Fault" else (str(at), "")
        met.setdefault(key, []).append(check)
    denied = [group[0] for group in met.values() if group[0].get("error_kind") == ErpAccessDenied.__name__]
    found = [_cause(group, kind if denied and group[0] is denied[0] else None) for group in met.values()]
    if alike(checks) == ErpRejected.__name__:
        found[0]["message"] += (
            "; all that was asked was refused alike: check base_url under [erp] in the settings"
        )
    return found


def alike(checks: Sequence[Check]) -> str | None:
    """The sort of error, where several things were asked and every one failed for the same cause."""
    causes = {(check.get("error_kind"), check["message"]) for check in checks if check["state"] != "note"}
    kinds = {kind for kind, _ in causes if kind not in (None, "Fault")}
    return next(iter(kinds), None) if len(checks) > 1 and len(causes) == 1 else None


def _cause(met: Sequence[Check], denied_by: str | None) -> Check:
    """One check for all that met the same cause. `denied_by` is the kind of the ERP whose login or rights are
    at fault, where that was not said before."""
    first, others = met[0], [check["what"].partition(": ")[2] for check in met[1:]]
    message = first["message"]
    if others:
        message = f"{message}; the same for: {', '.join(others)}"
    if denied_by is not None and "run `" not in message:
        message += (
            "; check the login under [erp] in the settings; the rights to grant stand in "
            f"tools/erp/{denied_by}/README.md"
        )
    return first | {"message": message}


async def _lacking(erp: Erp, asked: Sequence[Check]) -> list[Check]:
    """What the ERP's own description lacks; an ERP that cannot be reached is not asked again, nor one that
    refuses whatever is asked: each of its resources would tell the same cause."""
    if any(check.get("error_kind") == ErpUnavailable.__name__ for check in asked):
        return []
    what = f"{erp.kind}: fields and rights"
    if alike(asked) is not None:
        return [_check(what, "note", "not asked: the ERP refused everything before, see above")]
    try:
        return _told(what, await erp.shortcomings())
    except ErpError as error:
        return [_fault(what, str(error), error)]


def _suppliers(deps: Deps) -> Check:
    synced = deps.mirror.synced_at()
    if synced is None:
        return _check(
            "suppliers", "note", "never synced; `erp-agent suppliers sync` or the first run does it"
        )
    return _check(
        "suppliers", "ok", f"{len(deps.mirror.all())} suppliers, synced {synced:%Y-%m-%d %H:%M} UTC"
    )


def _suppliers_named(settings: Settings, deps: Deps) -> list[Check]:
    what = "suppliers of the settings"
    if deps.mirror.synced_at() is None:
        named = len(suppliers_named(settings))
        told = f"{named} not compared: the copy was never synced; run `erp-agent suppliers sync`"
        return [_check(what, "note", told)] if named else []
    return _told(what, supplier_faults(settings, {entry.supplier_id for entry in deps.mirror.all()}))


def _declined(deps: Deps) -> list[Check]:
    return [_declining(deps.erp.kind, *entry) for entry in sorted(deps.erp.declined.items())]


def _declining(kind: str, capability: Capability, reason: str) -> Check:
    """A note, and a fault where nothing works without what is declined."""
    what = f"{kind} declines {capability.value.replace('_', ' ')}"
    if capability is Capability.READ_SUPPLIERS:
        return _fault(what, f"{reason}; {NOTHING_RUNS}")
    return _check(what, "note", reason)
