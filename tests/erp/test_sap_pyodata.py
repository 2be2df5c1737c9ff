"""A second opinion on the SAP sandbox: SAP's own client, `pyodata`, reads its `$metadata`, reads its records
and posts an invoice to it. The client lives in an environment of its own, made on first use under
`.cache/pyodata`; without a package registry the test is skipped and says so."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from evals.servers import serving
from tests.erp.world import COMPANY, NOW, SUPPLIERS, standard_world
from tools.erp.sandbox.company import Company
from tools.erp.sap.published import services
from tools.erp.sap.sandbox_codes import Codes

ROOT = Path(__file__).parents[2]
HOME = ROOT / ".cache/pyodata"
PYTHON = HOME / "bin/python"
PACKAGES = ("pyodata==1.12.1", "requests==2.34.2")
pytestmark = pytest.mark.slow


def made() -> str | None:
    """Make the environment once; why it cannot be made, or None."""
    if (HOME / "ready").exists():
        return None
    for command in (
        [sys.executable, "-m", "venv", str(HOME)],
        [str(PYTHON), "-m", "pip", "install", "--quiet", *PACKAGES],
    ):
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)  # noqa: S603
        if done.returncode:
            return f"{' '.join(command[-2:])}: {(done.stderr or done.stdout).strip().splitlines()[-1:]}"
    (HOME / "ready").touch()
    return None


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """What SAP's client read and did."""
    reason = made()
    if reason is not None:
        pytest.skip(f"pyodata cannot be installed here, so SAP's own client did not look: {reason}")
    world = tmp_path_factory.mktemp("sap") / "world.json"
    world.write_text(standard_world().model_dump_json(), encoding="utf-8")
    with serving("sap", world, COMPANY) as server:
        script = Path(__file__).with_name("sap_pyodata_script.py")
        login = [server.url, "APAGENT", "sandbox-password", tax_code()]
        command = [str(PYTHON), str(script), *login, *sorted(services())]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)  # noqa: S603
    assert done.returncode == 0, done.stderr
    yield json.loads(done.stdout)


def tax_code() -> str:
    return Codes(Company.load(standard_world(), lambda: NOW)).tax_codes["S21"]


def test_saps_client_understands_the_description_of_every_service(told: dict[str, Any]) -> None:
    assert told["entity_sets"] == {name: sorted(found.entities) for name, found in services().items()}


def test_saps_client_reads_suppliers_orders_and_movements(told: dict[str, Any]) -> None:
    assert told["suppliers"] == sorted(SUPPLIERS)
    assert told["order"] == ["10010", "2026-01-12"]
    assert [[item, float(price)] for item, price in told["items"]] == [
        ["10000", 10.00],
        ["20000", 4.29],
        ["30000", 31.40],
    ]
    assert told["movements"] == 3


def test_saps_client_posts_an_invoice_with_its_own_token(told: dict[str, Any]) -> None:
    assert told["posted"] == ["5", "121.00", "PYODATA-1"]
