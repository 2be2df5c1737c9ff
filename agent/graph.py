"""The flow of one invoice, top to bottom: each step stands with its way out under it.

One case is one thread. Rules decide what rules can decide; a person decides the rest; only `post` writes.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Protocol

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime

from agent.nodes.confirm import confirm
from agent.nodes.find_supplier import find_supplier
from agent.nodes.gather_facts import gather_facts
from agent.nodes.investigate import investigate
from agent.nodes.match_invoice import match_invoice
from agent.nodes.post import post
from agent.nodes.propose import propose
from agent.nodes.read_invoice import read_invoice
from agent.nodes.wait_for_approval import wait_for_approval
from agent.state import FINAL, CaseState, Deps

CaseGraph = CompiledStateGraph[CaseState, Deps, CaseState, CaseState]


def ended_or(following: str) -> Callable[[CaseState], str]:
    """To the end when the case is closed, else on."""
    return lambda case: END if case.get("stage") in FINAL else following


def ask_or(following: str) -> Callable[[CaseState], str]:
    """To the person when the step asked something, to the end when the case is closed, else on."""

    def route(case: CaseState) -> str:
        if case.get("stage") in FINAL:
            return END
        return "wait_for_approval" if case.get("question") is not None else following

    return route


def after_match(case: CaseState) -> str:
    match = case.get("match")
    return "propose" if match is not None and match.is_clean else "investigate"


def after_investigate(case: CaseState) -> str:
    if case.get("stage") in FINAL:
        return END
    if case.get("question") is not None:
        return "wait_for_approval"
    return "propose" if case.get("resolution") is not None else "find_supplier"


def after_waiting(case: CaseState) -> str:
    """An answer goes to the step that asked; a word on the proposal goes to `post`; a proposal that the ERP's
    own changes made void is matched again."""
    answer, question = case.get("answer"), case.get("question")
    if question is None and case.get("proposal") is None:
        return "find_supplier"
    return question.step if answer is not None and question is not None else "post"


def after_post(case: CaseState) -> str:
    if case.get("stage") in FINAL:
        return END
    if case.get("question") is not None:
        return "wait_for_approval"
    if case.get("posting") is not None:
        return "confirm"
    return "gather_facts" if case.get("proposal") is None else "wait_for_approval"


class _Node(Protocol):
    async def __call__(self, state: CaseState, *, runtime: Runtime[Deps]) -> CaseState: ...


def _given(step: Callable[[CaseState, Deps], Awaitable[CaseState]], deps: Deps) -> _Node:
    """One graph for all sets of dependencies: every word of a person is carried out with a set of its own,
    and compiling a graph for it takes some milliseconds."""

    async def node(state: CaseState, *, runtime: Runtime[Deps]) -> CaseState:
        given = runtime.context
        # Who runs the graph over a server's interface can give it a context of plain data: that is none.
        return await step(state, given if isinstance(given, Deps) else deps)

    return node


def build(deps: Deps, checkpointer: BaseCheckpointSaver[Any] | None = None) -> CaseGraph:
    """The compiled graph. Its steps work with the dependencies that a run is given as its context, and with
    `deps` where it is given none."""
    flow: StateGraph[CaseState, Deps, CaseState, CaseState] = StateGraph(CaseState)

    flow.add_edge(START, "read_invoice")
    flow.add_node("read_invoice", _given(read_invoice, deps))
    flow.add_conditional_edges("read_invoice", ended_or("find_supplier"), ["find_supplier", END])

    flow.add_node("find_supplier", _given(find_supplier, deps))
    flow.add_conditional_edges(
        "find_supplier", ask_or("gather_facts"), ["wait_for_approval", "gather_facts", END]
    )

    flow.add_node("gather_facts", _given(gather_facts, deps))
    flow.add_edge("gather_facts", "match_invoice")

    flow.add_node("match_invoice", _given(match_invoice, deps))
    flow.add_conditional_edges("match_invoice", after_match, ["propose", "investigate"])

    flow.add_node("investigate", _given(investigate, deps))
    flow.add_conditional_edges(
        "investigate", after_investigate, ["wait_for_approval", "propose", "find_supplier", END]
    )

    flow.add_node("propose", _given(propose, deps))
    flow.add_conditional_edges("propose", ask_or("wait_for_approval"), ["wait_for_approval", END])

    flow.add_node("wait_for_approval", partial(wait_for_approval))
    flow.add_conditional_edges("wait_for_approval", after_waiting, ["find_supplier", "investigate", "post"])

    flow.add_node("post", _given(post, deps))
    flow.add_conditional_edges("post", after_post, ["confirm", "wait_for_approval", "gather_facts", END])

    flow.add_node("confirm", _given(confirm, deps))
    flow.add_edge("confirm", END)
    return flow.compile(checkpointer=checkpointer)


def picture(graph: CaseGraph) -> str:
    """The flow as Mermaid text, as it stands in the README."""
    return graph.get_graph().draw_mermaid()
