"""LangGraph Studio: its file names a graph that opens, and what runs there changes neither ERP nor data."""

from __future__ import annotations

import importlib.util
import inspect
import json
from pathlib import Path
from typing import Any

import pytest

from agent.graph import picture
from agent.studio import ReadingErp, looking
from tests.graph.office import Letters, Office, no_pause
from tests.graph.papers import a_document
from tools.erp.errors import ErpRejected

ROOT = Path(__file__).parents[2]


def test_the_servers_file_names_a_factory_without_arguments_in_a_file_that_is_there() -> None:
    config = json.loads((ROOT / "langgraph.json").read_text(encoding="utf-8"))
    assert config["dependencies"] == ["."]
    assert config["graphs"]
    for entry in config["graphs"].values():
        file, _, name = entry["path"].partition(":")
        spec = importlib.util.spec_from_file_location("studio_by_path", ROOT / file)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        assert not inspect.signature(getattr(module, name)).parameters


async def test_a_document_runs_in_studio_as_far_as_a_person_and_leaves_no_trace(plain_office: Office) -> None:
    office = plain_office
    case = await office.take_in(a_document())
    before = office.verified()
    parts: dict[str, Any] = {"erp": office.connect(), "clock": office.clock, "pause": no_pause}
    async with looking(office.settings(), embedder=Letters(), **parts) as graph:
        assert "wait_for_approval" in picture(graph)
        start = {"case_id": case.case_id, "document_id": case.document_id}
        found = await graph.ainvoke(start)
        assert found["proposal"].digest == case.digest
        from_a_client: Any = {"erp": "another"}
        found = await graph.ainvoke(start, context=from_a_client)
        assert found["proposal"].digest == case.digest
    assert office.verified() == before
    assert office.posted() == []


async def test_studio_never_writes_to_the_erp(plain_office: Office) -> None:
    erp: Any = ReadingErp(plain_office.line)
    assert erp.kind == plain_office.line.kind
    for write in (erp.write(None), erp.attach(None, "name", b"")):
        with pytest.raises(ErpRejected, match="Studio writes nothing"):
            await write
    assert not {"write", "attach"} & set(plain_office.line.calls)


async def test_studio_opens_where_there_is_no_data_yet(plain_office: Office, tmp_path: Path) -> None:
    settings = plain_office.settings()
    fresh = settings.model_copy(
        update={"data": settings.data.model_copy(update={"folder": tmp_path / "none"})}
    )
    parts: dict[str, Any] = {"erp": plain_office.connect(), "clock": plain_office.clock, "pause": no_pause}
    async with looking(fresh, embedder=Letters(), **parts) as graph:
        assert graph.get_graph().nodes
    assert not (tmp_path / "none").exists()
