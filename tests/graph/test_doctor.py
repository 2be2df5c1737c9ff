"""What `doctor` says of the ERP: fields and rights that are missing are named before a batch needs them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import NoReturn

from agent.doctor import Check, examine
from tests.graph.conftest import Furnish
from tests.graph.office import ANNA
from tools.erp.contract import Account, Capability, PostingWindow
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


class Refused(SandboxErp):
    """An ERP that does not know our login; it refuses everything it is asked."""

    told = "the sandbox does not accept the login"

    async def posting_window(self) -> PostingWindow:
        raise ErpAccessDenied(self.told)

    async def accounts(self) -> list[Account]:
        raise ErpAccessDenied(self.told)

    async def shortcomings(self) -> list[str]:
        raise ErpAccessDenied(self.told)


class Closed(Refused):
    """An ERP that refuses every read, and would name each of its resources in another sentence."""

    tax_codes = cost_centres = Refused.accounts

    async def suppliers_by_id(self, ids: object) -> NoReturn:
        raise ErpAccessDenied(self.told)

    async def orders(self, numbers: object) -> NoReturn:
        raise ErpAccessDenied(self.told)

    async def shortcomings(self) -> list[str]:
        return [f"no resource {name} ({self.told})" for name in ("invoices", "orders", "suppliers")]


class Unconsented(Refused):
    """An ERP whose refusal says itself what to do."""

    told = "nobody has consented yet; run `erp-agent connect`"


class Partly(SandboxErp):
    """An ERP that denies two things for two reasons."""

    async def accounts(self) -> list[Account]:
        raise ErpAccessDenied("the login may not read accounts")

    async def tax_codes(self) -> list[str]:
        raise ErpAccessDenied("the login may not read tax codes")


async def faults_of(furnish: Furnish, folder: Path, kind: type[SandboxErp]) -> list[Check]:
    office = furnish("sandbox", folder)
    async with office.open() as app:
        checks = await examine(app.settings, replace(app.service.deps, erp=kind(office.books)), ANNA)
    return [check for check in checks if check["what"].startswith("sandbox: ") and check["state"] == "fault"]


async def test_a_login_that_is_refused_is_told_once_with_what_to_do(furnish: Furnish, tmp_path: Path) -> None:
    (check,) = await faults_of(furnish, tmp_path, Refused)
    assert check["what"] == "sandbox: read posting window"
    assert check["message"] == (
        "the sandbox does not accept the login; the same for: read accounts, fields and rights; check the "
        "login under [erp] in the settings; the rights to grant stand in tools/erp/sandbox/README.md"
    )


async def test_an_erp_that_refuses_every_read_is_not_asked_resource_by_resource(
    furnish: Furnish, tmp_path: Path
) -> None:
    (check,) = await faults_of(furnish, tmp_path, Closed)
    assert check["message"].count(Closed.told) == 1
    (note,) = await said(furnish, tmp_path / "again", Closed)
    assert (note["state"], note["message"][:9]) == ("note", "not asked")


async def test_what_a_refusal_says_itself_to_do_is_not_followed_by_other_advice(
    furnish: Furnish, tmp_path: Path
) -> None:
    (check,) = await faults_of(furnish, tmp_path, Unconsented)
    assert check["message"].startswith(Unconsented.told)
    assert "rights to grant" not in check["message"]


async def test_two_rights_that_are_missing_are_two_faults_with_the_advice_once(
    furnish: Furnish, tmp_path: Path
) -> None:
    checks = await faults_of(furnish, tmp_path, Partly)
    assert [check["what"] for check in checks] == ["sandbox: read accounts", "sandbox: read tax codes"]
    assert ["rights to grant" in check["message"] for check in checks] == [True, False]


async def test_what_the_erp_lacks_is_told_piece_by_piece(furnish: Furnish, tmp_path: Path) -> None:
    class TwoFields(SandboxErp):
        async def shortcomings(self) -> list[str]:
            return ["one has no field a", "two has no field b"]

    checks = await faults_of(furnish, tmp_path, TwoFields)
    assert [check["message"] for check in checks] == ["one has no field a", "two has no field b"]


class Blind(SandboxErp):
    """A connector that declines to read suppliers, and would break where it is asked all the same."""

    capabilities = SandboxErp.capabilities - {Capability.READ_SUPPLIERS}
    declined: Mapping[Capability, str] = {
        **SandboxErp.declined,
        Capability.READ_SUPPLIERS: "the vendor publishes no list",
    }

    def suppliers(self, changed_since: datetime | None = None) -> NoReturn:
        raise AssertionError("a declined read was called")


async def test_without_the_suppliers_doctor_says_that_nothing_can_run(
    furnish: Furnish, tmp_path: Path
) -> None:
    office = furnish("sandbox", tmp_path)
    async with office.open() as app:
        deps = replace(app.service.deps, erp=Blind(office.books))
        checks = await examine(app.settings, deps, ANNA)
    (check,) = [check for check in checks if check["what"] == "sandbox declines read suppliers"]
    assert check["state"] == "fault"
    assert check["message"].startswith("the vendor publishes no list; without the supplier master")
