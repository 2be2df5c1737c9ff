"""Settings that point at the wrong place: told once, by name, by every connector over its own protocol; never
with advice about something else."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from agent.doctor import Check, erp_checks
from tests.erp.test_demo_company_served import served
from tools.erp.sandbox.company import Company

NOWHERE = "http://127.0.0.1/nowhere"
ABSENT = "00000000-0000-0000-0000-000000000009"
CASES = [
    ("afas", {"base_url": NOWHERE}, "check base_url"),
    ("business_central", {"base_url": NOWHERE}, "check base_url, tenant and environment"),
    ("business_central", {"environment": "nowhere"}, "check base_url, tenant and environment"),
    ("business_central", {"tenant": "nowhere"}, f"{NOWHERE}/oauth2/v2.0/token (status 404): check login_url"),
    ("business_central", {"company_id": ABSENT}, "The company does not exist: check company_id"),
    ("exact", {"division": 99}, "Forbidden: check division 99"),
    ("exact", {"base_url": NOWHERE}, f"nobody has consented yet at {NOWHERE}/api/oauth2/token; run `"),
    ("oracle", {"base_url": NOWHERE}, "check base_url"),
    ("oracle", {"company": "Nobody"}, "no business unit named Nobody: check business_unit, or company"),
    ("oracle", {"business_unit": "Nobody"}, "it shows: NZT"),
    (
        "oracle",
        {"token_url": NOWHERE},
        f"The login service is not at {NOWHERE} (status 404): check token_url",
    ),
    ("sap", {"base_url": NOWHERE}, "check base_url"),
    ("tryton", {"base_url": NOWHERE}, "check base_url and database"),
    ("tryton", {"database": "nowhere"}, f"{NOWHERE} (status 404): check base_url and database"),
]


class Unplugged(httpx.AsyncBaseTransport):
    """A network without anybody on it."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("nobody listens")


async def faults(kind: str, books: Company, /, **settings: Any) -> list[Check]:
    async with served(kind, books, **settings) as erp:
        return [check for check in await erp_checks(erp) if check["state"] == "fault"]


@pytest.mark.parametrize(("kind", "wrong", "told"), CASES, ids=lambda value: str(value)[:40])
async def test_a_wrong_place_is_one_fault_that_names_the_setting(
    kind: str, wrong: dict[str, Any], told: str, company: Company
) -> None:
    (check,) = await faults(kind, company, **wrong)
    assert told in check["message"]
    assert "permission set" not in check["message"] and "roles" not in check["message"]


@pytest.mark.parametrize("kind", ["afas", "business_central", "exact", "oracle", "sap", "tryton"])
async def test_an_erp_that_cannot_be_reached_is_told_with_its_address_and_the_setting(
    kind: str, company: Company
) -> None:
    (check,) = await faults(kind, company, transport=Unplugged())
    before, _, after = check["message"].partition(" cannot be reached at http://127.0.0.1/")
    assert before and ": check " in after and "secret" not in after
    assert after.partition(": check ")[2].startswith(("base_url", "token_url", "login_url"))


@pytest.mark.parametrize("kind", ["afas", "business_central", "exact", "oracle", "sap", "tryton"])
async def test_settings_that_are_right_bring_no_fault(kind: str, company: Company) -> None:
    assert await faults(kind, company) == []
