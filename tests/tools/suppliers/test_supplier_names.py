from __future__ import annotations

import pytest

from tests.tools.suppliers.master import MASTER, a_supplier
from tools.domain.identifiers import SupplierId
from tools.matching.company_name import is_same_company
from tools.matching.duplicate_keys import folded_name
from tools.suppliers.directory import SupplierDirectory, vat_key
from tools.suppliers.lexical import LexicalIndex
from tools.suppliers.likeness import Claimed, Known, Likeness, compare
from tools.suppliers.names import comparable, core, is_collective, legal_families, numbers, same_name
from tools.suppliers.places import Agreement, Place, same_place


@pytest.mark.parametrize(
    ("written", "short"),
    [
        ("Müller Gesellschaft mit beschränkter Haftung", "muller gmbh"),
        ("WASA TRADE SPÓŁKA Z OGRANICZONĄ ODPOWIEDZIALNOŚCIĄ", "wasa trade spzoo"),
        ("WASA TRADE Sp. z o.o.", "wasa trade spzoo"),
        ("Jansen B. V.", "jansen bv"),
        ("Ørsted A/S", "orsted as"),
        ("L'Oréal S.A.", "loreal sa"),
    ],
)
def test_a_legal_form_has_one_spelling(written: str, short: str) -> None:
    assert comparable(written) == short


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ("Brückner GmbH", "BRUECKNER G.m.b.H.", True),
        ("Brückner GmbH", "Bruckner GmbH", True),
        ("Brückner GmbH", "Brückner KG", False),
        ("Nord Fund VII", "Nord Fund VIII", False),
    ],
)
def test_the_same_name_is_known_in_other_spellings(left: str, right: str, same: bool) -> None:
    assert same_name(left, right) is same


def test_legal_form_and_numbers_are_read_from_a_name() -> None:
    assert legal_families("Nord GmbH & Co. KG") != legal_families("Nord GmbH")
    assert numbers("Nord Fund VII 2021") == {"vii", "2021"}
    assert core("Nord GmbH & Co. KG") == "nord"


@pytest.mark.parametrize(
    ("vat_id", "country", "key"),
    [
        ("de 123.456-789", None, "DE123456789"),
        ("123456789", "DE", "DE123456789"),
        ("094259216", "GR", "EL094259216"),
        ("GR094259216", None, "EL094259216"),
        ("NO 921 844 190 MVA", "NO", "NO921844190"),
        ("BE 403.019.261", "BE", "BE0403019261"),
        ("FR12345678901", "DE", "FR12345678901"),
        ("B12345674", "ES", "ESB12345674"),
    ],
)
def test_a_vat_id_has_one_key(vat_id: str, country: str | None, key: str) -> None:
    assert vat_key(vat_id, country) == key


@pytest.mark.parametrize(
    ("claim", "known", "agreement"),
    [
        (Place(city="Munich"), Place(city="München"), Agreement.AGREES),
        (Place(city="DUESSELDORF"), Place(city="Düsseldorf"), Agreement.AGREES),
        (Place(city="80331 München"), Place(postcode="80331"), Agreement.AGREES),
        (Place(city="Offenbach"), Place(city="Offenbach am Main"), Agreement.AGREES),
        (Place(city="Genf"), Place(city="Gent"), Agreement.DIFFERS),
        (Place(city="Kiel"), Place(city="Köln"), Agreement.DIFFERS),
        (Place(city="Delft", country="BE"), Place(city="Delft", country="NL"), Agreement.DIFFERS),
        (Place(city="Sofia", postcode="1000"), Place(city="Brussels", postcode="1000"), Agreement.DIFFERS),
        (Place(country="DE"), Place(city="Kiel", country="DE"), Agreement.UNKNOWN),
        (Place(), Place(city="Kiel"), Agreement.UNKNOWN),
    ],
)
def test_places_are_compared_across_languages_and_spellings(
    claim: Place, known: Place, agreement: Agreement
) -> None:
    assert same_place(claim, known) is agreement


@pytest.mark.parametrize(
    ("claim", "known"),
    [
        ("Wien 10", "Wien"),
        ("2 Dublin", "Dublin 2"),
        ("L0nd0n", "London"),
        ("Rorna", "Roma"),
        ("138 Roma", "Roma"),
        ("1999-001 Lisboa", "Lisbon"),
        ("T12 X8N6 Cork", "Cork"),
        ("Miinchen", "Munich"),
        ("Brusse1s", "Bruxelles"),
        ("Wesfhill", "Westhill"),
    ],
)
def test_a_city_is_known_though_a_scanner_or_a_district_changed_it(claim: str, known: str) -> None:
    assert same_place(Place(city=claim), Place(city=known)) is Agreement.AGREES


def test_a_postcode_counts_without_its_leading_zero() -> None:
    assert same_place(Place(postcode="0138"), Place(postcode="00138")) is Agreement.AGREES


@pytest.mark.parametrize(
    ("written", "short"),
    [
        ("HOTEL SALOME S L", "hotel salome sl"),
        ("J SMART P L C", "j smart plc"),
        ("van Beek H. B.V.", "van beek h bv"),
        ("MERLIN, 5.L.", "merlin sl"),
        ("Ges. m. b. H. Nord", "gmbh nord"),
        ("S A S MOBIL", "sas mobil"),
        ("5 L Services", "sl services"),
        ("A B C Nord", "abc nord"),
    ],
)
def test_initials_are_closed_up_and_those_of_a_legal_form_stand_apart(written: str, short: str) -> None:
    assert comparable(written) == short


