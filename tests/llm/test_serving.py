"""A local model served over HTTP and asked by a common client; a local model tried in a child process."""

from __future__ import annotations

import json
import os
import signal
import socket
import threading
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
from langchain_openai import ChatOpenAI

from agent.llm.engine import EngineName
from agent.llm.engines import installed
from agent.llm.local_probe import LocalCheck, probe_local, tried
from agent.llm.serving import ServingTrouble, serve
from agent.llm.settings import LocalSettings
from tests.conftest import NO_LOCAL_MODEL

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def address(small_model: Path) -> Iterator[str]:
    if EngineName.XLLAMACPP not in installed():
        pytest.skip(f"{NO_LOCAL_MODEL}: the engine xllamacpp is not installed; `make local` installs it")
    said: list[str] = []
    ready, until = threading.Event(), threading.Event()

    def say(text: str) -> None:
        said.append(text)
        ready.set()

    served = threading.Thread(
        target=serve, args=(small_model, "small", 0, say), kwargs={"context": 1024, "until": until}
    )
    served.start()
    assert ready.wait(60)
    yield said[0].split()[-1]
    until.set()
    served.join(30)


def test_a_served_model_keeps_to_a_schema_and_streams(address: str) -> None:
    chat = ChatOpenAI(model="small", base_url=address, api_key="none", temperature=0, max_retries=0)
    schema = {
        "type": "object",
        "properties": {"choice": {"enum": ["pay", "ask"]}},
        "required": ["choice"],
        "additionalProperties": False,
    }
    form = {"type": "json_schema", "json_schema": {"name": "a", "schema": schema, "strict": True}}
    answer = chat.invoke("Pay or ask?", response_format=form, max_tokens=40)
    assert json.loads(str(answer.content))["choice"] in ("pay", "ask")
    pieces = [piece.text for piece in chat.stream("Count to five.", max_tokens=8)]
    assert len([piece for piece in pieces if piece]) > 2


def test_a_served_model_listens_on_this_machine_only(address: str) -> None:
    port = int(address.rpartition(":")[2].partition("/")[0])
    own = socket.gethostbyname(socket.gethostname())
    with socket.socket() as probe:
        probe.settimeout(5)
        assert probe.connect_ex(("127.0.0.1", port)) == 0
    if not own.startswith("127."):
        with socket.socket() as probe:
            probe.settimeout(5)
            assert probe.connect_ex((own, port)) != 0


def test_a_port_in_use_and_a_file_that_is_no_model_are_told(small_model: Path, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ServingTrouble, match=f"port {port} of this machine cannot be used"):
            serve(small_model, "small", port, print)
    (tmp_path / "x.gguf").write_bytes(b"no model")
    with pytest.raises(ServingTrouble, match="is no GGUF file"):
        serve(tmp_path / "x.gguf", "x", 0, print)


def test_a_model_that_runs_passes_each_trial(small_model: Path, engine_name: EngineName) -> None:
    entry = LocalSettings(kind="local", path=small_model, engine=engine_name.value, n_ctx=1024)
    found = probe_local(entry)
    assert [check.what for check in found] == ["load", "read", "schema", "tool call"]
    assert {check.state for check in found} <= {"ok", "note"}
    assert int(found[1].message.split()[0]) >= 600


def test_a_model_that_is_not_there_is_told_without_a_child(tmp_path: Path) -> None:
    (check,) = probe_local(LocalSettings(kind="local", download="nothing"))
    assert (check.what, check.state) == ("file", "fault")
    found = probe_local(LocalSettings(kind="local", path=tmp_path / "absent.gguf"))
    assert found[-1].state == "fault"
    assert "absent.gguf" in found[-1].message or "not installed" in found[-1].message


def dies_of(number: int, connection: Connection) -> None:
    connection.send(("load", "ok", "loaded"))
    os.kill(os.getpid(), number)


def dies_of_illegal_instruction(connection: Connection, path: Path, entry: LocalSettings) -> None:
    dies_of(signal.SIGILL, connection)


def dies_for_want_of_memory(connection: Connection, path: Path, entry: LocalSettings) -> None:
    dies_of(signal.SIGKILL, connection)


def never_ends(connection: Connection, path: Path, entry: LocalSettings) -> None:
    signal.pause()


ENTRY = LocalSettings(kind="local", path=Path("model.gguf"))


def test_a_wrong_build_is_told_with_the_flags_of_a_right_one() -> None:
    loaded, ended = tried(dies_of_illegal_instruction, Path("model.gguf"), ENTRY, 60)
    assert loaded == LocalCheck("load", "ok", "loaded")
    assert ended.state == "fault"
    assert "-mno-amx-tile -mno-amx-int8 -mno-amx-bf16" in ended.message
    assert "pip cache remove llama_cpp_python" in ended.message


def test_a_child_that_the_system_ends_is_told_as_want_of_memory() -> None:
    assert "want of memory" in tried(dies_for_want_of_memory, Path("model.gguf"), ENTRY, 60)[-1].message


def test_a_child_that_does_not_end_is_ended() -> None:
    (check,) = tried(never_ends, Path("model.gguf"), ENTRY, 1)
    assert check == LocalCheck("run", "fault", "it did not end within 1 seconds")
