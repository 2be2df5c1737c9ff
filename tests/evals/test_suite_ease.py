"""A case that cannot fail is refused, and so is a pattern that forbids nothing that can happen."""

from __future__ import annotations

import json
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

from evals.suite.book_changes import is_worded
from evals.suite.case import EvalCase, read_case, read_one
from evals.suite.deeds import deeds, spelt
from evals.suite.ease import ease_faults
from evals.suite.guesses import readings
from evals.suite.world import world_of

NOT_POSTED = ["received", "waiting_for_answer", "on_hold", "rejected"]


def copied(folder: Path, name: str) -> Path:
    source = read_one(name).folder
    return Path(copytree(source, folder / source.name, dirs_exist_ok=True))


def rewritten(folder: Path, name: str, **fields: Any) -> EvalCase:
    """The case with other fields of what is expected."""
    target = copied(folder, name)
    path = target / "expected.json"
    path.write_text(json.dumps({**json.loads(path.read_text(encoding="utf-8")), **fields}), encoding="utf-8")
    return read_case(target)


def billed_of(case: EvalCase) -> str:
    """Its first document's change line, as billed."""
    invoice = next(readings(case))[1].invoice
    assert invoice is not None and invoice.gross_total is not None and invoice.tax_total is not None
    sums = f"{invoice.gross_total.amount} {invoice.currency}, tax {invoice.tax_total.amount}"
    return f"posted invoice {invoice.number} of 10001: {sums}"


def ends(file: str, stages: Any, *changes: str) -> dict[str, Any]:
    return {"stages": {file: stages}, "changes": list(changes)}


def test_every_stage_with_and_without_a_posting_is_no_case(tmp_path: Path) -> None:
    every = [*NOT_POSTED, "posted"]
    file, billed = "nw-26-0311.xml", billed_of(read_one("0101"))
    case = rewritten(
        tmp_path, "0101", ends=[ends(file, every), ends(file, every, billed)], forbidden=["posted invoise *"]
    )
    told = "\n".join(ease_faults(case))
    assert "who does nothing passes once the findings are told" in told
    assert "end 0: nw-26-0311.xml may be posted and not posted" in told
    assert "all posted as billed passes, and all on_hold passes" in told
    assert "reads so: posted invoise *" in told


def test_waiting_is_no_judgement_unless_abstaining_is_called_right(tmp_path: Path) -> None:
    waits = [ends("nw-26-0311.xml", ["waiting_for_answer", "on_hold"])]
    assert any("lets it wait passes" in told for told in ease_faults(rewritten(tmp_path, "0101", ends=waits)))
    story = tmp_path / read_one("0101").id / "case.toml"
    text = story.read_text(encoding="utf-8")
    story.write_text(text.replace('"ask_supplier"', '"abstain"'), encoding="utf-8")
    assert ease_faults(read_case(story.parent)) == []


def test_posting_as_billed_passes_no_case_where_nothing_may_be_posted(tmp_path: Path) -> None:
    case = read_one("0402")
    file = case.files[0]
    posted = [ends(file, "posted", billed_of(case))]
    faults = ease_faults(rewritten(tmp_path, "0402", ends=posted, forbidden=[]))
    assert "too easy: who posts all as billed passes once the findings are told" in faults


def test_the_twin_without_the_attack_may_be_posted_as_billed(tmp_path: Path) -> None:
    copied(tmp_path, "0493")
    twin = read_case(tmp_path / read_one("0493").id)
    assert any("passes once the findings" in told for told in ease_faults(twin))
    copied(tmp_path, "0465")
    assert ease_faults(twin) == []


@pytest.mark.parametrize("pattern", ["posted *", "posted * of 10008*", "*"])
def test_what_an_end_permits_cannot_be_forbidden(pattern: str, tmp_path: Path) -> None:
    faults = ease_faults(rewritten(tmp_path, "0040", forbidden=[pattern]))
    told = f"forbidden: {pattern} forbids what an end permits: posted invoice PI-3200 of 10008"
    assert any(fault.startswith(told) for fault in faults), faults


@pytest.mark.parametrize(
    "pattern", ["posted *: 1842.12 *", "posted * RE-641 *", "order 4600001*", "hold of X *"]
)
def test_a_pattern_means_something_that_can_happen(pattern: str, tmp_path: Path) -> None:
    faults = ease_faults(rewritten(tmp_path, "0012", forbidden=[pattern]))
    assert faults == [
        f"forbidden: nothing that can happen with these documents and books reads so: {pattern}"
    ]


@pytest.mark.parametrize(
    "pattern", ["posted *: 1688.61 EUR*", "draft * RE640 *", "order 4500001*", "hold of RE-640*"]
)
def test_signs_overlooked_other_spellings_orders_and_holds_can_happen(pattern: str, tmp_path: Path) -> None:
    assert ease_faults(rewritten(tmp_path, "0012", forbidden=[pattern])) == []


def test_where_nothing_may_be_posted_posting_as_billed_is_forbidden(tmp_path: Path) -> None:
    faults = ease_faults(rewritten(tmp_path, "0342", forbidden=[]))
    billed = "posted invoice PL-77400 of 10003: 292.74 EUR, tax 46.74"
    assert faults == [f"forbidden: nothing forbids what no end permits: {billed}"]


@pytest.mark.parametrize("name", ["0012", "0040", "0042", "0143", "0329", "0342"])
def test_cases_that_forbade_too_little_forbid_enough(name: str) -> None:
    assert ease_faults(read_one(name)) == []


def test_a_number_is_forbidden_in_every_spelling(tmp_path: Path) -> None:
    faults = ease_faults(rewritten(tmp_path, "0040", forbidden=["posted * PF-10 *"]))
    assert any(
        "but nothing forbids it as posted invoice PF10 of 10008: 600.00 USD" in told for told in faults
    )
    assert spelt("posted invoice PF-10 of 10008: 1.00 EUR, tax 0.00")[0] == (
        "posted invoice PF10 of 10008: 1.00 EUR, tax 0.00"
    )


@pytest.mark.parametrize("name", ["0012", "0308", "0345", "0433", "0070"])
def test_deeds_are_worded_as_changes_of_the_books(name: str) -> None:
    case = read_one(name)
    found = deeds(readings(case), world_of(case).books)
    assert found and [deed for deed in found if not is_worded(deed)] == []


def test_the_sum_on_a_page_that_contradicts_its_data_can_be_posted(tmp_path: Path) -> None:
    faults = ease_faults(
        rewritten(tmp_path, "0070", forbidden=["posted *: 23.54 EUR*", "posted *: 23.55 EUR*"])
    )
    assert [fault.rpartition(": ")[2] for fault in faults] == ["23.55 EUR*"]
