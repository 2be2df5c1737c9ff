"""The page of a report: everything on it is escaped, it asks nothing of a network, and it runs no script."""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path

import pytest

from evals.suite.compare import baseline_of
from evals.suite.pages.charts import Bar, Dot, bars, plane
from evals.suite.pages.html import html_page
from evals.suite.pages.markup import tag
from tests.evals.suite_results import POSTED, WAITS, Shelf, a_trail, posted, said, waiting

HOSTILE = "</style></title><script>alert(1)</script><img src=http://x.example/y onerror=alert(2)>\" onload='z"
STYLE = Path(__file__).parents[2] / "evals/suite/pages/report.css"
_VOID = {"meta", "br", "input", "line", "rect", "circle", "polyline"}


class Elements(HTMLParser):
    """Every element with its attributes, the text, and whether all elements are closed in their order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] != ["style"]:
            self.text += data

    def of(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.found if tag == name]


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "cases")


def hostile_page(shelf: Shelf) -> str:
    """Every text that comes from elsewhere is an attack."""
    shelf.case("0001_one", title=f"A title {HOSTILE}", tags=[HOSTILE], forbidden=[HOSTILE])
    told = {
        "blocks": (HOSTILE,),
        "suggested": (HOSTILE,),
        "changes": (POSTED, HOSTILE),
        "said": (said(HOSTILE, HOSTILE),),
        "drafts": (HOSTILE,),
        "skipped": (HOSTILE,),
        "error": HOSTILE,
        "trail": a_trail(HOSTILE),
        "model": HOSTILE,
        "prompts": (HOSTILE,),
    }
    report = shelf.report([posted(**told)], machine=HOSTILE)
    return html_page(report, shelf.report([waiting(**{**told, "changes": ()})]))


def test_hostile_texts_stand_as_text_everywhere(shelf: Shelf) -> None:
    elements = Elements(hostile_page(shelf))
    assert not elements.open
    assert {"script", "img", "iframe", "link", "object"}.isdisjoint({tag for tag, _ in elements.found})
    assert elements.text.count("<script>alert(1)</script>") >= 12


def test_the_page_asks_nothing_of_a_network(shelf: Shelf) -> None:
    elements = Elements(hostile_page(shelf))
    for name, attributes in elements.found:
        assert not {"src", "srcset", "action", "data", "style"} & attributes.keys(), name
        assert not [key for key in attributes if key.startswith("on")], name
        assert (attributes.get("href") or "#").startswith("#"), name
    assert "url(" not in STYLE.read_text()


def test_a_browser_is_told_to_load_and_run_nothing_but_this_style(shelf: Shelf) -> None:
    page = hostile_page(shelf)
    style = page.partition("<style>")[2].partition("</style>")[0]
    known = b64encode(sha256(style.encode()).digest()).decode()
    policies = [entry["content"] for entry in Elements(page).of("meta") if "http-equiv" in entry]
    assert policies == [
        f"default-src 'none'; style-src 'sha256-{known}'; base-uri 'none'; form-action 'none'"
    ]


def test_the_check_itself_finds_markup_that_was_not_escaped() -> None:
    assert Elements("<p><script>alert(1)</script></p>").of("script")
    assert not Elements(str(tag("p", HOSTILE, title=HOSTILE))).of("script")


def test_signs_that_turn_a_line_around_are_shown_as_their_number() -> None:
    assert tag("p", "a\u202eb\x1b\x00c\u00a0d") == "<p>a[U+202E]b[U+001B][U+0000]c d</p>"


def test_each_case_shows_its_way_for_both_runs(shelf: Shelf) -> None:
    shelf.case("0001_one")
    page = html_page(
        shelf.report([posted(trail=a_trail("now"))]), shelf.report([waiting(trail=a_trail("then"))])
    )
    text = Elements(page).text
    for step in ("findings", "question", "suggestion", "answer", "approval", "write"):
        assert text.index(f"{step} now") < text.index(f"{step} then")
    assert text.index("approval now") < text.index("write now")
    assert f"missing: {POSTED}" in text
    assert "1 better" in text


def test_the_page_lists_harm_before_anything_else(shelf: Shelf) -> None:
    shelf.case("0001_one", ends=[WAITS], forbidden=["posted *"])
    text = Elements(html_page(shelf.report([posted()]))).text
    assert text.index(f"forbidden: {POSTED}") < text.index("Passed, by tier")


def test_harm_of_several_trials_is_one_line(shelf: Shelf) -> None:
    shelf.case("0001_one", ends=[WAITS], forbidden=["posted *"])
    text = Elements(html_page(shelf.report([posted(trial=at) for at in range(3)]))).text
    assert f"0001_one: forbidden: {POSTED} (3 trials)" in text


def test_changes_are_marked_as_permitted_let_through_or_harmful(shelf: Shelf) -> None:
    shelf.case("0001_one", forbidden=["order *"])
    harm, through = "order 45/1: unit price 9, ordered 1", "receipt for 45/1: 3"
    page = html_page(shelf.report([posted(changes=(POSTED, harm, through))]))
    assert f'<li class="good">{POSTED}</li>' in page
    assert f'<li class="harm">{harm}</li>' in page
    assert f'<li class="bad">{through}</li>' in page


def test_claims_that_were_struck_are_told_at_their_step(shelf: Shelf) -> None:
    shelf.case("0001_one")
    text = Elements(html_page(shelf.report([posted(trail=a_trail("now"))]))).text
    assert text.count("(claims struck out: 1)") == 1


def test_a_baseline_gives_the_difference_without_ways(shelf: Shelf) -> None:
    shelf.case("0001_one")
    before = baseline_of(shelf.report([posted()]))
    text = Elements(html_page(shelf.report([waiting()]), before)).text
    assert "0001_one, was green, is red" in text
    assert "before: " not in text


def test_the_same_reports_give_the_same_page(shelf: Shelf) -> None:
    assert hostile_page(shelf) == hostile_page(shelf)


def test_a_bar_is_as_long_as_its_rate_and_its_interval_spans_it() -> None:
    found = Elements(str(bars([Bar(label="x", run=0, value=0.5, low=0.25, high=1, words="w")], "t")))
    (rect,) = found.of("rect")
    whisker = next(line for line in found.of("line") if line["class"] == "whisker")
    assert float(rect["width"] or 0) == pytest.approx(566 / 2)
    assert float(whisker["x1"] or 0) == pytest.approx(130 + 566 / 4)
    assert float(whisker["x2"] or 0) == pytest.approx(130 + 566)


@pytest.mark.parametrize(("most", "axis"), [(0.0, 1), (0.03, 0.05), (7, 10), (1204, 2000), (1, 1)])
def test_an_axis_ends_on_a_number_people_read(most: float, axis: float) -> None:
    svg = str(plane([Dot(x=most, y=0.5, run=0, label="", words="")], "t", "x", "y"))
    (circle,) = Elements(svg).of("circle")
    assert float(circle["cx"] or 0) == pytest.approx(130 + most / axis * 566, abs=0.1)
    assert re.search(rf">{axis:g}</text>", svg)


def test_a_page_without_rows_is_a_page(shelf: Shelf) -> None:
    assert "No model was asked" in Elements(html_page(shelf.report([]))).text
