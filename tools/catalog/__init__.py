"""What a model may ask for: reading, suggesting, talking. Nothing here writes or needs a model."""

from tools.catalog.case_scope import case_scope
from tools.catalog.offer import offered
from tools.catalog.result import ToolResult
from tools.catalog.schema import call_schema
from tools.catalog.scope import Choice, Scope
from tools.catalog.sources import Sources
from tools.catalog.spec import Access, Parameter, Ref, ToolSpec
from tools.catalog.toolbox import Toolbox
from tools.catalog.tools import TOOLS

__all__ = [
    "Access",
    "Choice",
    "Parameter",
    "Ref",
    "Scope",
    "Sources",
    "TOOLS",
    "ToolResult",
    "ToolSpec",
    "Toolbox",
    "call_schema",
    "case_scope",
    "offered",
]
