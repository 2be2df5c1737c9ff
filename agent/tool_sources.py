"""What the steps work with, as the sources that a model's tools read from."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from agent.state import Deps
from tools.case_list import CaseList
from tools.catalog.sources import Sources
from tools.domain.findings import MatchResult
from tools.domain.identifiers import CaseId
from tools.domain.supplier import SupplierChoice

Match = Callable[[CaseId], Awaitable[MatchResult | None]]


def sources_of(
    deps: Deps,
    match: Match | None = None,
    *,
    search: Callable[[str], SupplierChoice] | None = None,
) -> Sources:
    """`match` tells the match of a case, which stands in its checkpoint; without it the log's findings are
    told. `search` finds suppliers by name; without it those whose name holds the words are told."""
    known = {} if match is None else {"match": match}
    return Sources(
        reader=deps.reader,
        erp=deps.erp.kind,
        capabilities=deps.erp.capabilities,
        mirror=deps.mirror,
        archive=deps.archive,
        facts=deps.facts,
        cases=CaseList(deps.log.store),
        log=deps.log,
        profile=deps.profile,
        match_policy=deps.match_policy,
        approval_policy=deps.approval_policy,
        search=search,
        past=deps.knowledge,
        **known,
    )
