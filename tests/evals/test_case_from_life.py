"""A real case becomes a case of the suite: nothing of the original is left, the findings are the same."""

from __future__ import annotations

import asyncio
import json
import tomllib
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from agent.settings import Settings
from evals.erp_desks import desk_of
from evals.suite.anonymise import Disguise, leftovers
from evals.suite.case import CASES, CaseBroken, read_case, read_cases
from evals.suite.from_case import MadeCase, make_case
from evals.suite.installation import real_case
from evals.suite.play import Days, Office, Player
from evals.suite.scaffold import UNDECIDED
from evals.suite.world import settings_of, world_of
from tools.domain.identifiers import compact, is_iban, is_vat_id
from tools.erp.contract import Capability

KEY = b"a key of this test only"
Installed = Callable[[str], Settings]


@pytest.fixture
def installed(tmp_path: Path) -> Installed:
    """An installation in which the people of a case did their work."""

    async def work(case_id: str) -> Settings:
        (case,) = read_cases([case_id])
        world, clock, folder = world_of(case), Days(case), tmp_path / "installation"
        folder.mkdir()
        async with desk_of("sandbox", world.books, clock) as desk:
            await Office(case, world, desk, Player(), clock, folder).work()
        return settings_of(world, "sandbox", folder, {})

    return lambda case_id: asyncio.run(work(case_id))


def made(settings: Settings, folder: Path, case: str = "C-000001", scale: str = "1") -> MadeCase:
    everything = frozenset(Capability)
    return make_case(
        settings, case, "9001_from_life", key=KEY, capabilities=everything, scale=Decimal(scale), root=folder
    )


def originals_of(settings: Settings, case: str = "C-000001") -> set[str]:
    """Every name and number of the original, from its own records and not from what was replaced."""
    real = real_case(settings, case)
    invoice, found = real.invoice, set[str]()
    for party in (invoice.supplier, invoice.buyer, *real.suppliers):
        for name in ("name", "vat_id", "street", "city", "postcode", "email", "registration_id", "gln"):
            found.add(getattr(party, name) or "")
    found |= {invoice.number or "", invoice.order_number or "", *invoice.ibans}
    found |= {account.iban for accounts in real.accounts.values() for account in accounts}
    found |= {supplier.supplier_id for supplier in real.suppliers}
    found |= {line.buyer_item_id or "" for line in invoice.lines}
    for order in real.facts.orders if real.facts else ():
        found |= {order.number, *(line.item_number or "" for line in order.lines)}
    found |= {receipt.number for receipt in (real.facts.receipts if real.facts else ())}
    found |= {*settings.company.names, settings.company.company}
    return found - {""}


@pytest.mark.parametrize("case_id", ["0001", "0101"])
def test_a_case_from_life_ends_as_the_original_and_nothing_of_it_is_left(
    installed: Installed, tmp_path: Path, case_id: str
) -> None:
    settings = installed(case_id)
    found = made(settings, tmp_path)
    assert found.same, found
    assert leftovers(found.folder, originals_of(settings)) == ()


def test_the_search_for_leftovers_finds_the_originals_themselves(
    installed: Installed, tmp_path: Path
) -> None:
    """The search that finds nothing above must be able to find something."""
    settings = installed("0001")
    found = leftovers(CASES / read_cases(["0001"])[0].id, originals_of(settings))
    told = {entry.partition(": ")[2] for entry in found}
    assert {"DE123456788", "4500001", "Nordstern Werkzeuge GmbH", "RE-2026-117"} <= {*told, *map(str, told)}


def test_an_original_in_another_writing_is_a_leftover(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("pay DE34 2005 0550 1234 5678 90, re 2026/117", encoding="utf-8")
    found = leftovers(tmp_path, ["DE34200505501234567890", "RE-2026-117", "DE123456788"])
    assert found == ("a.txt: DE34200505501234567890", "a.txt: RE-2026-117")


def test_what_only_the_author_can_say_is_left_undecided(installed: Installed, tmp_path: Path) -> None:
    folder = made(installed("0001"), tmp_path).folder
    story = tomllib.loads((folder / "case.toml").read_text(encoding="utf-8"))
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    assert UNDECIDED in story["title"] and UNDECIDED in story["why"]
    assert all(UNDECIDED in end["why"] for end in expected["ends"])


def test_what_people_did_are_the_steps_and_what_was_posted_is_the_end(
    installed: Installed, tmp_path: Path
) -> None:
    case = read_case(made(installed("0001"), tmp_path).folder)
    assert [step.do for step in case.story.step] == ["take_in", "approve"]
    (end,) = case.expected.ends
    assert len(end.changes) == 1 and end.changes[0].endswith(": 1651.72 EUR, tax 263.72")
    assert "RE-2026-117" not in end.changes[0]


def test_amounts_are_scaled_by_one_factor_everywhere(installed: Installed, tmp_path: Path) -> None:
    found = made(installed("0101"), tmp_path, scale="3")
    assert found.same, found
    plain = read_cases(["0101"])[0]
    orders = json.loads((plain.folder / "world.json").read_text(encoding="utf-8"))["orders"]
    world = json.loads((found.folder / "world.json").read_text(encoding="utf-8"))["orders"]
    before, after = (Decimal(rows[0]["lines"][0]["unit_price"]["amount"]) for rows in (orders, world))
    assert after == before * 3


def test_a_case_that_is_not_there_is_told(installed: Installed, tmp_path: Path) -> None:
    with pytest.raises(CaseBroken, match="no case C-999999"):
        made(installed("0001"), tmp_path, "C-999999")
    assert not (tmp_path / "9001_from_life").exists()


@pytest.mark.parametrize(
    "vat_id", ["DE123456788", "FR32123456789", "ATU12345675", "ESB12345674", "BE0123456749", "IE6388047V"]
)
def test_a_vat_id_becomes_another_valid_one_of_its_country(vat_id: str) -> None:
    other = Disguise(KEY).identifier(vat_id)
    assert other != vat_id and other[:2] == vat_id[:2] and len(other) == len(vat_id)
    assert is_vat_id(other) is is_vat_id(vat_id)


def test_an_iban_becomes_another_valid_one_in_the_same_writing() -> None:
    other = Disguise(KEY).identifier("DE34 2005 0550 1234 5678 90")
    assert is_iban(other) and other[:2] == "DE"
    assert [len(part) for part in other.split()] == [4, 4, 4, 4, 4, 2]


def test_equal_and_nearly_equal_numbers_stay_so_and_another_key_gives_others() -> None:
    disguise = Disguise(KEY)
    one, other, longer = (disguise.identifier(t) for t in ("RE-2026-117", "RE2026117", "RE-2026-117-A"))
    assert compact(one) == other and longer.startswith(one)
    assert Disguise(b"another").identifier("RE-2026-117") != one


def test_names_keep_their_legal_form_and_likeness_and_running_text_is_searched() -> None:
    disguise = Disguise(KEY)
    first, second = (
        disguise.name("Nordstern Werkzeuge GmbH"),
        disguise.name("Nordstern Werkzeug GmbH & Co. KG"),
    )
    assert first.endswith(" GmbH") and second.endswith(" GmbH & Co. KG")
    assert first.split()[0] == second.split()[0] and first.split()[1].startswith(second.split()[1])
    disguise.identifier("4500001")
    text = disguise.words("Bits for NORDSTERN, order 45 000 01, call +49 40 123456, mail a.b@nordstern.de")
    for original in ("NORDSTERN", "45 000 01", "123456", "nordstern.de"):
        assert original not in text
    assert text.startswith("Bits for ")
