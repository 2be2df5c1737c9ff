"""Carries out what a model asks for, after checking all of it again: a call is a wish, whoever made it.

No call raises for what a model says: a tool that does not exist, an id nobody named, an option that is not
offered are refused in words. Nothing here can write: the sources are read only, and what would change
something comes back as a suggestion for a person.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol

from tools.case_list import CaseSummary
from tools.catalog import cases, findings, inquiry, invoices, orders, suppliers, wishes
from tools.catalog.foreign import unsaid
from tools.catalog.hearing import hear
from tools.catalog.result import ToolResult, refused
from tools.catalog.schema import ENTRIES, values
from tools.catalog.scope import Scope
from tools.catalog.sources import Sources
from tools.catalog.spec import Access, Parameter, Ref, ToolSpec
from tools.catalog.tools import TOOLS
from tools.domain.identifiers import CaseId
from tools.erp.contract import Capability
from tools.erp.errors import ErpError

Read = Callable[..., Awaitable[ToolResult]]
_READS: Mapping[str, Read] = {
    "get_purchase_order": orders.get_purchase_order,
    "list_goods_receipts": orders.list_goods_receipts,
    "find_supplier": suppliers.find_supplier,
    "get_supplier": suppliers.get_supplier,
    "list_open_items": suppliers.list_open_items,
    "get_policy": findings.get_policy,
    "find_account": findings.find_account,
    "list_cases": cases.list_cases,
    "search_cases": cases.search_cases,
}
_READS_OF_CASE: Mapping[str, Read] = {
    "get_invoice": invoices.get_invoice,
    "get_posted_invoices": invoices.get_posted_invoices,
    "explain_match": findings.explain_match,
    "search_similar_cases": findings.search_similar_cases,
}
_FOR_SUPPLIERS: Mapping[str, Read] = {
    "get_invoice": inquiry.get_invoice,
    "list_open_items": suppliers.list_open_items,
    "list_cases": inquiry.list_cases,
    "search_cases": inquiry.search_cases,
}
"""All that an inquiry by a supplier may read, in words of its own."""
_CAPABILITIES: Mapping[str, Capability] = {
    "list_open_items": Capability.READ_OPEN_ITEMS,
    "find_account": Capability.READ_ACCOUNTS,
    "list_goods_receipts": Capability.READ_RECEIPTS,
    "park_invoice": Capability.PARK_INVOICE,
    "post_credit_note": Capability.POST_CREDIT_NOTE,
    "create_goods_receipt": Capability.CREATE_GOODS_RECEIPT,
    "hold_invoice": Capability.HOLD_INVOICE,
    "release_hold": Capability.RELEASE_HOLD,
    "amend_order_line": Capability.AMEND_ORDER_LINE,
}


class ForeignTools(Protocol):
    """Tools of other servers."""

    @property
    def specs(self) -> Sequence[ToolSpec]: ...

    async def load(self) -> None:
        """Asks the servers, once; raises nothing for what they do."""
        ...

    async def call(self, tool: ToolSpec, arguments: Mapping[str, Any]) -> ToolResult:
        """Reads; a tool that may write is refused. Raises nothing for what the server does."""
        ...


class Toolbox:
    """The tools over the sources of one company; `foreign` adds those of other servers."""

    def __init__(self, sources: Sources, foreign: ForeignTools | None = None) -> None:
        self._sources = sources
        self._foreign = foreign

    async def open(self) -> None:
        """Ask other servers for their tools, where there are any; the first time only."""
        if self._foreign is not None:
            await self._foreign.load()

    @property
    def listed(self) -> tuple[ToolSpec, ...]:
        """All tools, the same for every conversation of the process: for the constant part of a prompt."""
        return (*TOOLS, *(self._foreign.specs if self._foreign is not None else ()))

    def tools(self, scope: Scope) -> tuple[ToolSpec, ...]:
        """Those that this ERP, this person and this conversation have."""
        return tuple(tool for tool in self.listed if self._fault(tool, scope) is None)

    def hear(self, text: str, scope: Scope) -> Scope:
        """The scope with the records that the person names in `text`."""
        return hear(text, scope, self._sources)

    async def call(self, name: str, arguments: Mapping[str, Any], scope: Scope) -> ToolResult:
        """What came of it. Grow the scope with `scope.after(result)`."""
        tool = self._named(name)
        if tool is None:
            return refused("there is no such tool")
        fault = self._fault(tool, scope)
        if fault is not None:
            return refused(fault)
        if tool.is_foreign and self._foreign is not None:
            fault = unsaid(tool, arguments, scope) if tool.access is Access.READ else None
            if fault is not None:
                return refused(fault)
            return await self._foreign.call(tool, arguments)
        checked = _checked(tool, arguments, scope)
        if isinstance(checked, str):
            return refused(checked)
        if tool.access is not Access.READ:
            return wishes.carried_out(tool, checked, scope)
        try:
            return self._cleaned(await self._read(tool, checked, scope), scope)
        except ErpError as error:
            return refused(f"the ERP did not tell: {type(error).__name__}")

    def _cleaned(self, result: ToolResult, scope: Scope) -> ToolResult:
        """Without the accounts of the cases it tells of, whatever part of the result repeats them."""
        named = {scope.case_id, *map(CaseId, result.ids.get(Ref.CASE, ()))} - {None}
        accounts = (account for case in named if case for account in self._sources.accounts_of(case))
        return result.without(accounts)

    def _named(self, name: str) -> ToolSpec | None:
        return next((tool for tool in self.listed if tool.name == name), None)

    def _fault(self, tool: ToolSpec, scope: Scope) -> str | None:
        capability = _CAPABILITIES.get(tool.name)
        if capability is not None and capability not in self._sources.capabilities:
            return f"this ERP has no {capability.value.replace('_', ' ')}"
        if scope.only_supplier is not None and not _is_for_suppliers(tool):
            return f"{tool.name} is not for inquiries of suppliers"
        return self._sources.hidden(tool.name, scope.person)

    async def _read(self, tool: ToolSpec, arguments: dict[str, str], scope: Scope) -> ToolResult:
        if scope.only_supplier is not None:
            return await _FOR_SUPPLIERS[tool.name](self._sources, scope, **arguments)
        if tool.name in _READS:
            return await _READS[tool.name](self._sources, scope, **arguments)
        case = self._case(arguments["case"], scope)
        if case is None:
            return refused(f"there is no case {arguments['case']} here")
        return await _READS_OF_CASE[tool.name](self._sources, scope, case)

    def _case(self, case_id: str, scope: Scope) -> CaseSummary | None:
        case = self._sources.cases.get(CaseId(case_id))
        return case if case is not None and scope.may_be_about(case.supplier_id) else None


def _is_for_suppliers(tool: ToolSpec) -> bool:
    return not tool.is_foreign and (tool.name in _FOR_SUPPLIERS or tool.access is Access.TALK)


def _checked(tool: ToolSpec, arguments: Mapping[str, Any], scope: Scope) -> dict[str, str] | str:
    """The arguments as texts, or why they cannot be used."""
    names = {entry.name for entry in tool.parameters}
    if unknown := sorted(str(name) for name in arguments if name not in names):
        return f"{tool.name} takes no {unknown[0][:40]}"
    found: dict[str, str] = {}
    for entry in tool.parameters:
        value = arguments.get(entry.name)
        if value is None and not entry.required:
            continue
        if not isinstance(value, str) or not value.strip():
            return f"{tool.name} needs {entry.name}"
        fault = _fault_of(tool, entry, value, scope)
        if fault is not None:
            return fault
        found[entry.name] = value
    return found


def _fault_of(tool: ToolSpec, entry: Parameter, value: str, scope: Scope) -> str | None:
    if entry.ref is Ref.TEXT:
        return f"{entry.name} is longer than {entry.most} characters" if len(value) > entry.most else None
    is_known = _is_record(entry.ref) and tool.name not in ENTRIES
    known = scope.known(entry.ref) if is_known else values(tool, entry, scope)
    return None if value in known else f"{entry.name} {value[:40]!r} is not known here"


def _is_record(ref: Ref) -> bool:
    return not ref.is_free and ref is not Ref.RESOLUTION
