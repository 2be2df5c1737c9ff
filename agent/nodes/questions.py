"""What all asking steps share: reading the answer that belongs to them, and closing a case."""

from __future__ import annotations

from agent.state import Answer, CaseState, Deps, Question, Stage
from tools.domain import audit


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
