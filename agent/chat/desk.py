"""What a conversation may do with the cases: look, leave a suggestion, leave a draft. Never decide."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from langgraph.checkpoint.base import BaseCheckpointSaver

from agent.chat.conversation import PROMPT, Chat
from agent.chat.scope import scope_of
from agent.chat.types import Talk
from agent.erp_entries import suggestible
from agent.letter_brief import tells_limits
from agent.letter_check import letter_fault
from agent.llm.contract import Task
from agent.llm.prompts import Prompts
from agent.nodes.match_invoice import case_facts
from agent.service import CaseService
from agent.suggestions import STEP, offered_orders, suggestion_fault
from agent.supplier_desk import SupplierDesk
from agent.tool_sources import sources_of
from tools.catalog import Scope, Sources, Toolbox
from tools.catalog.inquiry import state_of
from tools.catalog.toolbox import ForeignTools
from tools.catalog.wishes import LONGEST_DRAFT
from tools.domain import audit
from tools.domain.findings import LineMatch, MatchResult
from tools.domain.identifiers import CaseId, PersonId
from tools.domain.suggestion import (
    DraftDropped,
    DraftMessage,
    DraftRecipient,
    MessageDrafted,
    Suggestion,
    SuggestionMade,
    ToolCalled,
)
from tools.domain.supplier import SupplierChoice
from tools.matching.wording import number_text

if TYPE_CHECKING:  # the libraries behind it take a second to load
    from agent.llm.desks import ModelDesks


class ChatOffice:
    """Implements `Office` over the service."""

    def __init__(self, service: CaseService, sources: Sources, model: str) -> None:
        self._service = service
        self._sources = sources
        self._model = model

    def refusal(self, talk: Talk) -> str | None:
        person = self._sources.hidden("", talk.person)
        return person or inquiry_refusal(self._service, talk)

    @asynccontextmanager
    async def alone(self, talk: Talk) -> AsyncIterator[bool]:
        key = CaseId(talk.thread)
        async with self._service.claims.hold([key]) as taken:
            yield key in taken

    async def scope(self, talk: Talk) -> Scope:
        if talk.case_id is None:
            return Scope(person=talk.person, only_supplier=talk.only_supplier)
        case, state = self._service.case(talk.case_id), await self._service.state(talk.case_id)
        deps, question = self._service.deps, state.get("question")
        if question is None or state.get("match") is None:
            return scope_of(self._sources, case, state, talk.person, talk.only_supplier)
        entries = suggestible(state, deps) if question.step == STEP else {}
        facts = case_facts(state, deps)
        orders = offered_orders(state, question, deps)
        return scope_of(self._sources, case, state, talk.person, talk.only_supplier, facts, entries, orders)

    def about(self, talk: Talk) -> str:
        if talk.case_id is None:
            return ""
        case = self._service.case(talk.case_id)
        if talk.only_supplier is not None and case.supplier_id != talk.only_supplier:
            return ""
        stage = case.stage if talk.only_supplier is None else state_of(case)
        said = (case.case_id, case.number, case.gross, case.supplier_id, case.erp_number, stage)
        return " ".join(filter(None, said))

    async def facts(self, talk: Talk) -> tuple[str, ...]:
        if talk.case_id is None or not self.about(talk):
            return ()
        case = self._service.case(talk.case_id)
        stage = case.stage if talk.only_supplier is None else state_of(case)
        names = {"number": case.number, "ERP number": case.erp_number}
        known = [f"{name} {value}" for name, value in names.items() if value]
        match = (await self._service.state(talk.case_id)).get("match")
        goods = [_goods(line) for line in match.lines] if match is not None else []
        return (", ".join((f"case {case.case_id} {stage.replace('_', ' ')}", *known)), *goods)

    def accounts(self, cases: Iterable[str]) -> tuple[str, ...]:
        found = (self._sources.accounts_of(CaseId(case)) for case in cases)
        return tuple(dict.fromkeys(account for several in found for account in several))

    async def suggest(self, suggestion: Suggestion, person: PersonId) -> str | None:
        state = await self._service.state(suggestion.case_id)
        question = state.get("question")
        if question is None or state.get("match") is None:
            return self._service.stands(suggestion.case_id, "asks nothing that could be suggested")
        fault = suggestion_fault(suggestion, state, question, self._service.deps)
        if fault is None:
            made = SuggestionMade(suggestion=suggestion)
            self._service.deps.log.append(suggestion.case_id, audit.person(person), made)
        return fault

    async def draft(self, draft: DraftMessage, person: PersonId) -> str | None:
        instructions = [part.text for part in Prompts().get(PROMPT).parts]
        fault = letter_fault(draft.to, draft.subject, draft.body, instructions, LONGEST_DRAFT)
        if fault is None and draft.to is DraftRecipient.SUPPLIER:
            fault = await self._limits_told(draft)
        event = (
            MessageDrafted(draft=draft)
            if fault is None
            else DraftDropped(to=draft.to, reason=fault, model=draft.model, prompt=draft.prompt)
        )
        self._service.deps.log.append(draft.case_id, audit.person(person), event)
        return fault

    async def _limits_told(self, draft: DraftMessage) -> str | None:
        state = await self._service.state(draft.case_id)
        if state.get("match") is None:
            return None
        facts = case_facts(state, self._service.deps)
        found = tells_limits(f"{draft.subject}\n{draft.body}", facts, state["match"])
        return f"it tells the supplier a limit of ours ({', '.join(found)})" if found else None

    def called(self, talk: Talk, tool: str, access: str, arguments: dict[str, str], outcome: str) -> None:
        event = ToolCalled(tool=tool, access=access, arguments=arguments, outcome=outcome, model=self._model)
        self._service.deps.log.append(talk.case_id, audit.person(talk.person), event)


def _goods(line: LineMatch) -> str:
    """A row as the model's tools write it."""
    return (
        f"{line.order_number}/{line.order_line_id}, ordered {number_text(line.ordered)}, "
        f"received {number_text(line.received)}"
    )


def inquiry_refusal(service: CaseService, talk: Talk) -> str | None:
    """Why there is no such inquiry, as a sentence; None when there is, or it is none."""
    supplier = talk.only_supplier
    if supplier is None:
        return None
    if service.deps.mirror.get(supplier) is None:
        return f"there is no supplier {supplier} in the copy; run `erp-agent suppliers sync`"
    if talk.case_id is not None and service.case(talk.case_id).supplier_id != supplier:
        return f"{talk.case_id} is no case of supplier {supplier}; an inquiry is about its own documents"
    return None


def chat_of(
    desks: ModelDesks | None,
    service: CaseService,
    suppliers: SupplierDesk,
    saver: BaseCheckpointSaver[Any],
    foreign: ForeignTools | None = None,
) -> Chat | None:
    """The conversations of a process; None where the settings name no model for them. `foreign`: tools of
    other servers."""
    asker = desks.asker(Task.CHAT) if desks is not None else None
    if asker is None:
        return None

    async def match(case_id: CaseId) -> MatchResult | None:
        return (await service.state(case_id)).get("match")

    def search(words: str) -> SupplierChoice:
        return suppliers.resolve(words, city=None, country=None, vat_id=None, iban=None)

    sources = sources_of(service.deps, match, search=search)
    office = ChatOffice(service, sources, asker.name)
    return Chat(office, asker, Prompts(), Toolbox(sources, foreign), saver)
