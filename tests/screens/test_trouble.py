"""Expected trouble at the command line: one sentence, the documented exit code, never a traceback; and what a
document says never steers the terminal."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from tests.graph.papers import COMPANY, FOREIGN_IBAN, NORD, NORD_IBAN, NORD_NAME, SUED, SUED_IBAN, a_world
from tests.screens.desk import Desk, joined


def test_settings_that_lack_everything_name_every_fault_at_once(desk: Desk) -> None:
    desk.config.write_text('[batch]\nmax_file_mb = "many"\nspeed = 3\n', encoding="utf-8")
    told = desk.call("cases", code=3).stderr
    for fault in ("company", "erp", "batch.max_file_mb", "batch.speed"):
        assert f"  {fault}: " in told
    assert "Traceback" not in told


def test_a_settings_file_that_is_not_there_is_said(desk: Desk) -> None:
    desk.config.unlink()
    assert "there is no settings file" in desk.call("run", desk.folder, code=3).stderr


@pytest.mark.parametrize(
    ("erp", "told"),
    [
        ({"kind": "no_such_erp"}, "no_such_erp"),
        ({"kind": "business_central", "tenant": "t"}, "client_secret"),
        ({"kind": "sandbox", "world": "/no/such/world.json"}, "/no/such/world.json"),
    ],
)
def test_a_connector_that_cannot_be_made_is_a_fault_of_the_settings(
    desk: Desk, erp: dict[str, str], told: str
) -> None:
    desk.configure(**erp)
    result = desk.call("cases", code=3)
    assert told in joined(result.stderr)


def test_a_world_file_that_is_wrong_is_a_fault_of_the_settings(desk: Desk) -> None:
    desk.write_world(units="H87")
    assert "units" in desk.call("cases", code=3).stderr


def test_a_data_folder_that_cannot_be_used_is_a_fault_of_the_settings(desk: Desk) -> None:
    desk.configure()
    text = desk.config.read_text(encoding="utf-8")
    desk.config.write_text(
        text.replace(str(desk.folder / "data"), str(desk.config / "data")), encoding="utf-8"
    )
    assert "data" in desk.call("cases", code=3).stderr


def test_an_erp_that_denies_access_is_one_sentence_and_four(desk: Desk) -> None:
    desk.configure(kind="sandbox", world=str(desk.folder / "world.json"), company="OTHER")
    assert joined(desk.call("cases", code=4).stderr) == f"sandbox: world.json holds company {COMPANY}"


def test_doctor_says_what_is_there_and_what_is_missing(desk: Desk) -> None:
    checks = {row["what"]: row["state"] for row in desk.rows("doctor")}
    assert checks["approvers"] == checks["suppliers"] == checks["sandbox: read orders"] == "ok"
    desk.configure(person="somebody-else")
    rows = {row["what"]: row for row in desk.rows("doctor", code=1)}
    assert rows["approvers"]["state"] == "note" and "you (" in rows["approvers"]["message"]
    assert rows["logins"]["state"] == "fault" and "somebody-else" in rows["logins"]["message"]


def test_doctor_compares_the_settings_with_the_erp_and_with_themselves(desk: Desk) -> None:
    desk.configure()
    text = desk.config.read_text(encoding="utf-8")
    text = text.replace('"S:19" = "S19"', '"S:19" = "S19", "19" = "S19", "S:7" = "S7"')
    text += 'coding = {rules = [{name = "fuel", text = ["fuel"], account = "9999"}]}\n'
    desk.config.write_text(text, encoding="utf-8")
    told = [row["message"] for row in desk.rows("doctor", code=1) if row["state"] == "fault"]
    assert [message.partition("; ")[0] for message in told] == [
        "company.tax_codes: “19” is no key",
        "coding rule “fuel”: there is no account 9999 in the ERP",
        "company.tax_codes “S:7”: there is no tax code S7 in the ERP",
    ]


def test_a_person_without_the_right_cannot_record_an_account(desk: Desk) -> None:
    desk.configure(person="somebody-else")
    told = desk.call_back(NORD, FOREIGN_IBAN, code=1)
    assert "neither clerk nor approver" in told.stderr


def test_a_mistyped_account_is_not_recorded(desk: Desk) -> None:
    wrong = NORD_IBAN[:-1] + "1"
    told = desk.call_back(NORD, wrong, code=1)
    assert "not a valid account" in joined(told.stderr)
    assert wrong not in told.stderr
    told = desk.call_back("V9", FOREIGN_IBAN, code=1)
    assert "there is no supplier V9" in joined(told.stderr)


def test_accounts_are_imported_from_a_list_all_or_none(desk: Desk) -> None:
    file = desk.folder / "accounts.csv"
    file.write_text(f"supplier_id,iban,how\n{NORD},{FOREIGN_IBAN},contract\n", encoding="utf-8")
    refused = desk.call("suppliers", "import-accounts", file, code=1)
    assert "another one needs a call-back" in joined(refused.stderr)
    assert "verify-account" in joined(refused.stderr)
    assert desk.call("suppliers", "import-accounts", file, "--further", code=2).stderr
    # Südtal has no account yet; the list breaks off between its two rows.
    rows = [f"{SUED},{SUED_IBAN},contract", f"V9,{SUED_IBAN},x", f"{SUED},{FOREIGN_IBAN},contract"]
    file.write_text("\n".join(("supplier_id,iban,how", *rows)), encoding="utf-8")
    told = joined(desk.call("suppliers", "import-accounts", file, code=1).stderr)
    assert "no account was loaded" in told and "line 3: there is no supplier V9" in told
    file.write_text(file.read_text(encoding="utf-8").replace("V9", SUED), encoding="utf-8")
    assert "3 verified accounts" in desk.call("suppliers", "import-accounts", file).stdout
    assert "3 verified accounts" in desk.call("suppliers", "import-accounts", file).stdout


def test_a_list_of_accounts_that_is_none_is_wrong_usage(desk: Desk) -> None:
    file = desk.folder / "accounts.csv"
    for text, told in (
        (f"supplier_id,iban\n{NORD},{FOREIGN_IBAN}\n", "lacks the column how"),
        (
            f"supplier_id,iban,how\n{NORD},,\n{NORD},{FOREIGN_IBAN},\n",
            "line 2 lacks iban, how line 3 lacks how",
        ),
        ("supplier_id,iban,how\n", "holds no accounts"),
    ):
        file.write_text(text, encoding="utf-8")
        assert told in joined(desk.call("suppliers", "import-accounts", file, code=2).stderr)
    file.write_bytes(b"supplier_id,iban,how\n\xff\xfe\n")
    assert desk.call("suppliers", "import-accounts", file, code=2).stderr
    missing = desk.call("suppliers", "import-accounts", desk.folder / "none.csv", code=2)
    assert "cannot be read" in joined(missing.stderr)


def test_a_supplier_is_found_by_name_and_place_with_the_evidence(desk: Desk) -> None:
    (choice,) = desk.rows("suppliers", "resolve", NORD_NAME, "--city", "Kiel", "--country", "DE")
    assert choice["chosen"] == NORD
    assert "name and place" in joined(desk.call("suppliers", "resolve", NORD_NAME, "--city", "Kiel").stdout)


def test_syncing_again_changes_nothing(desk: Desk) -> None:
    assert desk.rows("suppliers", "sync", "--all") == [{"added": 0, "changed": 0, "removed": 0}]


def test_a_sound_log_verifies_and_its_head_proves_it_later(desk: Desk) -> None:
    desk.lay("a.xml")
    desk.call("run", desk.inbox)
    (result,) = desk.rows("audit", "verify")
    assert result["ok"]
    desk.call("approve", "C-000001", "--yes")
    assert desk.rows("audit", "verify", "--head", result["head"])[0]["ok"]
    told = desk.call("audit", "verify", "--head", f"{result['head'].split(':')[0]}:{'0' * 64}", code=5)
    assert "written down" in told.stdout
    assert "--head takes SEQUENCE:HASH" in desk.call("audit", "verify", "--head", "7", code=2).stderr


def tamper(desk: Desk, statement: str) -> None:
    """Change the log as somebody would who has the database open."""
    with sqlite3.connect(desk.database) as connection:
        for verb in ("update", "delete"):
            connection.execute(f"drop trigger audit_no_{verb}")
        assert connection.execute(statement).rowcount > 0
    connection.close()


@pytest.mark.parametrize(
    "statement",
    [
        "update audit set event = replace(event, '119.00', '19.00') where kind = 'document_read'",
        "update audit set actor = 'anna' where kind = 'proposal_made'",
        "delete from audit where kind = 'invoice_matched'",
        "update cases set summary = replace(summary, 'RE-1', 'RE-2')",
    ],
)
def test_a_log_or_list_that_was_changed_is_found(desk: Desk, statement: str) -> None:
    desk.lay("a.xml")
    desk.call("run", desk.inbox)
    tamper(desk, statement)
    assert not desk.rows("audit", "verify", code=5)[0]["ok"]


def test_a_log_that_cannot_be_read_is_one_sentence_and_five(desk: Desk) -> None:
    desk.lay("a.xml")
    desk.call("run", desk.inbox)
    tamper(desk, "update audit set event = '{}' where kind = 'document_read'")
    for words in (("audit", "export"), ("show", "C-000001"), ("audit", "verify")):
        result = desk.call(*words, code=5)
        assert "audit log is broken" in joined(result.output)
        assert "Traceback" not in result.output


def test_an_unknown_sandbox_is_said_with_those_there_are(desk: Desk) -> None:
    told = desk.call("sandbox", "sandbox", "--world", desk.folder / "world.json", code=2)
    assert "business_central" in told.stderr
    told = desk.call("sandbox", "business_central", "--world", desk.folder / "none.json", code=2)
    assert "none.json" in joined(told.stderr)


HOSTILE = "\x9b2J\u202eevil [red]red[/red] [/bold] [link=http://x.example]click[/link] \\"


def test_what_a_document_says_does_not_steer_the_terminal(desk: Desk) -> None:
    desk.lay("a.xml", notes=(HOSTILE,), rows=(("BRACKET", HOSTILE, "10", "12.00"),))
    desk.call("run", desk.inbox)
    for words in (("show", "C-000001"), ("show", "C-000001", "--json"), ("cases",), ("audit", "export")):
        text = desk.call(*words).stdout
        assert not [char for char in text if not char.isprintable() and char != "\n"], words
    shown = joined(desk.call("show", "C-000001").stdout)
    assert "[red]red[/red]" in shown
    assert "[link=http://x.example]click[/link]" in shown


def test_a_supplier_name_in_the_erp_is_text_too(desk: Desk) -> None:
    world = a_world()
    world["suppliers"][0]["supplier"]["name"] = "Nord [/bold] \x9b2J GmbH"
    desk.write_world(suppliers=world["suppliers"])
    desk.call("suppliers", "sync", "--all")
    told = desk.call("suppliers", "resolve", "Nord [/bold] \x9b2J GmbH").stdout
    assert "[/bold]" in told
    assert "\x9b" not in told


def test_a_file_name_is_text_too(desk: Desk) -> None:
    desk.lay("[bold]\x1b[31mred.xml")
    desk.call("run", desk.inbox)
    missing = desk.call("run", desk.folder / "\x1b[31mnothing[/bold]", code=2)
    for text in (desk.call("show", "C-000001").stdout, desk.call("cases").stdout, missing.stderr):
        assert "\x1b" not in text


def test_no_account_stands_unmasked_in_what_is_shown_or_exported(desk: Desk) -> None:
    spaced = " ".join(FOREIGN_IBAN[at : at + 4] for at in range(0, len(FOREIGN_IBAN), 4))
    note = f"Please pay to {spaced} from now on"
    desk.lay(
        "a.xml",
        iban=FOREIGN_IBAN,
        notes=(note,),
        rows=(("BRACKET", f"Bracket {FOREIGN_IBAN}", "10", "12.00"),),
    )
    desk.call("run", desk.inbox)
    desk.call_back(NORD, FOREIGN_IBAN, "--remark", f"about {FOREIGN_IBAN}")
    desk.call("answer", "C-000001", "--choose", "accept_price", "--remark", f"pay {FOREIGN_IBAN}", code=1)
    for words in (
        ("show", "C-000001"),
        ("show", "C-000001", "--json"),
        ("cases", "--json"),
        ("audit", "export"),
        ("run", desk.inbox, "--json"),
    ):
        text = desk.call(*words).stdout
        assert FOREIGN_IBAN not in text.replace(" ", ""), words
    assert "NL…4300" in desk.call("show", "C-000001").stdout


def test_json_stays_json_with_hostile_text(desk: Desk) -> None:
    desk.lay("a.xml", notes=(HOSTILE,))
    desk.call("run", desk.inbox)
    (row,) = desk.rows("show", "C-000001")
    assert row["notes"] == [HOSTILE]
    assert json.dumps(row)


def test_a_login_is_not_taken_from_the_environment(desk: Desk, tmp_path: Path) -> None:
    from typer.testing import CliRunner

    from agent.cli import app

    desk.lay("a.xml")
    desk.call("run", desk.inbox)
    desk.configure(person="somebody-else")
    pretending = {"USER": "somebody-else", "LOGNAME": "somebody-else", "USERNAME": "somebody-else"}
    words = ["--config", str(desk.config), "approve", "C-000001", "--yes"]
    result = CliRunner().invoke(app, words, env=pretending)
    assert result.exit_code == 1
    assert desk.rows("cases")[0]["stage"] == "waiting_for_approval"


def test_a_call_back_is_recorded_and_its_caller_may_not_activate_the_account(desk: Desk) -> None:
    told = joined(desk.call_back(NORD, FOREIGN_IBAN, "--payee-check", "close-match").stdout)
    assert "confirmed, payee check: close match. A second person activates it" in told
    refused = desk.call("suppliers", "verify-account", NORD, FOREIGN_IBAN, code=1)
    assert "a second person activates the account" in joined(refused.stderr)
    assert "close_match" in joined(
        desk.call_back(NORD, FOREIGN_IBAN, "--payee-check", "maybe", code=1).stderr
    )
