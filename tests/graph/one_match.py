"""The match of the one case that a test is about."""

from __future__ import annotations

from agent.tool_sources import Match
from tools.domain.findings import MatchResult
from tools.domain.identifiers import CaseId


def only(case_id: CaseId, found: MatchResult | None) -> Match:
    """None for every other case."""

    async def match(asked: CaseId) -> MatchResult | None:
        return found if asked == case_id else None

    return match
