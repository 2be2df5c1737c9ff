"""Small charts as SVG: rates with intervals, cost against quality, risk against coverage.

Colours come from the page's style (`run0`, `run1`); each point also has its words, for those who see no
colour and for a pointer that rests on it.
"""

from __future__ import annotations

from collections.abc import Sequence

from evals.suite.pages.markup import Markup, joined, tag
from tools.domain.record import Record

_WIDTH = 720
_LEFT, _RIGHT, _TOP, _BELOW = 130, 24, 12, 46
_LETTER, _LINE = 7, 14
"""Of a label, at most, in units of the chart."""
_PLACES = (-6, 16, 30, 44, -20, -34)
"""Where a label may stand, below its point: as near as no other label stands."""


class Bar(Record):
    """One rate with its interval; all between 0 and 1."""

    label: str
    run: int
    """0: this run, 1: the other one."""
    value: float
    low: float
    high: float
    words: str


class Dot(Record):
    """A point of a plane."""

    x: float
    y: float
    """Between 0 and 1."""
    run: int
    label: str
    words: str


def bars(found: Sequence[Bar], title: str) -> Markup:
    """A row for each bar: the rate as a bar, its interval as a line."""
    row, height = 26, len(found) * 26 + _TOP + 30
    parts = [_grid(height - 30)]
    for at, bar in enumerate(found):
        middle = _TOP + at * row + row / 2
        repeated = at > 0 and found[at - 1].label == bar.label
        parts.append(_text(_LEFT - 10, middle + 4, "" if repeated else bar.label, "end"))
        parts.append(
            tag(
                "g",
                tag("title", bar.words),
                tag("rect", x=_LEFT, y=middle - 7, width=_across(bar.value) - _LEFT, height=14, klass="mark"),
                _line(_across(bar.low), middle, _across(bar.high), middle, "whisker"),
                *(
                    _line(_across(end), middle - 5, _across(end), middle + 5, "whisker")
                    for end in (bar.low, bar.high)
                ),
                klass=f"run{bar.run}",
            )
        )
    return _svg(height, title, parts)


def _grid(bottom: float) -> Markup:
    parts = []
    for tenth in range(0, 11, 2):
        x = _across(tenth / 10)
        parts.append(_line(x, _TOP, x, bottom, "grid"))
        parts.append(_text(x, bottom + 18, f"{10 * tenth} %", "middle"))
    return joined(*parts)


def _across(share: float) -> float:
    return round(_LEFT + share * (_WIDTH - _LEFT - _RIGHT), 1)


def plane(found: Sequence[Dot], title: str, x_name: str, y_name: str, *, is_line: bool = False) -> Markup:
    """Points; `is_line`: those of one run are joined in their order. The x axis begins at 0."""
    height, most = 300, _round_up(max((dot.x for dot in found), default=1))
    bottom, top = height - _BELOW, _TOP + _LINE
    labels = _Labels(top, bottom)

    def place(dot: Dot) -> tuple[float, float]:
        x = _LEFT + dot.x / most * (_WIDTH - _LEFT - _RIGHT)
        return round(x, 1), round(bottom - dot.y * (bottom - top), 1)

    parts = [_axes(bottom, top, most), _text((_LEFT + _WIDTH) / 2, height - 6, x_name, "middle")]
    parts.append(_text(10, _TOP, y_name, "start"))
    for run in (1, 0):
        own = [dot for dot in found if dot.run == run]
        if is_line and len(own) > 1:
            told = " ".join(f"{x},{y}" for x, y in map(place, own))
            parts.append(tag("g", tag("polyline", points=told, klass="curve"), klass=f"run{run}"))
        parts += [_dot(dot, *place(dot), labels) for dot in own]
    return _svg(height, title, parts)


class _Labels:
    """Where labels stand already, so that no other one is written over them."""

    def __init__(self, top: float, bottom: float) -> None:
        self._top, self._bottom = top - _LINE, bottom
        self._taken: list[tuple[float, float, float]] = []

    def place(self, x: float, y: float, words: str, anchor: str) -> Markup:
        """`words` beside a point; nothing where there is no room: a point has its words in itself too."""
        wide = len(words) * _LETTER
        left = x - wide if anchor == "end" else x
        free = (y + by for by in _PLACES if self._is_free(left, left + wide, y + by))
        if not words or (found := next(free, None)) is None:
            return joined()
        self._taken.append((left, left + wide, found))
        return _text(x, found, words, anchor)

    def _is_free(self, left: float, right: float, y: float) -> bool:
        beside = (right <= a or b <= left or abs(y - at) >= _LINE for a, b, at in self._taken)
        return self._top <= y <= self._bottom and all(beside)


def _dot(dot: Dot, x: float, y: float, labels: _Labels) -> Markup:
    anchor, at = ("end", x - 9) if x > _WIDTH - 120 else ("start", x + 9)
    return tag(
        "g",
        tag("title", dot.words),
        tag("circle", cx=x, cy=y, r=5, klass="mark"),
        labels.place(at, y, dot.label, anchor),
        klass=f"run{dot.run}",
    )


def _axes(bottom: float, top: float, most: float) -> Markup:
    parts = []
    for fifth in range(6):
        y = bottom - fifth / 5 * (bottom - top)
        parts.append(_line(_LEFT, y, _WIDTH - _RIGHT, y, "grid"))
        parts.append(_text(_LEFT - 10, y + 4, f"{20 * fifth} %", "end"))
        parts.append(_text(_across(fifth / 5), bottom + 18, f"{most * fifth / 5:g}", "middle"))
    return joined(*parts)


def _round_up(most: float) -> float:
    """To 1, 2 or 5 times a power of ten: the axis ends on a number people read."""
    power = 1.0
    while power * 10 <= most:
        power *= 10
    while power > most > 0:
        power /= 10
    return next((power * step for step in (1, 2, 5, 10) if power * step >= most), power) or 1.0


def _line(x1: float, y1: float, x2: float, y2: float, klass: str) -> Markup:
    return tag("line", x1=round(x1, 1), y1=round(y1, 1), x2=round(x2, 1), y2=round(y2, 1), klass=klass)


def _text(x: float, y: float, words: str, anchor: str) -> Markup:
    return tag("text", words, x=round(x, 1), y=round(y, 1), text_anchor=anchor)


def _svg(height: float, title: str, parts: Sequence[Markup]) -> Markup:
    """In a frame that scrolls by itself: made as narrow as a telephone its words could not be read."""
    drawn = tag(
        "svg", tag("title", title), *parts, viewbox=f"0 0 {_WIDTH} {height:g}", role="img", klass="chart"
    )
    return tag("div", drawn, klass="wide")
