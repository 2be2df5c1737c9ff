"""Settings that do something else than was meant are named with what to do, or refused when they are read."""

from __future__ import annotations

import pytest

from agent.settings_doubts import conversion_doubts
from tests.builders import a_profile
from tests.graph.papers import NORD
from tests.screens.desk import Desk, joined


def put(desk: Desk, *changes: tuple[str, str], after: str = "") -> None:
    desk.configure()
    text = desk.config.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    desk.config.write_text(text + after, encoding="utf-8")


def faults(desk: Desk) -> list[str]:
    return [row["message"] for row in desk.rows("doctor", code=1) if row["state"] == "fault"]


def test_every_doubt_is_named_with_what_to_do(desk: Desk) -> None:
    match = '"match" = {po_exempt_suppliers = ["V999"], unit_price = {over = {percent = "200"}}}, '
    choice = '"match_for" = [{supplier = "V998", policy = {}}], '
    lists = 'own_domains = ["gmail.com", "werk.example"], employee_accounts = ["DE00X"], "weekend_days"'
    put(
        desk,
        ('"weekend_days"', lists),
        ("policy = {", f"policy = {{{match}{choice}"),
        after='coding = {rules = [{name = "all", account = "4100"}]}\n',
    )
    told = faults(desk)
    for words, remedy in (
        ("coding rule “all” has no condition", "company.default_account"),
        ("policy.match.unit_price.over: 200 %", "write the limit meant"),
        ("is no valid IBAN", "correct it from payroll"),
        ("address of gmail.com", "name the domain of your own mail"),
        ("po_exempt_suppliers: there is no supplier V999", "suppliers sync"),
        ("policy.match_for: there is no supplier V998", "correct the number"),
    ):
        (found,) = [message for message in told if words in message]
        assert remedy in found
    assert not [message for message in told if "werk.example" in message]


def test_a_conversion_that_relates_its_unit_to_nothing_is_told() -> None:
    """Boxes of twelve: twelve of what is known only where the piece is named."""
    for units, told in (({"BX": "12"}, 1), ({"BX": "12", "H87": "1"}, 0), ({}, 0)):
        doubts = conversion_doubts(a_profile(conversions={"W-100": units}))
        assert len(doubts) == told
        assert all("only BX is named" in words and 'H87 = "1"' in words for words in doubts)


def test_settings_that_mean_what_they_say_are_passed(desk: Desk) -> None:
    rules = (
        f'[{{name = "nord", suppliers = ["{NORD}"], amount_from = "1", amount_to = "1", account = "4100"}}]'
    )
    put(desk, after=f"coding = {{rules = {rules}}}\n")
    states = {row["what"]: row["state"] for row in desk.rows("doctor")}
    names = ("coding rules", "tolerances", "conversions", "fraud lists", "suppliers of the settings")
    assert [states[name] for name in names] == ["ok"] * 5


@pytest.mark.parametrize(
    ("changes", "after", "told"),
    [
        (
            (),
            'coding = {rules = [{name = "r", amount_from = "9", amount_to = "1", account = "1"}]}\n',
            "amount_from 9 is above amount_to 1",
        ),
        ((('"weekend_days"', 'trusted_authserv = ["*"], "weekend_days"'),), "", "write each name out"),
        (
            (
                (
                    '"approvers" =',
                    'delegations = [{giver = "a", taker = "b", days = {start = "2026-03-02", '
                    'end = "2026-03-01"}}], "approvers" =',
                ),
            ),
            "",
            "the start 2026-03-02 is after the end 2026-03-01",
        ),
    ],
)
def test_what_can_never_be_right_is_refused_when_the_settings_are_read(
    desk: Desk, changes: tuple[tuple[str, str], ...], after: str, told: str
) -> None:
    put(desk, *changes, after=after)
    said = joined(desk.call("cases", code=3).stderr)
    assert told in said
