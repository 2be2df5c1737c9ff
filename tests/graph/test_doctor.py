"""What `doctor` says of the ERP: fields and rights that are missing are named before a batch needs them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from agent.doctor import Check, examine
from tests.graph.conftest import Furnish
from tests.graph.office import ANNA
from tools.erp.errors import ErpAccessDenied
from tools.erp.sandbox.connector import SandboxErp


class Lacking(SandboxErp):
    """An ERP whose own description lacks a field."""

    async def shortcomings(self) -> list[str]:
        return ["purchaseOrder has no field receivedQuantity; update to version 24"]


class Silent(SandboxErp):
    """An ERP that describes itself to nobody."""

    async def shortcomings(self) -> list[str]:
        raise ErpAccessDenied("the sandbox does not show its description")


async def said(furnish: Furnish, folder: Path, kind: type[SandboxErp]) -> list[Check]:
    office = furnish("sandbox", folder)
    async with office.open() as app:
        deps = replace(app.service.deps, erp=kind(office.books))
        checks = await examine(app.settings, deps, ANNA)
    return [check for check in checks if check["what"] == "sandbox: fields and rights"]


async def test_what_the_erp_lacks_is_a_fault_with_what_to_do(furnish: Furnish, tmp_path: Path) -> None:
    (check,) = await said(furnish, tmp_path, Lacking)
    assert (check["state"], check["message"]) == (
        "fault",
        "purchaseOrder has no field receivedQuantity; update to version 24",
    )


async def test_an_erp_that_lacks_nothing_is_in_order(furnish: Furnish, tmp_path: Path) -> None:
    (check,) = await said(furnish, tmp_path, SandboxErp)
    assert check["state"] == "ok"


async def test_a_description_that_may_not_be_read_is_a_fault(furnish: Furnish, tmp_path: Path) -> None:
    (check,) = await said(furnish, tmp_path, Silent)
    assert (check["state"], check["error_kind"]) == ("fault", "ErpAccessDenied")
