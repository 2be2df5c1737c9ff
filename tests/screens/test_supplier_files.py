"""Names from a file are resolved without settings; a faulty file is named with its line."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from agent.cli import app
from agent.supplier_answers import answers
from tools.suppliers.csv_files import CsvFault, read_claims, read_master

MASTER = """id,name,street,city,postcode,country,vat_id,iban
10042,Nordwind Elektro GmbH,Hafen 1,Kiel,24103,DE,DE136695976,NL91ABNA0417164300
10050,Brückner Maschinenbau GmbH,,Köln,50667,DE,,
10051,Brückner Maschinenbau KG,,Köln,50667,DE,,
10080,Delta Services,,Antwerpen,,BE,BE0203201340,
10081,Delta Services,,Utrecht,,NL,,
"""


@pytest.fixture
def master(tmp_path: Path) -> Path:
    return written(tmp_path / "master.csv", MASTER)


def written(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_text(text, encoding=encoding)
    return path


def ran(*words: object) -> Any:
    return CliRunner().invoke(app, ["suppliers", "resolve", *map(str, words)])


def test_each_query_has_one_line_in_its_order(tmp_path: Path, master: Path) -> None:
    queries = written(
        tmp_path / "queries.csv",
        "query_name,query_city,expected_id\nNORDWIND ELEKTRO,Kiel,10051\nBrückner Maschinenbau,Köln,\n"
        "Völlig Fremd AB,Lund,\n",
    )
    done = ran("--csv", queries, "--master", master, "--json")
    assert done.exit_code == 0, done.output
    first, second, third = map(json.loads, done.stdout.splitlines())
    assert (first["query"], first["decision"], first["supplier_id"]) == ("NORDWIND ELEKTRO", "match", "10042")
    assert (second["decision"], second["supplier_id"]) == ("ask", None)
    assert {entry["id"] for entry in second["candidates"][:2]} == {"10050", "10051"}
    assert (third["decision"], third["supplier_id"]) == ("none", None)


def test_candidates_stand_best_first_with_the_chosen_one_in_front(tmp_path: Path, master: Path) -> None:
    queries = written(tmp_path / "q.csv", "query_name,query_city\nDelta Services,Utrecht\nDelta Services,\n")
    chosen, asked = answers(queries, master)
    assert chosen["candidates"][0]["id"] == chosen["supplier_id"] == "10081"
    for answer in (chosen, asked):
        scores = [entry["score"] for entry in answer["candidates"]]
        assert scores == sorted(scores, reverse=True)


def test_ids_in_further_columns_count_and_the_expected_id_does_not(tmp_path: Path, master: Path) -> None:
    text = "query_name,query_city,expected_id,vat_id,iban,country\nNordwind,,10051,DE 136695976,,\n"
    [answer] = answers(written(tmp_path / "q.csv", text), master)
    assert answer["supplier_id"] == "10042"


def test_semicolons_a_byte_order_mark_and_plain_headings_are_read(tmp_path: Path, master: Path) -> None:
    queries = written(tmp_path / "q.csv", "Name;City\nNordwind Elektro GmbH;Kiel\n", "utf-8-sig")
    [answer] = answers(queries, master)
    assert answer["decision"] == "match"


def test_without_json_a_line_says_decision_supplier_and_name(tmp_path: Path, master: Path) -> None:
    queries = written(tmp_path / "q.csv", "query_name\nNordwind Elektro GmbH\n")
    done = ran("--csv", queries, "--master", master)
    assert done.stdout.split() == ["ask", "-", "Nordwind", "Elektro", "GmbH"]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("who,city\nNordwind,Kiel\n", "lacks the column query_name or name; it has: who, city"),
        ("", "lacks the column query_name or name; it has: none"),
        ("query_name,query_city\nNordwind,Kiel,more\n", "line 2: more cells than columns"),
        ('query_name\n"Nordwind\n', "is not a CSV file in UTF-8"),
    ],
)
def test_a_faulty_file_of_names_is_explained(tmp_path: Path, master: Path, text: str, fault: str) -> None:
    queries = written(tmp_path / "q.csv", text)
    done = ran("--csv", queries, "--master", master, "--json")
    assert (done.exit_code, done.stdout) == (2, "")
    assert fault in " ".join(done.stderr.split())


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("id,name\n1,A\n1,B\n", "line 3: the id 1 is there twice"),
        ("id,name\n,A\n", "line 2: a supplier needs an id and a name"),
        ("name\nA\n", "lacks the column id or supplier_id"),
    ],
)
def test_a_faulty_master_is_explained(tmp_path: Path, text: str, fault: str) -> None:
    with pytest.raises(CsvFault, match=fault):
        read_master(written(tmp_path / "m.csv", text))


def test_a_file_that_is_not_there_or_not_text_is_explained(tmp_path: Path, master: Path) -> None:
    with pytest.raises(CsvFault, match="cannot be read: No such file"):
        read_claims(tmp_path / "none.csv")
    with pytest.raises(CsvFault, match="not a CSV file in UTF-8"):
        read_claims(written(tmp_path / "latin.csv", "query_name\nMüller\n", "latin-1"))


def test_a_file_without_a_master_is_a_wrong_use(tmp_path: Path) -> None:
    assert ran("--csv", tmp_path / "q.csv").exit_code == 2
    assert ran().exit_code == 2


def test_a_pipe_is_no_file_and_a_blank_query_has_its_answer(tmp_path: Path, master: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(CsvFault, match="not a regular file"):
        read_claims(tmp_path / "pipe.csv")
    queries = written(tmp_path / "q.csv", "query_name,query_city\n,\nNordwind Elektro GmbH,Kiel\n")
    assert [answer["decision"] for answer in answers(queries, master)] == ["none", "match"]
