"""Last step: what the ERP holds is compared with what was approved, and the case is closed."""

from __future__ import annotations

from agent.state import CaseState, Deps, Stage
from tools.domain.audit import SERVICE, CaseClosed, DocumentAttached, StepFailed
from tools.domain.decision import Action, ParkInvoice, PostCreditNote, Posting, PostInvoice
from tools.erp.contract import Capability
from tools.erp.errors import ErpAccessDenied, ErpChanged, ErpRejected, NotSupported


async def confirm(case: CaseState, deps: Deps) -> CaseState:
    """Raises ErpUnavailable or OutcomeUnknown while the document cannot be attached: the step runs again."""
    posting, proposal = case.get("posting"), case.get("proposal")
    if posting is None or proposal is None:
        return {}
    if Capability.ATTACH_DOCUMENT in deps.erp.capabilities:
        await _attach(case, deps, posting)
    deps.coding_history.keep(proposal, deps.today())
    stage = Stage.PARKED if isinstance(proposal.action, ParkInvoice) else Stage.POSTED
    noted = _noted(proposal.action, posting)
    return deps.note(
        case,
        SERVICE,
        CaseClosed(outcome=stage.value, reason=f"{stage} as {posting.number}{noted}"),
        stage=stage,
        reason=f"{posting.number} in {deps.erp.kind}{noted}",
    )


def _noted(action: Action, posting: Posting) -> str:
    """What the ERP notes on the document, such as a payment block that its tolerances set: posted is not yet
    payable. Our own reference, kept by some, is no news."""
    own = action.invoice_key.text if isinstance(action, PostInvoice | ParkInvoice | PostCreditNote) else None
    return f"; {posting.reference}" if posting.reference and posting.reference != own else ""


async def _attach(case: CaseState, deps: Deps, posting: Posting) -> None:
    """Keep the document with its posting. An ERP that will not have it does not undo the posting."""
    document = deps.archive.document(case["document_id"])
    attached = DocumentAttached(document_id=document.document_id, erp_id=posting.erp_id)
    if any(record.event == attached for record in deps.log.records(case["case_id"])):
        return
    try:
        await deps.erp.attach(posting, document.name, document.content)
    except (ErpRejected, ErpAccessDenied, ErpChanged, NotSupported) as error:
        told = StepFailed(error=type(error).__name__, message=f"the document was not attached: {error}")
        deps.log.append(case["case_id"], SERVICE, told)
    else:
        deps.log.append(case["case_id"], SERVICE, attached)
