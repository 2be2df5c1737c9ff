"""`erp-agent connect`: one consent of a person, then the ERP answers."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from agent.erp_connection import chosen
from agent.settings import Settings
from tests.erp.exact_setup import SECRET
from tests.erp.rotation_bench import ROOT, Served, served
from tests.erp.test_consent import free_port
from tests.screens.desk import Desk


@pytest.fixture
def server() -> Iterator[Served]:
    with served() as found:
        yield found


def configure(desk: Desk, server: Served, redirect: str) -> None:
    desk.configure(
        kind="exact",
        company="NZT",
        client_id="sandbox-client",
        client_secret=SECRET,
        redirect_uri=redirect,
        base_url=server.url,
    )


def command(desk: Desk, *arguments: str) -> subprocess.Popen[str]:
    line = [sys.executable, "-m", "agent.cli", "--config", str(desk.config), *arguments]
    return subprocess.Popen(  # noqa: S603 - our own interpreter and module
        line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT
    )


def tokens(desk: Desk) -> dict[str, Any]:
    (file,) = (desk.folder / "data").glob("exact-*.token.json")
    assert file.stat().st_mode & 0o777 == 0o600
    return dict(json.loads(file.read_text()))


@pytest.mark.slow
def test_the_browser_comes_back_to_this_machine_and_the_tokens_are_kept(
    tmp_path: Path, server: Served
) -> None:
    desk = Desk(tmp_path)
    configure(desk, server, f"http://127.0.0.1:{free_port()}/consent")
    with command(desk, "connect", "exact", "--json") as process:
        assert process.stdout is not None
        opened = json.loads(process.stdout.readline())["open"]
        assert httpx.get(opened, follow_redirects=True).status_code == 200
        told, trouble = process.communicate(timeout=60)
    assert (process.returncode, trouble) == (0, "")
    assert "connected" in json.loads(told)["message"]
    kept = tokens(desk)
    assert kept["refresh_token"] not in told
    with command(desk, "doctor", "--json") as process:
        checks = [json.loads(line) for line in process.communicate(timeout=120)[0].splitlines()]
    reads = [check for check in checks if check["what"].startswith("exact: read")]
    assert reads
    assert {check["state"] for check in reads} == {"ok"}
    assert tokens(desk) == kept, "the token still lives, so nothing was renewed"


@pytest.mark.slow
def test_a_redirect_to_another_machine_is_pasted(tmp_path: Path, server: Served) -> None:
    desk = Desk(tmp_path)
    configure(desk, server, "https://office.example/back")
    with command(desk, "connect", "exact") as process:
        assert process.stdout is not None
        assert process.stdin is not None
        process.stdout.readline()
        sent = httpx.get(process.stdout.readline().strip()).headers["location"]
        told, trouble = process.communicate(f"{sent}\n", timeout=60)
    assert process.returncode == 0, trouble
    assert "connected" in told
    assert tokens(desk)["refresh_token"] not in told + trouble


@pytest.mark.slow
def test_a_pasted_address_of_another_attempt_is_refused(tmp_path: Path, server: Served) -> None:
    desk = Desk(tmp_path)
    configure(desk, server, "https://office.example/back")
    with command(desk, "connect", "exact") as process:
        _, trouble = process.communicate(
            "https://office.example/back?code=stolen&state=guessed\n", timeout=60
        )
    assert process.returncode == 1
    assert "does not belong to this attempt" in " ".join(trouble.split())
    assert not list((tmp_path / "data").glob("*.token.json"))


def test_an_erp_that_the_settings_do_not_name_is_refused(desk: Desk) -> None:
    told = desk.call("connect", "exact", code=3)
    assert "the settings name sandbox" in told.stderr


def test_an_erp_without_consent_says_so(desk: Desk) -> None:
    told = desk.call("connect", "sandbox", code=3)
    assert "nobody has to consent" in told.stderr


def test_state_is_kept_in_the_data_folder_unless_the_settings_say_otherwise() -> None:
    erp = {
        "kind": "exact",
        "company": "N",
        "client_id": "c",
        "client_secret": "s",
        "redirect_uri": "https://x",
    }
    company = {"company": "N", "names": ["N"]}
    for more, expected in (({}, "kept-here"), ({"state_folder": "there"}, "there")):
        settings = Settings.model_validate(
            {"company": company, "erp": {**erp, **more}, "data": {"folder": "kept-here"}}
        )
        assert chosen(settings)[1].model_dump()["state_folder"] == Path(expected)
