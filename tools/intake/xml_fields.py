"""Reads values out of an XML invoice and notes where each one stood.

A value that is there and cannot be understood becomes a `Problem` with its field, never a silent gap.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from lxml import etree

from tools.domain.documents import Origin, Problem, ProblemSeverity
from tools.domain.identifiers import compact, looks_like_iban
from tools.domain.money import NO_CURRENCY, Money, is_currency

Element = etree._Element

UBL = {
    "ubl": "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2",
    "cn": "urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2",
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
}
CII = {
    "rsm": "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",
    "ram": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100",
    "udt": "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100",
    "qdt": "urn:un:unece:uncefact:data:standard:QualifiedDataType:100",
}
ZUGFERD_1 = {
    "rsm": "urn:ferd:CrossIndustryDocument:invoice:1p0",
    "ram": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:12",
    "udt": "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:15",
    "qdt": "urn:un:unece:uncefact:data:standard:QualifiedDataType:12",
}

LEAST_PRICE_BASE = Decimal("0.000001")
"""Below this a base quantity (BT-149) is a slip, not a unit somebody sells by."""
# Two numbers of 13 digits before the point can be multiplied within the 28 digits of decimal arithmetic.
_NUMBER = re.compile(r"[+-]?0*(\d{1,13}(\.\d{0,30})?|\.\d{1,30})", re.ASCII)
_LONGEST_NUMBER = 60
_ISO_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:T[\d:.]*)?(?:Z|[+-]\d{2}:\d{2})?", re.ASCII)
# UN/EDIFACT 2379: 102 CCYYMMDD, 203 CCYYMMDDHHMM, 204 CCYYMMDDHHMMSS, 205 with zone, 101 YYMMDD.
_DAY_FORMATS = {
    "102": re.compile(r"(\d{4})(\d{2})(\d{2})"),
    "203": re.compile(r"(\d{4})(\d{2})(\d{2})\d{4}"),
    "204": re.compile(r"(\d{4})(\d{2})(\d{2})\d{6}"),
    "205": re.compile(r"(\d{4})(\d{2})(\d{2})\d{4}\D?\d{2,4}"),
}
_MARK = re.compile(r"([a-z]+):")


class XmlFields:
    """One document being read. `prefixes` are the standard's usual ones; paths are written with them.

    `any_namespace` finds elements by their local names, for senders that mix the namespaces up.
    """

    def __init__(self, root: Element, prefixes: Mapping[str, str], any_namespace: bool = False) -> None:
        self.root = root
        self._any_namespace = any_namespace
        self.currency = NO_CURRENCY
        self.origins: dict[str, Origin] = {}
        self.problems: list[Problem] = []
        self._prefixes = prefixes
        self._short = {uri: prefix for prefix, uri in prefixes.items()}
        self._clark: dict[str, str] = {}
        self._paths: dict[Element, str] = {}

    def find(self, element: Element | None, path: str) -> Element | None:
        return None if element is None else element.find(self._expanded(path))

    def all(self, element: Element | None, path: str) -> list[Element]:
        return [] if element is None else element.findall(self._expanded(path))

    def _expanded(self, path: str) -> str:
        known = self._clark.get(path)
        if known is None:
            known = _MARK.sub(self._namespace, path)
            self._clark[path] = known
        return known

    def _namespace(self, mark: re.Match[str]) -> str:
        return "{*}" if self._any_namespace else "{" + self._prefixes[mark[1]] + "}"

    def text(self, field: str | None, element: Element | None, *paths: str) -> str | None:
        """The first of `paths` that holds text, trimmed; its place is noted under `field`."""
        for path in paths:
            found = self.find(element, path)
            if found is not None and (value := _content(found)):
                self.note(field, found)
                return value
        return None

    def own_text(self, field: str | None, element: Element | None) -> str | None:
        if element is None or not (value := _content(element)):
            return None
        self.note(field, element)
        return value

    def attribute(self, field: str | None, element: Element | None, name: str) -> str | None:
        value = (element.get(name) or "").strip() if element is not None else ""
        if element is None or not value:
            return None
        if field is not None:
            self.origins[field] = Origin(xpath=f"{self.path(element)}/@{name}")
        return value

    def accounts(self, elements: list[Element]) -> dict[str, tuple[str, ...]]:
        """The payee's accounts: `ibans` without blanks, `other_accounts` as printed."""
        found: dict[str, list[str]] = {"ibans": [], "other_accounts": []}
        for element in elements:
            text = _content(element)
            kind = "ibans" if looks_like_iban(text) else "other_accounts"
            if compact(text):
                self.note(f"{kind}[{len(found[kind])}]", element)
                found[kind].append(compact(text) if kind == "ibans" else text)
        self.copy_origin("ibans[0]", "iban")
        return {kind: tuple(texts) for kind, texts in found.items()}

    def number(self, field: str, element: Element | None, *paths: str) -> Decimal | None:
        """An xs:decimal. Thousands marks, commas and exponents are no numbers in these standards."""
        value = self.text(field, element, *paths)
        return None if value is None else self._decimal(field, value)

    def _decimal(self, field: str, value: str) -> Decimal | None:
        if len(value) <= _LONGEST_NUMBER and _NUMBER.fullmatch(value):
            return Decimal(value)
        self.unreadable(field, f"{value[:60]!r} is not a number")
        return None

    def amount(self, field: str, element: Element | None, *paths: str) -> Money | None:
        """An amount in the document's currency; another currency on the element is a problem."""
        for path in paths:
            found = self.find(element, path)
            if found is not None and _content(found):
                return self.own_amount(field, found)
        return None

    def own_amount(self, field: str, element: Element | None) -> Money | None:
        value = self.own_text(field, element)
        number = None if value is None else self._decimal(field, value)
        if element is None or number is None:
            return None
        stated = (element.get("currencyID") or "").strip().upper()
        if stated and self.currency != NO_CURRENCY and stated != self.currency:
            self.error(
                "currency_differs",
                f"The amount is in {stated[:10]}, the document in {self.currency}.",
                field,
            )
        return Money(amount=number, currency=self.currency)

    def iso_day(self, field: str, element: Element | None, *paths: str) -> date | None:
        value = self.text(field, element, *paths)
        if value is None:
            return None
        return self._day(field, value, _ISO_DAY.fullmatch(value))

    def coded_day(self, field: str, element: Element | None, path: str) -> date | None:
        """A CII date: `format` says how it is written (UN/EDIFACT 2379); without it 102 or ISO."""
        holder = self.find(element, path)
        found = (
            next((child for child in holder if isinstance(child.tag, str)), None)
            if holder is not None
            else None
        )
        value = self.own_text(field, found)
        if found is None or value is None:
            return None
        form = (found.get("format") or "").strip()
        match = _ISO_DAY.fullmatch(value)
        if match is None:
            match = _DAY_FORMATS.get(form or "102", _DAY_FORMATS["102"]).fullmatch(value)
        return self._day(field, value, match)

    def _day(self, field: str, value: str, match: re.Match[str] | None) -> date | None:
        if match is not None:
            try:
                return date(int(match[1]), int(match[2]), int(match[3]))
            except ValueError:
                match = None
        self.unreadable(field, f"{value[:60]!r} is not a day of the calendar")
        return None

    def use_currency(self, code: str | None) -> None:
        """Sets the document's currency for all amounts read afterwards."""
        if code is None:
            return
        if is_currency(code.upper()):
            self.currency = code.upper()
        else:
            self.unreadable("currency", f"{code[:20]!r} is not a currency code (ISO 4217)")

    def note(self, field: str | None, element: Element) -> None:
        if field is not None:
            self.origins[field] = Origin(xpath=self.path(element))

    def forget(self, field: str) -> None:
        self.origins.pop(field, None)

    def copy_origin(self, source: str, target: str) -> None:
        if source in self.origins:
            self.origins[target] = self.origins[source]

    def path(self, element: Element) -> str:
        """Absolute XPath with positions where a name occurs more than once."""
        known = self._paths.get(element)
        if known is not None:
            return known
        parent = element.getparent()
        if parent is None:
            self._paths[element] = f"/{self._step(element)}"
        else:
            self._number_children(parent)
        return self._paths[element]

    def _number_children(self, parent: Element) -> None:
        # All children at once: asking each one for its siblings costs the square of their number.
        above = self.path(parent)
        children = [child for child in parent if isinstance(child.tag, str)]
        totals: dict[str, int] = {}
        for child in children:
            totals[str(child.tag)] = totals.get(str(child.tag), 0) + 1
        seen: dict[str, int] = {}
        for child in children:
            tag = str(child.tag)
            seen[tag] = seen.get(tag, 0) + 1
            position = f"[{seen[tag]}]" if totals[tag] > 1 else ""
            self._paths[child] = f"{above}/{self._step(child)}{position}"

    def _step(self, element: Element) -> str:
        namespace, _, local = str(element.tag).rpartition("}")
        prefix = self._short.get(namespace[1:])
        if prefix is None:
            return f"*[local-name()='{local}' and namespace-uri()='{namespace[1:]}']"
        return f"{prefix}:{local}"

    def error(self, code: str, message: str, field: str | None = None) -> None:
        self.problems.append(Problem(code=code, severity=ProblemSeverity.ERROR, message=message, field=field))

    def unreadable(self, field: str, why: str) -> None:
        self.error("unreadable_value", f"{why}. Read the value from the document by hand.", field)


def _content(element: Element) -> str:
    return (
        "".join(str(text) for text in element.itertext()).strip()
        if len(element)
        else (element.text or "").strip()
    )
