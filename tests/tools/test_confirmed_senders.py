"""A mail domain is evidence for a supplier only on a person's word, and never when many send from it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tools.audit_log import AuditLog
from tools.case_list import project
from tools.confirmed_senders import ConfirmedSenders, DomainRefused
from tools.domain import audit
from tools.domain.identifiers import PersonId, SupplierId
from tools.domain.mail import MailFacts
from tools.domain.senders import domain_of, is_shared_domain, sender_of
from tools.store import Store

NOW = datetime(2026, 3, 20, 9, 0, tzinfo=UTC)
ANNA, BEN = PersonId("anna"), PersonId("ben")
NORDWIND, SISTER = SupplierId("10042"), SupplierId("10043")


@pytest.fixture
def log(tmp_path: Path) -> AuditLog:
    return AuditLog(Store.open(tmp_path / "erp-agent.db"), lambda: NOW, project)


@pytest.fixture
def senders(log: AuditLog) -> ConfirmedSenders:
    return ConfirmedSenders(log._store, log, lambda: NOW)


def test_a_confirmed_domain_is_kept_with_person_and_reason(senders: ConfirmedSenders, log: AuditLog) -> None:
    assert senders.confirm(NORDWIND, "Rechnung <post@Nordwind.Example>", ANNA, "address on the contract")
    (known,) = senders.of(NORDWIND)
    assert (known.domain, known.confirmed_by, known.confirmed_at) == ("nordwind.example", ANNA, NOW)
    assert known.confirmed_how == "address on the contract"
    (record,) = log.records()
    assert record.actor == audit.person(ANNA)
    assert record.event == audit.SenderConfirmed(
        supplier_id=NORDWIND, domain="nordwind.example", how="address on the contract"
    )


def test_a_domain_on_file_keeps_its_first_witness(senders: ConfirmedSenders, log: AuditLog) -> None:
    assert senders.confirm(NORDWIND, "nordwind.example", ANNA, "contract")
    assert not senders.confirm(NORDWIND, "NORDWIND.example.", BEN, "phone")
    assert senders.of(NORDWIND)[0].confirmed_by == ANNA
    assert log.verify() == 1


def test_sister_companies_may_share_a_domain(senders: ConfirmedSenders) -> None:
    senders.confirm(NORDWIND, "nordwind.example", ANNA, "contract")
    senders.confirm(SISTER, "nordwind.example", ANNA, "contract")
    senders.confirm(SISTER, "sister.example", ANNA, "contract")
    assert senders.by_domain() == {
        "nordwind.example": {NORDWIND, SISTER},
        "sister.example": {SISTER},
    }
    assert senders.domains_of(SISTER) == {"nordwind.example", "sister.example"}
    assert senders.domains_of(SupplierId("404")) == frozenset()


def test_a_withdrawn_domain_is_no_evidence_any_more(senders: ConfirmedSenders, log: AuditLog) -> None:
    senders.confirm(NORDWIND, "nordwind.example", ANNA, "contract")
    senders.confirm(SISTER, "nordwind.example", ANNA, "contract")
    assert senders.withdraw(NORDWIND, "nordwind.example", BEN, "mailbox broken into")
    assert senders.by_domain() == {"nordwind.example": {SISTER}}
    assert not senders.withdraw(NORDWIND, "nordwind.example", BEN, "again")
    assert not senders.withdraw(NORDWIND, "no domain", BEN, "nonsense")
    last = list(log.records())[-1]
    assert last.event == audit.SenderWithdrawn(
        supplier_id=NORDWIND, domain="nordwind.example", why="mailbox broken into"
    )


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("nordwind@gmail.com", "many companies send mail"),
        ("web.de", "many companies send mail"),
        ("mail.t-online.de", "many companies send mail"),
        ("post.xero.com", "many companies send mail"),
        ("nordwind.onmicrosoft.com", "many companies send mail"),
        ("co.uk", "many companies send mail"),
        ("com", "is no mail domain"),
        ("nordwind", "is no mail domain"),
        ("10.0.0.1", "is no mail domain"),
        ("nord wind.de", "is no mail domain"),
        ("", "is no mail domain"),
        ("nordwind..de", "is no mail domain"),
    ],
)
def test_a_domain_that_cannot_be_one_companys_is_refused(
    senders: ConfirmedSenders, log: AuditLog, address: str, why: str
) -> None:
    with pytest.raises(DomainRefused, match=why):
        senders.confirm(NORDWIND, address, ANNA, "phone")
    assert senders.all() == ()
    assert log.verify() == 0


@pytest.mark.parametrize(
    ("address", "domain"),
    [
        ("a@b@Nordwind.Example", "nordwind.example"),
        ("post@bücher.example", "xn--bcher-kva.example"),
        ("post@nordwind.example.evil.de", "nordwind.example.evil.de"),
        (None, None),
        ("nobody", None),
        ("x@" + "a" * 64 + ".de", None),
    ],
)
def test_a_domain_has_one_spelling(address: str | None, domain: str | None) -> None:
    assert domain_of(address) == domain


def test_a_companys_own_domain_is_not_taken_for_a_shared_one() -> None:
    own = (
        "nordwind.co.uk",
        "gmx-consulting.de",
        "myaol.com",
        "web.de.example",
        "hotmail.example",
        "co-op.se",
    )
    assert not [domain for domain in own if is_shared_domain(domain)]


def test_the_sender_of_a_forwarded_mail_is_who_forwarded_it() -> None:
    inner = MailFacts(sender="post@nordwind.example", carrier=MailFacts(sender="colleague@ours.example"))
    assert sender_of(inner) == "colleague@ours.example"
    assert sender_of(MailFacts(sender="post@nordwind.example")) == "post@nordwind.example"
    assert sender_of(None) is None
