"""A master full of neighbours: who is looked at, and which of them is a reason to ask."""

from __future__ import annotations

import pytest

from tests.tools.suppliers.master import a_claim, a_supplier
from tools.domain.identifiers import SupplierId
from tools.domain.supplier import Supplier
from tools.suppliers.candidates import SHORTLIST, NameRanking
from tools.suppliers.directory import SupplierDirectory
from tools.suppliers.lexical import LexicalIndex
from tools.suppliers.places import Place, place_keys
from tools.suppliers.resolve import resolve


def chosen(name: str, city: str | None, *suppliers: Supplier) -> str | None:
    return resolve(a_claim(name, city), SupplierDirectory(suppliers)).chosen


WITTELER = a_supplier("1", "LVS Lastwagen Service Witteler GmbH", "Karlsruhe")
SISTER = a_supplier("2", "LVS Lastwagen Service Witteler Holding GmbH", "Karlsruhe")


def test_a_sister_with_a_word_more_is_no_reason_to_ask_about_a_misread_name() -> None:
    assert chosen("LVS Lastwagen Servise Witteler GmbH", "Karlsruhe", WITTELER, SISTER) == "1"


def test_the_sister_is_chosen_by_her_own_word() -> None:
    assert chosen("LVS Lastwagen Service Witteler HOLDING G.m.b.H.", "Karlsruhe", WITTELER, SISTER) == "2"


def test_the_sister_alone_is_not_chosen_for_a_name_without_her_word() -> None:
    for name in ("LVS Lastwagen Servise Witteler GmbH", "LVS Lastwagen Servise Witteler GmbH t/a Witteler"):
        assert chosen(name, "Karlsruhe", SISTER) is None


def test_a_name_that_lacks_a_word_of_both_sisters_is_asked() -> None:
    north = a_supplier("3", "LVS Lastwagen Service Witteler Nord GmbH", "Karlsruhe")
    assert chosen("LVS Lastwagen Servise Witteler", "Karlsruhe", SISTER, north) is None


def test_twins_are_asked_whatever_words_they_have() -> None:
    twin = a_supplier("3", "LVS Lastwagen Service Witteler KG", "Karlsruhe")
    assert chosen("LVS Lastwagen Servise Witteler", "Karlsruhe", WITTELER, twin) is None


@pytest.mark.parametrize("city", ["Kiel", "K1el", "24103 Kiel", "KIEL"])
def test_a_badly_misread_name_is_looked_for_among_those_at_the_place(city: str) -> None:
    crowd = [a_supplier(f"9{n:03}", f"Bau Service {n} GmbH", "Ulm") for n in range(2 * SHORTLIST)]
    directory = SupplierDirectory([*crowd, a_supplier("1", "Obermeier Bau GmbH", "Kiel")])
    found = NameRanking(["Qbcrnicicr Bau Service GmbH"], Place(city=city), directory).best()
    assert found[0].supplier.supplier_id == "1"


def test_a_supplier_with_the_rarest_word_is_looked_at_wherever_it_is() -> None:
    crowd = [a_supplier(f"9{n:03}", f"Gesellschaft mit Haftung {n}", "Ulm") for n in range(2 * SHORTLIST)]
    directory = SupplierDirectory([*crowd, a_supplier("1", "Zyx GmbH", "Kiel")])
    name = "ZYX Gesellsohaft mit beschr. Haftung"
    assert SupplierId("1") in directory.lexical.sharing_rare_words(name, SHORTLIST)
    assert "1" in [found.supplier.supplier_id for found in NameRanking([name], Place(), directory).best()]


def test_words_of_many_suppliers_are_not_rare() -> None:
    lexical = LexicalIndex()
    for number in range(5):
        lexical.put(SupplierId(str(number)), ["Bau GmbH"])
    assert lexical.sharing_rare_words("Bau", 4) == set()
    lexical.drop(SupplierId("4"))
    assert len(lexical.sharing_rare_words("Bau", 4)) == 4


def test_those_near_come_after_the_best_of_all() -> None:
    lexical = LexicalIndex()
    for number, name in (("1", "Nordwind Elektro"), ("2", "Nordwind Elektrik"), ("3", "Nordlicht")):
        lexical.put(SupplierId(number), [name])
    assert [i for i, _ in lexical.search("Nordwind Elektro", 1)] == ["1"]
    near = [SupplierId("3"), SupplierId("unknown")]
    assert [i for i, _ in lexical.search("Nordwind Elektro", 1, near)] == ["1", "3"]


def test_a_place_is_found_under_each_of_its_spellings() -> None:
    assert place_keys(Place(city="Düsseldorf")) == place_keys(Place(city="DUESSELDORF"))
    assert place_keys(Place(city="Boston")) == place_keys(Place(city="B0sf0n"))
    assert place_keys(Place(city="Vienna")) == place_keys(Place(city="Wien"))
    assert place_keys(Place()) == frozenset()


def test_a_supplier_that_moved_is_near_its_new_place_only() -> None:
    directory = SupplierDirectory([a_supplier("1", "Zyx GmbH", "Kiel")])
    directory.put(a_supplier("1", "Zyx GmbH", "Ulm"))
    assert not directory.near(Place(city="Kiel")) and directory.near(Place(city="Ulm")) == {"1"}
