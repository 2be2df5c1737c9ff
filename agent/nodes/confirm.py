"""Last step: what the ERP holds is compared with what was approved, and the case is closed."""

from __future__ import annotations

from agent.state import CaseState, Deps, Stage
from tools.domain.audit import SERVICE, CaseClosed, DocumentAttached
from tools.domain.decision import ParkInvoice
from tools.erp.contract import Capability


async def confirm(case: CaseState, deps: Deps) -> CaseState:
    posting, proposal = case.get("posting"), case.get("proposal")
    if posting is None or proposal is None:
        return {}
    if Capability.ATTACH_DOCUMENT in deps.erp.capabilities:
        document = deps.archive.document(case["document_id"])
        await deps.erp.attach(posting, document.name, document.content)
        attached = DocumentAttached(document_id=document.document_id, erp_id=posting.erp_id)
        deps.log.append(case["case_id"], SERVICE, attached)
    stage = Stage.PARKED if isinstance(proposal.action, ParkInvoice) else Stage.POSTED
    return deps.note(
        case,
        SERVICE,
        CaseClosed(outcome=stage.value, reason=f"{stage} as {posting.number}"),
        stage=stage,
        reason=f"{posting.number} in {deps.erp.kind}",
    )