@pytest.mark.parametrize(
    ("claimed", "known", "found"),
    [
        ("Firma Nordwind Elektro Rechnungswesen", "Nordwind Elektro GmbH", 1.0),
        ("Nordwind Elektro GmbH Kiel", "Nordwind Elektro GmbH", 1.0),
        ("Nordwind Elektro 6mbH", "Nordwind Elektro GmbH", 0.9),
        ("Nordwind Elektro GmHb", "Nordwind Elektro GmbH", 0.9),
        ("Nord Wind Elektro", "Nordwind Elektro", 0.9),
        ("NordwindElektro", "Nordwind Elektro", 0.9),
        ("Nordwind SAS - Service Comptabilité", "Nordwind SAS", 1.0),
        ("Nordwind GmbH Werk Kiel", "Nordwind GmbH", 1.0),
        ("Buchhaltung Nordwind GmbH", "Nordwind GmbH", 1.0),
        ("Nordwind Svcs", "Nordwind Services", 0.8),
    ],
)
def test_the_words_of_a_name_are_found_in_the_suppliers(claimed: str, known: str, found: float) -> None:
    assert likeness_of(claimed, known).claim_found >= found


@pytest.mark.parametrize(
    ("claimed", "known"),
    [
        ("RK Investment", "QT Investment"),
        ("G. Engineering", "Engineering"),
        ("Nordwind Halle 4", "Nordwind Halle 5"),
        ("MCP Holding", "MP Holding"),
        ("Nordwind Service GmbH", "Nordwind GmbH"),
        ("Nordwind Trading Ltd", "Nordwind Ltd"),
    ],
)
def test_a_word_of_another_company_is_not_found(claimed: str, known: str) -> None:
    assert likeness_of(claimed, known).claim_lost > 0.5


def likeness_of(claimed: str, known: str) -> Likeness:
    lexical = SupplierDirectory(MASTER).lexical
    return compare(
        Claimed(claimed, "Kiel", lexical.rarity),
        Known(known, lexical.rarity),
        lexical.similarity(claimed, known),
        lexical.rarest_word,
    )


@pytest.mark.parametrize("name", ["CPD Bau GmbH", "Einmaleins Verlag", "Nordwind Elektro"])
def test_a_company_is_no_one_time_account(name: str) -> None:
    assert not is_collective(name)


def test_names_are_found_by_spelling_and_follow_changes() -> None:
    lexical = LexicalIndex()
    assert lexical.search("Nordwind", 3) == []
    for supplier in MASTER:
        lexical.put(supplier.supplier_id, [supplier.name])
    assert lexical.search("Nordwind Elektor GmbH", 1)[0][0] == "10042"
    lexical.put(SupplierId("10042"), ["Südwind Elektro GmbH"])
    assert lexical.search("Südwind", 1)[0][0] == "10042"
    lexical.drop(SupplierId("10042"))
    assert "10042" not in dict(lexical.search("Südwind Elektro GmbH", 60))


def test_the_similarity_of_two_names_is_that_of_the_search() -> None:
    lexical = SupplierDirectory(MASTER).lexical
    [(found, score)] = lexical.search("Nordwind Elektrik", 1)
    assert found == "10042"
    assert lexical.similarity("Nordwind Elektrik", "Nordwind Elektro GmbH") == pytest.approx(score)


def test_every_exact_id_of_a_record_follows_a_change_of_the_record() -> None:
    old = a_supplier(
        "0007", "Alt GmbH", "Kiel", iban="NL91ABNA0417164300", vat_id="DE136695976", gln="4012345000009"
    )
    directory = SupplierDirectory([old])
    assert directory.by_number("7") == {"0007"}
    assert directory.by_gln("4012345000009") == {"0007"}
    directory.put(old.model_copy(update={"vat_id": "DE811569869", "bank_accounts": (), "gln": None}))
    assert directory.by_vat_id("DE136695976") == frozenset()
    assert directory.by_vat_id("DE811569869") == {"0007"}
    assert directory.by_iban("NL91ABNA0417164300") == frozenset()
    assert directory.by_gln("4012345000009") == frozenset()
    directory.drop(SupplierId("0007"))
    assert directory.by_vat_id("DE811569869") == frozenset()
    assert len(directory) == 0


def test_a_confirmed_domain_of_a_supplier_that_is_gone_finds_nobody() -> None:
    directory = SupplierDirectory(MASTER, None, {"alt.example": [SupplierId("1"), SupplierId("10042")]})
    assert directory.by_domain("ALT.example") == {"10042"}
    assert directory.by_domain("neu.example") == frozenset()


def test_one_list_of_legal_forms_serves_names_copies_and_envelopes() -> None:
    for form in ("GmbH", "S.r.l.", "LLP", "s.r.o.", "Limited", "AB", "UG"):
        assert folded_name(f"Nordlicht {form}") == "nordlicht" == core(f"Nordlicht {form}")
        assert is_same_company(f"Nordlicht {form}", "Nordlicht")
