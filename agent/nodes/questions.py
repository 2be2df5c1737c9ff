"""What all asking steps share: reading the answer that belongs to them, and closing a case; and what a person
may say of a document's kind where reading it left that open."""

from __future__ import annotations

from agent.state import Answer, CaseState, Deps, Option, Question, Stage
from tools.document_kind import decided, other_kind
from tools.domain import audit
from tools.domain.documents import DocumentType
from tools.matching.document_print import print_of

KIND_OPTION = "is_"
"""Beginning of the options: `is_credit_note`, `is_invoice`."""
_SAID = {
    DocumentType.CREDIT_NOTE: ("It is a credit note", "It gives money back and is posted as a credit note."),
    DocumentType.INVOICE: ("It is an invoice", "It asks for money and is posted as an invoice."),
}


def answer_to(case: CaseState, step: str) -> Answer | None:
    """The answer to the question this step asked, if there is one now."""
    answer, question = case.get("answer"), case.get("question")
    if answer is None or question is None or question.step != step:
        return None
    return answer if answer.question_id == question.question_id else None


def close_case(case: CaseState, deps: Deps, answer: Answer, reason: str) -> CaseState:
    """End the case without a posting, by a person's decision."""
    words = f"{reason} ({answer.remark})" if answer.remark else reason
    change = deps.note(
        case,
        audit.person(answer.person),
        audit.CaseClosed(outcome=Stage.REJECTED.value, reason=words),
        stage=Stage.REJECTED,
        reason=words,
    )
    return change | {"question": None, "answer": None, "proposal": None}


def ask(case: CaseState, deps: Deps, question: Question, stage: Stage, reason: str) -> CaseState:
    """Leave the question for the step that waits, and note it."""
    asked = audit.QuestionAsked(
        question_id=question.question_id,
        question=question.text,
        options=tuple(option.id for option in question.options),
    )
    change = deps.note(case, audit.SERVICE, asked, stage=stage, reason=reason)
    return change | {"question": question, "answer": None}


def kind_options(case: CaseState, deps: Deps) -> list[Option]:
    """One answer where a person may say what the document is; what else a model read of it still has to be
    compared with the document."""
    kind = other_kind(deps.archive.reading(case["document_id"]))
    if kind is None:
        return []
    label, description = _SAID[kind]
    told = f"{description} Then it is matched again. Decides: accounts payable."
    return [
        Option(
            id=f"{KIND_OPTION}{kind}",
            label=label,
            description=told,
            inputs=("reason",),
            who="accounts payable",
        )
    ]


def kind_said(answer: Answer) -> DocumentType | None:
    """The kind that an answer says; None for every other answer."""
    return next((kind for kind in DocumentType if answer.option == f"{KIND_OPTION}{kind}"), None)


def keep_kind(case: CaseState, deps: Deps, kind: DocumentType, answer: Answer) -> str:
    """Keep the document as what the person says it is, for this case and for all that later compare
    themselves with it; returns that in words. A step that runs again finds it kept."""
    reading = deps.archive.reading(case["document_id"])
    if reading is not None and other_kind(reading) is kind:
        settled = decided(reading, kind)
        event = audit.DocumentKindDecided(
            document_id=case["document_id"],
            document_type=kind.value,
            person=answer.person,
            reason=answer.remark or answer.values.get("reason", ""),
        )
        paper = print_of(settled.invoice, deps.profile.company) if settled.invoice is not None else None
        deps.archive.complete(case["case_id"], settled, paper, event, audit.person(answer.person))
    return _SAID[kind][0]
