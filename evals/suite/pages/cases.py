"""The part of a report's page that shows each case: its way, step by step, and what it left in the books."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from evals.suite.case import End
from evals.suite.outcome import DocumentEnd
from evals.suite.pages.markup import Markup, joined, tag
from evals.suite.rows import Row
from evals.suite.trail import TrailStep
from tools.domain.audit import SERVICE

_PICKS = (
    ("show-all", "all"),
    ("show-red", "red or unsteady"),
    ("show-harm", "harmful"),
    ("show-moved", "otherwise than before"),
)
Sides = Sequence[tuple[str, Mapping[str, Sequence[Row]]]]
"""Name of a run and its rows by case: this run first, then the one it is compared with."""


def case_list(sides: Sides) -> Markup:
    """Every case of the first run, with a choice of which are shown; no script is needed for it."""
    own = sides[0][1]
    inputs = [
        tag("input", type="radio", name="pick", id=name, klass="pick", checked=name == "show-all")
        for name, _ in _PICKS
    ]
    labels = [tag("label", words, for_=name) for name, words in _PICKS]
    cases = [_case(case, sides) for case in sorted(own)]
    return joined(*inputs, tag("div", labels, klass="filters"), tag("div", cases, klass="cases", id="cases"))


def _case(case: str, sides: Sides) -> Markup:
    found = [(name, rows[case]) for name, rows in sides if case in rows]
    first = found[0][1][0]
    chips = [_chip(rows) for _, rows in found]
    told = [chip for _, chip in chips]
    is_moved = len(found) > 1 and _results(found[0][1]) != _results(found[1][1])
    classes = ["case", chips[0][0] if chips[0][0] != "unsteady" else "red", "moved" if is_moved else ""]
    if chips[0][0] == "harm":
        classes.append("red")
    summary = tag(
        "summary",
        tag("span", case, klass="code"),
        tag("span", first.title, klass="title"),
        tag("span", first.tier.value, klass="soft"),
        told[0],
        [tag("span", "before ", klass="soft"), told[1]] if len(told) > 1 else "",
    )
    inside = tag(
        "div",
        tag("p", first.why),
        tag("p", f"{', '.join(first.tags)} · documents in {first.language}", klass="soft"),
        _permitted(first),
        tag("div", [_side(at, name, rows) for at, (name, rows) in enumerate(found)], klass="sides"),
        klass="inside",
    )
    return tag("details", summary, inside, klass=" ".join(filter(None, classes)), id=f"case-{case}")


def _results(rows: Sequence[Row]) -> list[tuple[bool, tuple[str, ...]]]:
    return [(row.verdict.passed, row.verdict.reasons) for row in rows]


def _chip(rows: Sequence[Row]) -> tuple[str, Markup]:
    """The class of a case's state, and the words for it."""
    passed = sum(row.verdict.passed for row in rows)
    trials = "" if len(rows) == 1 else f" {passed} of {len(rows)}"
    if any(row.verdict.harmful for row in rows):
        state, words = "harm", f"‼ harm{trials}"
    elif not rows[0].counts:
        state, words = "none", "not counted"
    elif passed == len(rows):
        state, words = "green", f"✓ passed{trials}"
    else:
        state = "red" if 2 * passed < len(rows) else "unsteady"
        words = f"✗ red{trials}" if state == "red" else f"~ unsteady{trials}"
    return state, tag("span", words, klass=f"chip {state}")


def _permitted(row: Row) -> Markup:
    ends = [tag("li", _end(end), klass="plain") for end in row.expected.ends]
    forbidden = [tag("li", f"forbidden: {pattern}", klass="plain") for pattern in row.expected.forbidden]
    return joined(tag("h4", "permitted ends"), tag("ul", ends, forbidden, klass="lines"))


def _end(end: End) -> str:
    stages = ", ".join(
        f"{file} {stage if isinstance(stage, str) else ' or '.join(stage)}"
        for file, stage in sorted(end.stages.items())
    )
    return f"{end.why or 'an end'}: {stages} · {'; '.join(end.changes) or 'no change of the books'}"


def _side(at: int, name: str, rows: Sequence[Row]) -> Markup:
    """Of several trials the first one is open."""
    trials: list[Markup] = []
    for row in rows:
        words = f"trial {row.trial + 1}: {'passed' if row.verdict.passed else 'red'}"
        told = tag("details", tag("summary", words), _trial(row), open=row is rows[0], klass="trial")
        trials.append(told if len(rows) > 1 else _trial(row))
    return tag("div", tag("h3", name), trials, klass=f"side run{at}")


def _trial(row: Row) -> Markup:
    outcome, verdict = row.outcome, row.verdict
    reasons = [
        tag("li", reason, klass="harm" if reason.startswith("harm: ") else "bad")
        for reason in verdict.reasons
    ]
    if verdict.declined:
        reasons.append(tag("li", f"not counted: {verdict.declined}", klass="plain"))
    talk = [joined(tag("h4", f"clerk: {turn.words}"), tag("pre", turn.answer)) for turn in outcome.said]
    return joined(
        tag("ul", reasons, klass="lines") if reasons else "",
        [_document(row, document) for document in outcome.documents],
        _loose(row),
        tag("h4", "changes of the books"),
        _changes(row),
        talk,
        [joined(tag("h4", "letter"), tag("pre", draft)) for draft in outcome.drafts],
        [tag("p", f"not done: {what}", klass="soft") for what in outcome.skipped],
    )


def _document(row: Row, document: DocumentEnd) -> Markup:
    kinds = [*document.blocks, *(f"{kind} (warning)" for kind in document.warnings)]
    return joined(
        tag("h4", f"{document.file}: {document.stage.replace('_', ' ')}"),
        tag("p", f"findings at the end: {', '.join(kinds) or 'none'}", klass="soft"),
        _trail(row, document.file),
    )


def _loose(row: Row) -> Markup:
    """Steps of no document of the list: what could not be read, what came again."""
    known = {document.file for document in row.outcome.documents}
    files = dict.fromkeys(step.file for step in row.outcome.trail if step.file not in known)
    return joined([joined(tag("h4", file or "no document"), _trail(row, file)) for file in files])


def _trail(row: Row, file: str) -> Markup:
    steps = [
        tag(
            "li",
            tag("span", step.mark.value, _by(step), klass="what"),
            tag("span", step.words, _struck(step), klass="words"),
            klass=step.mark.value,
        )
        for step in row.outcome.trail
        if step.file == file
    ]
    return tag("ol", steps, klass="trail")


def _by(step: TrailStep) -> str:
    return "" if step.who == SERVICE.id else f" {step.who}"


def _struck(step: TrailStep) -> str:
    return f" (claims struck out: {step.struck})" if step.struck else ""


def _changes(row: Row) -> Markup:
    verdict = row.verdict
    through = Counter(verdict.let_through)
    lines = []
    for change in row.outcome.changes:
        bad = through[change] > 0
        through[change] -= bad
        harms = any(what.endswith(f": {change}") for what in verdict.harmful)
        klass = "harm" if harms else "bad" if bad else "good"
        lines.append(tag("li", change, klass=klass))
    lines += [tag("li", f"missing: {change}", klass="gap") for change in verdict.missing]
    return tag("ul", lines or tag("li", "none", klass="plain"), klass="lines")
