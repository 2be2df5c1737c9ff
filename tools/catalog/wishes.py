"""What a model would like to happen, for a person to decide: suggestions, drafts, questions."""

from __future__ import annotations

from collections.abc import Mapping

from tools.catalog.result import ToolResult, refused
from tools.catalog.scope import Scope
from tools.catalog.spec import Access, ToolSpec
from tools.domain.suggestion import DraftMessage, DraftRecipient, Suggestion, SuggestionKind
from tools.untrusted_text import tidied

LONGEST_DRAFT = 1200
"""Characters of a draft's body at most; a longer one was cut."""
_KINDS: Mapping[str, SuggestionKind] = {
    "post_invoice": SuggestionKind.RESOLUTION,
    "park_invoice": SuggestionKind.RESOLUTION,
    "post_credit_note": SuggestionKind.RESOLUTION,
    "choose_option": SuggestionKind.RESOLUTION,
    "create_goods_receipt": SuggestionKind.CREATE_GOODS_RECEIPT,
    "hold_invoice": SuggestionKind.HOLD_INVOICE,
    "release_hold": SuggestionKind.RELEASE_HOLD,
    "amend_order_line": SuggestionKind.AMEND_ORDER_LINE,
}
_REFERENCES = ("order_line", "posting", "account")


def carried_out(tool: ToolSpec, arguments: Mapping[str, str], scope: Scope) -> ToolResult:
    """The wish as a record. Its arguments were checked before."""
    if tool.name == "ask_clerk":
        question = tidied(arguments["question"], LONGEST_DRAFT)
        return ToolResult(text="The question goes to the clerk.", question=question)
    if scope.case_id is None:
        return refused("say first which case it is about")
    if tool.access is Access.TALK:
        return _draft(arguments, scope)
    kind = _KINDS.get(tool.name)
    return (
        refused(f"{tool.name} cannot be suggested") if kind is None else _suggestion(kind, arguments, scope)
    )


def _draft(arguments: Mapping[str, str], scope: Scope) -> ToolResult:
    if scope.case_id is None:
        return refused("say first which case it is about")
    draft = DraftMessage(
        case_id=scope.case_id,
        to=DraftRecipient(arguments["recipient"]),
        language=arguments["language"],
        subject=tidied(arguments["subject"], LONGEST_DRAFT),
        body="\n".join(tidied(line, LONGEST_DRAFT) for line in arguments["body"].splitlines()),
        model=scope.model,
        prompt=scope.prompt,
    )
    return ToolResult(text="The draft lies ready; a person reads, changes and sends it.", draft=draft)


def _suggestion(kind: SuggestionKind, arguments: Mapping[str, str], scope: Scope) -> ToolResult:
    if scope.case_id is None:
        return refused("say first which case it is about")
    suggestion = Suggestion(
        case_id=scope.case_id,
        kind=kind,
        option=arguments.get("resolution", ""),
        references={name: arguments[name] for name in _REFERENCES if name in arguments},
        reason=tidied(arguments["reason"], LONGEST_DRAFT),
        findings=scope.findings,
        model=scope.model,
        prompt=scope.prompt,
    )
    told = f"Suggested as {suggestion.suggestion_id}; nothing is done until a person takes it."
    return ToolResult(text=told, suggestion=suggestion)
