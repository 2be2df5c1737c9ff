"""What a process has to do without, told to whoever started it: models that cannot be asked, servers whose
tools cannot be used. Work goes on without them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agent.application import Application


async def at_start(application: Application) -> list[str]:
    """Sentences, before any work: what cannot be used as the settings have it. Other servers are asked for
    their tools; it takes as long as their settings allow, where one does not answer."""
    found = meanwhile(application)
    servers = application.foreign
    if servers is None or application.chat is None:
        return found
    await servers.load()
    if servers.troubles:
        found += servers.troubles
        found.append("conversations go on without these tools; `erp-agent doctor` says more")
    return found


def meanwhile(application: Application) -> list[str]:
    """What went wrong with models since this was last asked, each trouble once."""
    if application.desks is None:
        return []
    return [f"{told}; work goes on without it" for told in application.desks.untold()]


def at_end(application: Application) -> list[str]:
    """What `meanwhile` tells, and in one sentence how many questions no model answered during the work."""
    found = meanwhile(application)
    left = application.desks.left_alone() if application.desks is not None else None
    return found if left is None else [*found, left]
