"""`erp-agent` as a clerk uses it: what it prints, what it asks, how it ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.graph.papers import AWAITED, FOREIGN_IBAN, NORD, NORD_NAME, a_document, a_mail
from tests.screens.desk import TODAY, Desk, joined


def test_run_prints_one_object_for_each_document(desk: Desk) -> None:
    desk.lay("a.xml")
    desk.lay("b.xml", number="RE-2", iban=FOREIGN_IBAN)
    desk.lay("c.bin", b"\x00\x01 no invoice")
    first, second, third = desk.rows("run", desk.inbox)
    assert (first["case"], first["state"], first["supplier"]) == ("C-000001", "waiting_for_approval", NORD)
    assert first["file"].endswith("a.xml")
    assert len(first["proposal"]) == 64
    assert (second["state"], second["proposal"]) == ("waiting_for_answer", None)
    assert "bank_change" in second["findings"]
    assert third["state"] in ("not_an_invoice", "unreadable")
    assert third["reason"]
    for row in (first, second, third):
        assert isinstance(row["seconds"], float)
        assert isinstance(row["erp_calls"], int)
        assert row["error"] is None


def test_a_second_run_opens_nothing_new(desk: Desk) -> None:
    desk.lay("a.xml")
    (first,) = desk.rows("run", desk.inbox)
    (second,) = desk.rows("run", desk.inbox)
    assert (first["is_new"], second["is_new"]) == (True, False)
    assert len(desk.rows("cases")) == 1


def test_run_shows_a_table_to_people(desk: Desk) -> None:
    desk.lay("a.xml")
    shown = joined(desk.call("run", desk.inbox).stdout)
    assert "C-000001 a.xml V10001 Nordberg Werkzeuge GmbH RE-1 119.00 EUR waiting for approval" in shown
    assert "1 waiting for approval" in shown


def test_a_path_that_does_not_exist_is_said_in_one_sentence(desk: Desk) -> None:
    result = desk.call("run", desk.folder / "nowhere", code=2)
    assert joined(result.stderr).startswith("not found:")
    assert result.stdout == ""


def test_cases_are_listed_by_stage(desk: Desk) -> None:
    desk.lay("a.xml")
    desk.lay("b.xml", number="RE-2", iban=FOREIGN_IBAN)
    desk.call("run", desk.inbox)
    assert [row["case_id"] for row in desk.rows("cases")] == ["C-000001", "C-000002"]
    asked = desk.rows("cases", "--stage", "waiting_for_answer")
    assert [row["case_id"] for row in asked] == ["C-000002"]
    assert "bank change" in joined(desk.call("cases").stdout)
    refused = desk.call("cases", "--stage", "done", code=2)
    assert "there is no stage done; there are: received" in joined(refused.stderr)


def test_show_prints_the_document_beside_the_order_and_the_proposal(desk: Desk) -> None:
    desk.lay("a.xml", rows=(("BRACKET", "Bracket", "10", "10.10"),))
    desk.call("run", desk.inbox)
    shown = joined(desk.call("show", "C-000001").stdout)
    for part in (
        NORD_NAME,
        "10 H87 × 10.1 = 101.00 EUR",
        "PO100001/10000: 10 H87 × 10.00 EUR",
        "post invoice RE-1 of V10001",
        "net 101.00 EUR, tax 19.19 EUR, gross 120.19 EUR",
        "digest ",
        "erp-agent: document received",
    ):
        assert part in shown
    (row,) = desk.rows("show", "C-000001")
    assert row["proposal"]["amounts"] == "net 101.00 EUR, tax 19.19 EUR, gross 120.19 EUR"


def test_show_prints_the_question_with_the_command_that_answers_it(desk: Desk) -> None:
    desk.lay("a.xml", rows=(("BRACKET", "Bracket", "10", "12.00"),))
    desk.call("run", desk.inbox)
    shown = joined(desk.call("show", "C-000001").stdout)
    assert "erp-agent answer C-000001 --choose 'accept_price' --remark '…'" in shown


def test_an_unknown_case_is_said_in_one_sentence(desk: Desk) -> None:
    for words in (("show", "C-000099"), ("approve", "C-000099"), ("answer", "C-000099", "--choose", "park")):
        result = desk.call(*words, code=1)
        assert joined(result.stderr) == "there is no case C-000099; `erp-agent cases` lists them"


def test_approve_asks_first_and_no_is_the_answer_of_silence(desk: Desk) -> None:
    desk.lay("a.xml")
    desk.call("run", desk.inbox)
    result = desk.call("approve", "C-000001", answer="\n", code=1)
    assert "1 not approved; nothing was sent" in result.stderr
    assert "Approve and post C-000001 as" in result.stdout
    assert "gross 119.00 EUR" in joined(result.stdout)
    assert desk.rows("cases")[0]["stage"] == "waiting_for_approval"
    desk.call("approve", "C-000001", answer="y\n")
    (case,) = desk.rows("cases")
    assert (case["stage"], case["erp_number"][:3]) == ("posted", "PI-")


def test_approve_without_anybody_to_ask_approves_nothing(desk: Desk) -> None:
    desk.lay("a.xml")
    desk.call("run", desk.inbox)
    desk.call("approve", "C-000001", answer="", code=1)
    assert desk.rows("cases")[0]["stage"] == "waiting_for_approval"


def test_approve_clean_takes_only_what_no_person_had_to_decide(desk: Desk) -> None:
    desk.lay("a.xml")
    desk.lay("b.xml", number="RE-2", order="PO100004", rows=(("BRACKET", "Bracket", "10", "3.00"),))
    desk.call("run", desk.inbox)
    desk.call("answer", "C-000002", "--choose", "accept_price", "--set", "reason=agreed")
    stages = [row["stage"] for row in desk.rows("cases")]
    assert stages == ["waiting_for_approval", "waiting_for_approval"]
    (result,) = desk.rows("approve", "--clean", "--yes")
    assert (result["case"], result["stage"], result["error"]) == ("C-000001", "posted", None)
    assert desk.rows("cases")[1]["stage"] == "waiting_for_approval"
    assert "no case waits" in desk.call("approve", "--clean", "--yes").stderr


def test_approve_with_the_digest_of_another_proposal_posts_nothing(desk: Desk) -> None:
    desk.lay("a.xml")
    (row,) = desk.rows("run", desk.inbox)
    (result,) = desk.rows("approve", "C-000001", "--yes", "--digest", "0" * 64, code=1)
    assert "has changed since it was shown" in result["error"]
    (result,) = desk.rows("approve", "C-000001", "--yes", "--digest", row["proposal"])
    assert result["stage"] == "posted"


def test_approve_refuses_a_person_without_the_right_and_above_the_limit(desk: Desk) -> None:
    desk.lay("a.xml")
    desk.call("run", desk.inbox)
    desk.configure(person="somebody-else")
    (result,) = desk.rows("approve", "C-000001", "--yes", code=1)
    assert "is not an approver" in result["error"]
    desk.configure(limit="100")
    (result,) = desk.rows("approve", "C-000001", "--yes", code=1)
    assert "above the limit" in result["error"]


@pytest.mark.parametrize(
    "words",
    [
        ("approve",),
        ("approve", "C-000001", "--clean"),
        ("approve", "C-000001", "--json"),
        ("approve", "C-000001", "C-000002", "--digest", "x"),
        ("answer", "C-000001", "--choose", "park", "--set", "reason"),
        ("extract", "/no/such/file"),
        ("sandbox", "no_such_kind", "--world", "world.json"),
        ("frobnicate",),
    ],
)
def test_wrong_usage_ends_with_two(desk: Desk, words: tuple[str, ...]) -> None:
    assert desk.call(*words, code=2).stdout == ""


def test_reject_asks_why_and_closes_the_case(desk: Desk) -> None:
    desk.lay("a.xml")
    desk.call("run", desk.inbox)
    desk.call("reject", "C-000001", answer="not ordered\n")
    (case,) = desk.rows("cases")
    assert case["stage"] == "rejected"
    assert "not ordered" in case["reason"]
    (result,) = desk.rows("reject", "C-000001", "--remark", "again", code=1)
    assert "does not wait for an approval" in result["error"]


def test_answer_names_what_is_missing_and_what_is_offered(desk: Desk) -> None:
    desk.lay("a.xml", rows=(("BRACKET", "Bracket", "10", "12.00"),))
    desk.call("run", desk.inbox)
    (result,) = desk.rows("answer", "C-000001", "--choose", "accept_price", code=1)
    assert result["error"] == "'accept_price' needs a value for: reason"
    (result,) = desk.rows("answer", "C-000001", "--choose", "pay_now", code=1)
    assert "is not offered" in result["error"]
    (result,) = desk.rows("answer", "C-000001", "--choose", "accept_price", "--remark", "agreed")
    assert result["stage"] == "waiting_for_approval"


def test_recheck_takes_up_what_waited_for_the_erp(desk: Desk) -> None:
    desk.lay("a.xml", order=AWAITED, rows=(("BRACKET", "Bracket", "20", "10.00"),))
    desk.call("run", desk.inbox)
    desk.call("answer", "C-000001", "--choose", "wait_for_receipt")
    (result,) = desk.rows("recheck")
    assert result["stage"] == "on_hold"
    receipt = {
        "number": "GR9",
        "order_number": AWAITED,
        "received_on": "2026-03-15",
        "lines": [{"order_line_id": "10000", "quantity": "20"}],
    }
    desk.write_world(receipts=[receipt])
    assert "waiting for approval" in joined(desk.call("recheck", "C-000001").stdout)
    (result,) = desk.rows("recheck", "C-000001", code=1)
    assert "asks nothing" in result["error"]
    assert desk.rows("recheck") == []


def test_extract_reads_without_settings_or_erp(desk: Desk) -> None:
    file = desk.lay("a.xml")
    desk.config.unlink()
    (row,) = desk.rows("extract", file)
    assert row["file"] == str(file)
    assert row["invoice"]["invoice_number"] == "RE-1"
    assert "RE-1" in desk.call("extract", file).stdout


def test_extract_says_of_each_file_what_it_is(desk: Desk, tmp_path: Path) -> None:
    desk.lay("a.eml", a_mail(a_document(day=TODAY), a_document("RE-2", day=TODAY)))
    desk.lay("b.txt", b"hello")
    rows = desk.rows("extract", desk.inbox)
    assert [row["invoice"] and row["invoice"]["invoice_number"] for row in rows] == ["RE-1", "RE-2", None]
    assert "not_an_invoice" in joined(desk.call("extract", desk.inbox / "b.txt").stdout)


def test_the_log_exports_every_record_as_json(desk: Desk) -> None:
    desk.lay("a.xml")
    desk.call("run", desk.inbox)
    records = [json.loads(line) for line in desk.call("audit", "export").stdout.splitlines()]
    assert [record["sequence"] for record in records] == list(range(1, len(records) + 1))
    of_case = [
        json.loads(line) for line in desk.call("audit", "export", "--case", "C-000001").stdout.splitlines()
    ]
    assert {record["case_id"] for record in of_case} == {"C-000001"}
    assert of_case[0]["event"]["kind"] == "document_received"
