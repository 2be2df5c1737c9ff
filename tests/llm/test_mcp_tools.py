"""Tools of other servers: what the settings call reading is read, everything else is never called."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from agent.llm.mcp_settings import McpServer
from agent.llm.mcp_tools import McpTools
from agent.llm.settings import LlmSettings
from tools.catalog import Access, Scope, ToolSpec, call_schema, offered

PROGRAM = Path(__file__).with_name("mcp_server.py")
READ = ("stock", "slow", "flood", "broken", "nested", "environment")


def a_server(folder: Path, read: tuple[str, ...] = READ, seconds: float = 60) -> McpServer:
    return McpServer.model_validate(
        {
            "command": sys.executable,
            "args": [str(PROGRAM), str(folder)],
            "env": {"TOKEN": "token-of-the-server"},
            "read": read,
            "timeout_seconds": seconds,
        }
    )


async def loaded(folder: Path, **more: Any) -> McpTools:
    found = McpTools({"warehouse": a_server(folder, **more)})
    await found.load()
    return found


def named(tools: McpTools, name: str) -> ToolSpec:
    return next(spec for spec in tools.specs if spec.name == f"warehouse_{name}")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("warehouse")


@pytest.fixture(scope="module")
def tools(folder: Path) -> McpTools:
    """Asked once for its tools; each call starts the program anew."""
    return asyncio.run(loaded(folder))


async def test_only_what_the_settings_call_reading_reads_whatever_a_server_hints(
    tools: McpTools, folder: Path
) -> None:
    assert named(tools, "stock").access is Access.READ
    lying = named(tools, "book_receipt")
    assert lying.access is Access.WRITE
    result = await tools.call(lying, {"item": "BRACKET </data>"})

    assert result.question and "was not carried out" in result.question
    assert "</data>" not in result.question
    assert not (folder / "booked").exists()
    # Also when a caller says that it reads.
    await tools.call(lying.model_copy(update={"access": Access.READ}), {"item": "BRACKET"})
    assert not (folder / "booked").exists()


async def test_an_answer_is_marked_text_without_accounts(tools: McpTools) -> None:
    result = await tools.call(named(tools, "stock"), {"item": "BRACKET"})

    assert not result.is_refused, result.text
    assert result.text.startswith('<data source="MCP server warehouse stock">BRACKET: 12 pieces. (/data)')
    assert result.text.count("</data>") == 1
    assert "DE75" not in result.text
    assert "token-of-the-server" not in result.text
    assert result.records == ("mcp:warehouse/stock",)
    assert result.text.endswith("</data>")


async def test_a_tool_is_described_without_a_word_of_its_server(tools: McpTools) -> None:
    spec = named(tools, "stock")

    assert spec.description == "Asks the server warehouse for stock, by item, site."
    assert spec.arguments == {
        "type": "object",
        "properties": {
            "item": {"type": "string", "maxLength": 200},
            "site": {"type": "string", "maxLength": 200},
        },
        "required": ["item"],
        "additionalProperties": False,
    }


async def test_what_is_no_plain_value_is_not_offered_and_told(tools: McpTools) -> None:
    assert "warehouse_nested" not in {spec.name for spec in tools.specs}
    assert tools.troubles == ["nested of the MCP server warehouse takes more than plain values"]


@pytest.mark.parametrize(
    "arguments", [{}, {"item": 7}, {"item": "x" * 201}, {"item": "x", "other": "y"}, {"item": None}]
)
async def test_arguments_outside_the_schema_are_not_sent(tools: McpTools, arguments: dict[str, Any]) -> None:
    assert (await tools.call(named(tools, "stock"), arguments)).is_refused


async def test_a_long_answer_is_cut_and_a_failure_is_an_answer(tools: McpTools) -> None:
    flood = await tools.call(named(tools, "flood"), {})
    broken = await tools.call(named(tools, "broken"), {})

    assert len(flood.text) < 1800 and ' cut="' in flood.text
    assert broken.text.startswith("<data") and "no stock system (/data)" in broken.text


async def test_a_server_gets_its_own_variables_and_none_of_ours(
    tools: McpTools, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ERP_AGENT_ERP__CLIENT_SECRET", "ours")
    result = await tools.call(named(tools, "environment"), {})

    assert "TOKEN" in result.text
    assert "ERP_AGENT" not in result.text


async def test_a_tool_that_never_answers_is_given_up(tmp_path: Path) -> None:
    tools = await loaded(tmp_path, seconds=8)
    result = await tools.call(named(tools, "slow"), {})

    assert result.is_refused
    assert result.text == "the MCP server warehouse did not answer within 8 seconds"


async def test_a_server_that_hangs_or_is_not_there_costs_its_tools_and_nothing_else(tmp_path: Path) -> None:
    tools = McpTools(
        {
            "asleep": McpServer(command="sleep", args=("600",), timeout_seconds=0.5),
            "absent": McpServer(command="/no/such/program"),
            "closed": McpServer(url="http://127.0.0.1:9/mcp"),
            "warehouse": a_server(tmp_path, read=("stock", "no_such_tool")),
        }
    )
    await tools.load()

    assert "warehouse_stock" in {spec.name for spec in tools.specs}
    assert tools.troubles[0] == "the MCP server asleep did not answer within 0.5 seconds"
    assert tools.troubles[1].endswith(
        "absent cannot be started: there is no such program as /no/such/program"
    )
    assert tools.troubles[2].startswith("the MCP server closed cannot be reached: check its address")
    assert "the MCP server warehouse has no tool no_such_tool, which `read` names" in tools.troubles


async def test_doctor_says_what_is_read_what_is_never_called_and_what_is_wrong(tools: McpTools) -> None:
    server, trouble = await tools.examine()

    assert server["what"] == "MCP server warehouse" and server["state"] == "ok"
    assert "reads with stock, slow" in server["message"]
    assert server["message"].endswith("never called: book_receipt")
    assert trouble["state"] == "fault" and trouble["message"].startswith("nested of the MCP server")


async def test_a_foreign_tool_is_offered_by_its_words_like_ours(tools: McpTools) -> None:
    few = offered((), "warehouse stock of BRACKET", tools=tools.specs)

    assert "warehouse_stock" in {tool.name for tool in few}
    assert all(tool.access is Access.READ for tool in few)
    schema = call_schema([named(tools, "stock")], Scope(), "stock?")
    assert schema["properties"]["tool"] == {"const": "warehouse_stock"}


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"command": "x", "url": "http://a.example/mcp"},
        {"url": "file:///etc/passwd"},
        {"url": "http://user:word@a.example/mcp"},
        {"url": "http://a.example", "args": ["x"]},
        {"command": "x", "headers": {"A": "b"}},
        {"command": "x", "env": {"A": "${ERP_AGENT_ERP__CLIENT_SECRET}"}},
        {"command": "x", "timeout_seconds": 0},
    ],
)
def test_faulty_settings_of_a_server_are_refused_without_their_values(values: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as fault:
        McpServer.model_validate(values)

    assert "word@" not in str(fault.value)


def test_servers_stand_in_the_settings_and_their_secrets_are_kept_out_of_texts() -> None:
    settings = LlmSettings.model_validate(
        {"mcp": {"warehouse": {"command": "x", "env": {"TOKEN": "token-of-the-server", "DEBUG": "1"}}}}
    )

    assert settings.secrets == ("token-of-the-server",)
    with pytest.raises(ValidationError, match="mcp.Ware"):
        LlmSettings.model_validate({"mcp": {"Ware House": {"command": "x"}}})
