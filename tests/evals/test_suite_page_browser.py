"""The page of a report in a real browser: it opens from its file, asks nothing of a network, can be read
light and dark and on a narrow screen, and shows the way of a case and what changed since another run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from chromium import Page, browser, command

from evals.suite.pages.html import html_page
from tests.evals.suite_results import POSTED, WAITS, Shelf, a_trail, posted, said, waiting

pytestmark = pytest.mark.slow
WORD = "Lieferantenrechnungspositionsbetragsabweichung" * 4
"""Longer than a narrow screen, and nowhere to be broken."""


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    found = command()
    if found is None:
        pytest.skip("NO CHROMIUM HERE, so the report's page was not opened in a browser")
    with browser(found, tmp_path_factory.mktemp("profile")) as page:
        yield page


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two runs beside each other: one case the same, one better, one with harm."""
    folder = tmp_path_factory.mktemp("report")
    shelf = Shelf(folder / "cases")
    shelf.case("0001_one", must=["price_over"], tags=[WORD])
    shelf.case("0101_two", tier="judgement", options=["wait_for_goods"], title=WORD)
    shelf.case("0401_three", tier="adversarial", ends=[WAITS], forbidden=["posted *"])
    talk = {"trail": a_trail(WORD), "said": (said(WORD, WORD),), "drafts": (WORD,)}
    now = [
        posted("0001_one", blocks=("price_over", WORD), **talk),
        posted("0001_one", 1, blocks=("price_over", WORD)),
        posted("0101_two", suggested=("wait_for_goods",)),
        posted("0401_three"),
    ]
    then = [*now[:2], waiting("0101_two"), waiting("0401_three")]
    path = folder / "report.html"
    page = html_page(shelf.report(now, machine=WORD), shelf.report(then))
    path.write_text(page, encoding="utf-8")
    return path


def is_shown(page: Page, selector: str) -> bool:
    return bool(page.value(f"document.querySelector('{selector}').checkVisibility()"))


def colours(page: Page) -> tuple[str, str]:
    ground, ink = page.value(
        "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]"
    )
    return ground, ink


def test_it_opens_from_its_file_and_asks_nothing_of_a_network(tab: Page, file: Path) -> None:
    tab.open(file)
    asked = [event["request"]["url"] for event in tab.of("Network.requestWillBeSent")]
    assert asked == [file.as_uri()]
    assert [*tab.of("Log.entryAdded"), *tab.of("Runtime.exceptionThrown")] == []
    assert tab.of("Runtime.consoleAPICalled") == []


def test_its_own_policy_keeps_a_script_from_running(tab: Page, file: Path, tmp_path: Path) -> None:
    """The same page with a script in it: what the first test would see if the page had any trouble."""
    path = tmp_path / "hostile.html"
    text = file.read_text(encoding="utf-8")
    path.write_text(
        text.replace("</main>", "<script>document.title = 'ran'</script></main>"), encoding="utf-8"
    )
    tab.open(path)
    assert tab.value("document.title") != "ran"
    assert "Content Security Policy" in tab.of("Log.entryAdded")[0]["entry"]["text"]


def test_tables_and_plots_are_there_with_a_size_of_their_own(tab: Page, file: Path) -> None:
    tab.open(file)
    charts = tab.value(
        "[...document.querySelectorAll('svg.chart')].map(s => s.getBoundingClientRect().height)"
    )
    assert len(charts) == 3 and min(charts) > 40
    bars = tab.value("[...document.querySelectorAll('svg rect.mark')].map(r => r.getBBox().width)")
    assert max(bars) > 100
    rows = tab.value("[...document.querySelectorAll('table')].map(t => t.tBodies[0].rows.length)")
    assert len(rows) >= 3 and min(rows) >= 1


def test_no_words_of_a_plot_stand_outside_it(tab: Page, file: Path) -> None:
    tab.open(file)
    outside = tab.value(
        "[...document.querySelectorAll('svg.chart text')].filter(t => {"
        "const own = t.getBoundingClientRect(), "
        "all = t.closest('svg').getBoundingClientRect(); return own.left < all.left - 1 ||"
        "own.right > all.right + 1 || own.top < all.top - 1 || own.bottom > all.bottom + 1 })"
        ".map(t => t.textContent)"
    )
    assert outside == []


