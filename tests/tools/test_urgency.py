"""Which waiting case comes first."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from tests.builders import an_invoice
from tools.domain.identifiers import CaseId
from tools.domain.money import Money
from tools.urgency import NEAR, Urgency, in_order

TODAY = date(2026, 3, 10)


def entry(name: str, **values: object) -> Urgency:
    return Urgency.model_validate({"case_id": name, "received": date(2026, 3, 1), **values})


def order(*entries: Urgency) -> list[str]:
    return [found.case_id for found in in_order(entries, TODAY, "EUR", {"USD": Decimal("0.9")})]


def eur(text: str) -> Money:
    return Money.of(text, "EUR")


def test_a_discount_about_to_lapse_goes_before_an_overdue_invoice() -> None:
    overdue = entry("overdue", due=date(2026, 2, 1), gross=eur("90000"))
    discount = entry("discount", discount=eur("20"), discount_until=TODAY, gross=eur("1000"))
    assert order(overdue, discount) == ["discount", "overdue"]


def test_the_larger_discount_at_risk_goes_first_and_a_far_one_is_not_at_risk() -> None:
    small = entry("small", discount=eur("5"), discount_until=TODAY)
    large = entry("large", discount=eur("50"), discount_until=TODAY + NEAR)
    far = entry("far", discount=eur("500"), discount_until=TODAY + NEAR + timedelta(days=1))
    assert order(far, small, large) == ["large", "small", "far"]


def test_without_discounts_the_due_date_decides_then_the_amount_then_the_age() -> None:
    soon = entry("soon", due=date(2026, 3, 12), gross=eur("10"))
    dear = entry("dear", due=date(2026, 3, 20), gross=eur("900"))
    cheap = entry("cheap", due=date(2026, 3, 20), gross=eur("100"))
    old = entry("old", due=date(2026, 3, 20), gross=eur("100"), received=date(2026, 2, 1))
    undated = entry("undated", gross=eur("99999"))
    assert order(undated, cheap, old, dear, soon) == ["soon", "dear", "old", "cheap", "undated"]


def test_amounts_are_compared_in_one_currency_and_one_without_a_rate_does_not_sink() -> None:
    dollars = entry("dollars", gross=Money.of("1000", "USD"))
    euros = entry("euros", gross=eur("950"))
    unknown = entry("unknown", gross=Money.of("1", "CHF"))
    assert order(dollars, euros, unknown) == ["unknown", "euros", "dollars"]


def test_the_reasons_name_every_figure() -> None:
    terms = {"payment_terms": "2% 10, net 30", "issue_date": date(2026, 3, 2), "due_date": date(2026, 4, 1)}
    invoice = an_invoice(total="121.00").model_copy(update=terms)
    found = Urgency.of(CaseId("C-1"), date(2026, 3, 3), invoice, TODAY)
    assert found.reasons(TODAY) == (
        "2.42 EUR discount until 2026-03-12 (in 2 days)",
        "due 2026-04-01 (in 22 days)",
        "here for 7 days",
    )
    late = Urgency.of(CaseId("C-1"), date(2026, 3, 3), invoice, date(2026, 4, 1))
    assert late.reasons(date(2026, 4, 1))[:2] == ("2.42 EUR discount has lapsed", "due 2026-04-01 (today)")
    assert not late.is_at_risk(date(2026, 4, 1))


def test_a_document_that_was_not_read_has_only_its_age() -> None:
    found = Urgency.of(CaseId("C-1"), date(2026, 3, 3), None, TODAY)
    assert found.reasons(TODAY) == ("here for 7 days",)


amounts = st.none() | st.decimals("0.01", "99999", places=2).map(
    lambda value: Money(amount=value, currency="EUR")
)
days = st.none() | st.integers(-30, 30).map(lambda number: TODAY + timedelta(days=number))


@given(
    st.lists(st.tuples(amounts, days, amounts, days), min_size=1, max_size=12),
    st.randoms(use_true_random=False),
)
def test_the_order_does_not_depend_on_the_order_of_asking(
    rows: list[tuple[object, ...]], chance: object
) -> None:
    entries = [
        entry(f"C-{at:03}", gross=gross, due=due, discount=discount, discount_until=until)
        for at, (gross, due, discount, until) in enumerate(rows)
    ]
    mixed = list(entries)
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    found = order(*mixed)
    assert found == order(*entries)
    assert sorted(found) == sorted(one.case_id for one in entries)
