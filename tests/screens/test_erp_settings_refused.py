"""What is wrong with the settings of the ERP is told with that setting, without advice about another one."""

from __future__ import annotations

from tests.screens.desk import Desk, joined

SECRETS = "secrets come from"
PLAIN = {
    "kind": "tryton",
    "base_url": "http://erp.example",
    "database": "books",
    "company": "NZT",
    "user": "agent",
    "password": "sesame",
}


def test_an_address_without_protection_is_refused_by_its_name_alone(desk: Desk) -> None:
    desk.configure(**PLAIN)
    told = joined(desk.call("cases", code=3).stderr)
    assert "base_url and database: http://erp.example is not protected: only https is allowed" in told
    assert SECRETS not in told


def test_a_secret_that_is_missing_is_told_with_where_secrets_come_from(desk: Desk) -> None:
    desk.configure(**{name: value for name, value in PLAIN.items() if name != "password"})
    told = joined(desk.call("cases", code=3).stderr)
    assert "password: is missing" in told and SECRETS in told
