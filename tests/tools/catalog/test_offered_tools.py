"""Few tools at a time, chosen the same way each time, with schemas that leave nothing to invent."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.catalog import TOOLS, Access, Choice, Ref, Scope, ToolSpec, call_schema, offered
from tools.catalog.foreign import unsaid
from tools.catalog.hearing import days_in, stages_in
from tools.catalog.result import refused
from tools.catalog.schema import MOST_IDS, can_be_called
from tools.domain.findings import DiscrepancyKind
from tools.domain.identifiers import CaseId, SupplierId
from tools.matching.ways_out import Effect

KINDS = st.lists(st.sampled_from(list(DiscrepancyKind)), max_size=6)


def names(tools: Any) -> set[str]:
    return {tool.name for tool in tools}


def test_a_tool_without_a_mark_counts_as_one_that_writes() -> None:
    assert ToolSpec(name="new_tool", description="").access is Access.WRITE


def test_every_tool_that_changes_something_is_marked_as_writing() -> None:
    reading = names(tool for tool in TOOLS if tool.access is Access.READ)

    assert all(name.startswith(("get_", "list_", "find_", "search_", "explain_")) for name in reading)
    assert names(tool for tool in TOOLS if tool.access is Access.TALK) == {"ask_clerk", "draft_message"}


@pytest.mark.parametrize("tool", [tool for tool in TOOLS if tool.access is Access.WRITE])
def test_what_would_be_written_is_told_by_reference_only(tool: ToolSpec) -> None:
    free = [entry for entry in tool.parameters if entry.ref.is_free]

    assert [entry.name for entry in free] == ["reason"]


@given(KINDS, st.text(max_size=80))
def test_at_most_seven_are_offered_always_the_same_with_asking_back(
    kinds: list[DiscrepancyKind], text: str
) -> None:
    first, again = offered(kinds, text), offered(list(reversed(kinds)), text)

    assert first == again
    assert len(first) <= 7
    assert "ask_clerk" in names(first)
    assert all(tool.access is not Access.WRITE for tool in first)
    assert list(first) == [tool for tool in TOOLS if tool in first]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Why is this blocked?", "explain_match"),
        ("Warum weicht der Preis ab?", "explain_match"),
        ("Quels postes sont impayés ?", "list_open_items"),
        ("Wat staat er nog openstaand?", "list_open_items"),
        ("Was wurde geliefert?", "list_goods_receipts"),
        ("Schreib dem Lieferanten einen Brief", "draft_message"),
        ("quelle est la limite", "get_policy"),
        ("zoek factuur 77", "search_cases"),
    ],
)
def test_words_of_four_languages_bring_their_tool(text: str, name: str) -> None:
    assert name in names(offered((), text))


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (DiscrepancyKind.NO_RECEIPT, "list_goods_receipts"),
        (DiscrepancyKind.DUPLICATE_SUSPECT, "get_posted_invoices"),
        (DiscrepancyKind.SUPPLIER_AMBIGUOUS, "get_supplier"),
        (DiscrepancyKind.PRICE_OVER, "get_policy"),
    ],
)
def test_findings_bring_the_tools_they_need(kind: DiscrepancyKind, name: str) -> None:
    assert name in names(offered([kind]))


def test_writing_is_offered_only_where_it_is_asked_for() -> None:
    everything = frozenset(Access)

    assert "hold_invoice" in names(offered((), "please hold and stop it", access=everything))
    assert "hold_invoice" not in names(offered((), "please hold and stop it"))


def test_every_tool_has_words_or_findings_that_bring_it() -> None:
    for tool in TOOLS:
        said = tool.name.replace("_", " ")
        assert tool.name in names(offered((), said, access={tool.access}, most=3)), tool.name


SCOPE = Scope(
    case_id=CaseId("C-000001"),
    ids={Ref.ORDER: tuple(f"PO-{number}" for number in range(100)), Ref.POSTING: ("PI-1",)},
    choices=(
        Choice.of("accept_price", "Accept"),
        Choice.of("accept_price+accept_quantity"),
        Choice.of("recheck"),
        Choice.of("park"),
        Choice.of("return_to_supplier"),
    ),
)


def schema_of(name: str, scope: Scope = SCOPE, text: str = "") -> dict[str, Any] | None:
    tool = next(tool for tool in TOOLS if tool.name == name)
    if not can_be_called(tool, scope, text):
        return None
    found: dict[str, Any] = call_schema([tool], scope, text)["properties"]["arguments"]["properties"]
    return found


def test_options_are_those_that_the_tool_stands_for() -> None:
    assert SCOPE.choices[0].effect is Effect.POST
    assert (schema_of("post_invoice") or {})["resolution"]["enum"] == [
        "accept_price",
        "accept_price+accept_quantity",
    ]
    assert (schema_of("park_invoice") or {})["resolution"]["enum"] == ["park"]
    assert (schema_of("choose_option") or {})["resolution"]["enum"] == ["recheck", "return_to_supplier"]
    assert schema_of("post_credit_note") is None


def test_a_grammar_holds_no_more_ids_than_it_can_carry() -> None:
    order = (schema_of("get_purchase_order") or {})["order"]

    assert len(order["enum"]) == MOST_IDS


def test_what_a_person_names_comes_first_and_optional_arguments_need_it() -> None:
    heard = SCOPE.heard({Ref.ORDER: ("PO-99",), Ref.STAGE: ("posted",)})

    assert (schema_of("get_purchase_order", heard) or {})["order"]["enum"][0] == "PO-99"
    assert schema_of("list_cases") == {}
    assert (schema_of("list_cases", heard) or {})["stage"]["enum"] == ["posted"]


def test_nothing_is_searched_by_words_that_nobody_wrote() -> None:
    assert schema_of("find_supplier") is None
    assert schema_of("find_supplier", text="who is Nord?") is not None


def test_nothing_is_suggested_without_a_case() -> None:
    nowhere = Scope(ids={Ref.POSTING: ("PI-1",)})

    assert schema_of("hold_invoice", nowhere) is None
    assert schema_of("draft_message", nowhere) is None
    assert schema_of("hold_invoice") is not None


def test_a_tool_of_another_server_keeps_its_own_arguments() -> None:
    arguments = {"type": "object", "properties": {"q": {"type": "string"}}, "required": ["q"]}
    tool = ToolSpec(name="mcp_x", description="", access=Access.READ, arguments=arguments, is_foreign=True)

    assert call_schema([tool], SCOPE, "x")["properties"]["arguments"] == arguments
    assert call_schema([tool], SCOPE)["oneOf"] == []


def test_a_scope_grows_and_stays_about_one_supplier() -> None:
    scope = Scope(only_supplier=SupplierId("10042"))

    assert scope.may_be_about("10042")
    assert not scope.may_be_about("10043") and not scope.may_be_about(None)
    assert scope.plus({Ref.ORDER: ("A",)}).plus({Ref.ORDER: ("A", "B")}).known(Ref.ORDER) == ("A", "B")


def test_days_and_stages_are_heard_as_they_are_certain() -> None:
    assert days_in("since 2026-03-01 or 5.4.2026, not 31.2.2026, not 03/04/2026") == [
        "2026-03-01",
        "2026-04-05",
    ]
    assert stages_in("Was ist schon gebucht?") == ("posted",)
    assert stages_in("what is new") == ()


def test_a_refusal_is_its_own_outcome() -> None:
    assert refused("no").outcome == "no"


FOREIGN = ToolSpec(
    name="warehouse_stock",
    description="",
    access=Access.READ,
    is_foreign=True,
    arguments={
        "properties": {
            "item": {"type": "string"},
            "unit": {"type": "string", "enum": ["piece"]},
            "most": {"type": "integer"},
        }
    },
)


@pytest.mark.parametrize(
    "arguments",
    [
        {"item": "BRACKET"},
        {"item": "m8  bracket"},
        {"item": "PO-77"},
        {"item": "bracket", "unit": "piece", "most": 5},
        {"most": "5"},
    ],
)
def test_words_of_the_person_and_ids_of_records_may_go_to_another_server(arguments: dict[str, Any]) -> None:
    scope = Scope(ids={Ref.ORDER: ("PO-77",)}, words="How many M8 bracket are there?")

    assert unsaid(FOREIGN, arguments, scope) is None


@pytest.mark.parametrize(
    "text",
    ["12.00 EUR", "rack", "bracket 12.00 EUR", "PO-78", "there M8", "", " ", "price_over", "How.many"],
)
def test_nothing_else_goes_to_another_server(text: str) -> None:
    scope = Scope(
        ids={Ref.ORDER: ("PO-77",), Ref.FINDING: ("price_over",)}, words="How many M8 bracket are there?"
    )

    assert "item" in (unsaid(FOREIGN, {"item": text}, scope) or "")
    assert unsaid(FOREIGN, {"unknown": text}, scope) is not None
