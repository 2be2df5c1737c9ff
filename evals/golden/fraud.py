"""Vectors of the fraud controls: look-alike domains, call-backs, limits, split purchases, mail senders."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from tools.domain.authority import ApprovalPolicy
from tools.domain.call_backs import (
    CallBack,
    CallResult,
    NumberSource,
    activation_refusal,
    cooling_until,
    number_refusal,
)
from tools.domain.documents import DocumentFormat, DocumentType, Invoice, InvoiceLine, Party
from tools.domain.fraud_policy import FraudPolicy
from tools.domain.identifiers import CaseId, SupplierId
from tools.domain.mail import MailFacts
from tools.domain.money import Money
from tools.domain.supplier import Supplier
from tools.matching.fraud_amounts import (
    TOGETHER,
    check_near_limit,
    check_round,
    check_sequence,
    check_split,
    line_text,
)
from tools.matching.fraud_authentication import authentication
from tools.matching.fraud_domains import likeness
from tools.matching.fraud_facts import EarlierInvoice, FraudFacts, OtherDomain
from tools.matching.fraud_sender import check_sender

_NOW = datetime.fromisoformat("2026-03-16T09:00:00+00:00")


def evaluate(given: Mapping[str, Any]) -> Any:
    """The outcome of the rule that `given["rule"]` names, as JSON; KeyError for an unknown one."""
    return _RULES[given["rule"]](given)


def _lookalike(given: Mapping[str, Any]) -> str | None:
    found = likeness(given["domain"].encode("idna").decode(), given["known"])
    return found.name.lower() if found else None


def _number(given: Mapping[str, Any]) -> bool:
    """Whether the number may be called back."""
    refused = number_refusal(
        given["number"],
        NumberSource(given["source"]),
        given.get("printed", []),
        given.get("on_file"),
        printed_counts=given.get("printed_counts", True),
    )
    return refused is None


def _activation(given: Mapping[str, Any]) -> bool:
    """Whether `person` may activate the account after these calls."""
    calls = [_call(at, entry) for at, entry in enumerate(given["calls"], start=1)]
    policy = ApprovalPolicy.model_validate(given.get("policy", {}))
    return activation_refusal(calls, given["person"], policy) is None


def _call(number: int, said: Mapping[str, Any]) -> CallBack:
    return CallBack.model_validate(
        {
            "id": number,
            "supplier_id": "V1",
            "account": "DE89370400440532013000",
            "number": "+49 431 5550100",
            "number_from": "contract",
            "spoken_with": "Ms Nord",
            "called_at": _NOW,
            "recorded_at": _NOW,
            "caller": "anna",
            "result": CallResult.CONFIRMED,
            **said,
        }
    )


def _cooling(given: Mapping[str, Any]) -> str | None:
    calls = [_call(1, {"activated_by": "bert", "activated_at": given["activated_at"]})]
    until = cooling_until(calls, timedelta(hours=given["hours"]))
    return until.isoformat() if until else None


def _near(given: Mapping[str, Any]) -> str | None:
    limits = [Money.of(amount, "EUR") for amount in given["limits"]]
    gross = Money.of(given["gross"], given.get("currency", "EUR"))
    found = list(check_near_limit(gross, limits, Decimal(given.get("percent", "5"))))
    return found[0].figures["limit"] if found else None


def _round(given: Mapping[str, Any]) -> bool:
    return bool(list(check_round(_invoice(given), Decimal(given.get("step", "1000")))))


def _split(given: Mapping[str, Any]) -> list[str] | None:
    """Limit passed and sum, or None."""
    limits = [Money.of(amount, "EUR") for amount in given["limits"]]
    policy = FraudPolicy(split_days=given.get("days", 14))
    found = list(check_split(_invoice(given), map(_earlier, given["earlier"]), limits, policy))
    return [found[0].figures["limit"], found[0].figures[TOGETHER]] if found else None


def _sequence(given: Mapping[str, Any]) -> bool:
    return bool(list(check_sequence(_invoice(given), map(_earlier, given["earlier"]), FraudPolicy())))


def _sender(given: Mapping[str, Any]) -> list[str]:
    """Severity and rule of each finding about the mail."""
    facts = FraudFacts(
        now=_NOW,
        mail=MailFacts.model_validate(given["mail"]),
        domains=frozenset(given.get("domains", [])),
        addresses=frozenset(given.get("addresses", [])),
        others=tuple(
            OtherDomain(domain=domain, supplier_id=SupplierId("V2"), supplier_name="Other")
            for domain in given.get("others", [])
        ),
    )
    policy = FraudPolicy.model_validate(given.get("policy", {}))
    supplier = Supplier(supplier_id=SupplierId("V1"), name="Nordberg GmbH")
    found = check_sender(facts, supplier, policy, given.get("own_names", ()))
    return [f"{entry.severity} {entry.rule.removeprefix('fraud.sender.')}" for entry in found]


def _authentication(given: Mapping[str, Any]) -> str:
    mail = MailFacts(sender=given["sender"], authentication=tuple(given["headers"]))
    return authentication(mail, given["trusted"]).verdict.value


def _invoice(said: Mapping[str, Any]) -> Invoice:
    amounts = {name: Money.of(said[name], "EUR") for name in ("gross_total", "net_total") if name in said}
    return Invoice(
        document_type=DocumentType(said.get("type", "invoice")),
        format=DocumentFormat.UBL,
        number=said.get("number", "RE-9"),
        issue_date=date.fromisoformat(said.get("date", "2026-03-16")),
        currency="EUR",
        supplier=Party(),
        buyer=Party(),
        order_number=said.get("order"),
        lines=(InvoiceLine(description=said.get("text")),),
        **amounts,
    )


def _earlier(said: Mapping[str, Any]) -> EarlierInvoice:
    return EarlierInvoice(
        case_id=CaseId("C-1"),
        number=said.get("number", "RE-8"),
        issue_date=date.fromisoformat(said.get("date", "2026-03-16")),
        gross=Money.of(said["gross"], said.get("currency", "EUR")) if "gross" in said else None,
        orders=(said["order"],) if "order" in said else (),
        text=line_text([said.get("text")]),
    )


_RULES = {
    "lookalike": _lookalike,
    "number": _number,
    "activation": _activation,
    "cooling": _cooling,
    "near_limit": _near,
    "round": _round,
    "split": _split,
    "sequence": _sequence,
    "sender": _sender,
    "authentication": _authentication,
}