def test_no_label_of_a_plot_stands_on_another_one(tab: Page, file: Path) -> None:
    tab.open(file)
    over = tab.value(
        "[...document.querySelectorAll('svg.chart')].flatMap(svg => { const all = "
        "[...svg.querySelectorAll('g > text')].map(t => [t.textContent, t.getBoundingClientRect()]);"
        "return all.flatMap(([one, a], at) => all.slice(at + 1).filter(([_, b]) => a.left < b.right - 1 &&"
        "b.left < a.right - 1 && a.top < b.bottom - 3 && b.top < a.bottom - 3)"
        ".map(([other]) => one + ' / ' + other)) })"
    )
    assert over == []


@pytest.mark.parametrize("width", [390, 1200])
def test_every_figure_fits_into_its_frame(tab: Page, file: Path, width: int) -> None:
    tab.open(file, width=width)
    parts = "[...document.querySelectorAll('.tile')].map(t => [t.scrollWidth, t.clientWidth])"
    frames = tab.value(parts)
    assert len(frames) == 6
    assert all(needed <= given for needed, given in frames)


def test_the_way_of_a_case_opens_with_a_click(tab: Page, file: Path) -> None:
    tab.open(file)
    assert not is_shown(tab, "#case-0001_one .trail")
    tab.click("#case-0001_one > summary")
    assert is_shown(tab, "#case-0001_one .trail")
    assert "approval carl" in tab.value("document.querySelector('#case-0001_one .trail').innerText")
    assert is_shown(tab, "#case-0001_one .side.run1")


def test_what_changed_since_the_other_run_leads_to_the_case(tab: Page, file: Path) -> None:
    tab.open(file)
    link = tab.value("document.querySelector('.moved-case a').getAttribute('href')")
    assert link in ("#case-0101_two", "#case-0401_three")
    tab.click(".moved-case a")
    assert tab.value("location.hash") == link
    assert tab.value(f"document.querySelector('{link}').getBoundingClientRect().top") < 900


def test_a_click_shows_only_harmful_cases_or_those_that_moved(tab: Page, file: Path) -> None:
    tab.open(file)
    for pick, shown in (
        ("show-harm", ["case-0401_three"]),
        ("show-moved", ["case-0101_two", "case-0401_three"]),
        ("show-all", ["case-0001_one", "case-0101_two", "case-0401_three"]),
    ):
        tab.click(f"label[for={pick}]")
        found = tab.value(
            "[...document.querySelectorAll('.case')].filter(c => c.checkVisibility()).map(c => c.id)"
        )
        assert found == shown


def test_light_and_dark_are_other_colours_that_can_be_read(tab: Page, file: Path) -> None:
    found = []
    for dark in (False, True):
        tab.open(file, dark=dark)
        found.append(colours(tab))
        faint = tab.value(CONTRASTS)
        assert faint == [], f"dark: {dark}"
    assert found[0] != found[1]


CONTRASTS = """(() => {
  const parts = text => text.match(/[\\d.]+/g).map(Number);
  const light = text => parts(text).slice(0, 3).map(c => c / 255).map(
    c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4
  ).reduce((sum, c, at) => sum + c * [0.2126, 0.7152, 0.0722][at], 0);
  const ground = node => { while (node) { const found = getComputedStyle(node).backgroundColor;
    if (parts(found)[3] !== 0) return found; node = node.parentElement } return 'rgb(255, 255, 255)' };
  document.querySelectorAll('details').forEach(part => { part.open = true });
  return [...document.querySelectorAll('main *')].filter(
    node => node.checkVisibility() && !node.closest('svg') && [...node.childNodes].some(n => n.nodeType === 3)
  ).map(node => { const [a, b] = [light(getComputedStyle(node).color), light(ground(node))];
    return [node.className, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)] }
  ).filter(([name, ratio]) => ratio < 4.5);
})()"""
"""Texts with less contrast than 4.5 to 1 (WCAG 2.2, 1.4.3)."""


@pytest.mark.parametrize("width", [320, 390, 768])
def test_a_narrow_screen_does_not_scroll_sideways(tab: Page, file: Path, width: int) -> None:
    tab.open(file, width=width)
    tab.value("document.querySelectorAll('details').forEach(part => { part.open = true })")
    assert tab.value("document.documentElement.scrollWidth") <= width
    assert POSTED in tab.value("document.body.innerText")
