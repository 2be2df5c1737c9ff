"""Who sent the mail a document came in, as far as that can be doubted: SENDER_SUSPECT."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from tools.domain.findings import Discrepancy, DiscrepancyKind, Severity
from tools.domain.fraud_policy import FraudPolicy, NewSender
from tools.domain.identifiers import compact
from tools.domain.mail import MailFacts
from tools.domain.senders import domain_of, is_shared_domain
from tools.domain.supplier import Supplier
from tools.matching.fraud_authentication import Verdict, authentication
from tools.matching.fraud_domains import likeness, same_sender
from tools.matching.fraud_facts import FraudFacts

_ADDRESS = re.compile(r"[^\s<>\"'(),;:]+@[^\s<>\"'(),;:]+\.[^\s<>\"'(),;:]+")
_SHORTEST_NAME = 5


def check_sender(
    facts: FraudFacts, supplier: Supplier, policy: FraudPolicy, own_names: Collection[str] = ()
) -> list[Discrepancy]:
    """Findings about the mail, about each mail it was forwarded in, and nothing for other documents.

    Of the mail itself (the outermost one) the whole is judged; of a mail inside of it only the addresses
    it names, because its headers are the word of whoever forwarded it.
    """
    found: list[Discrepancy] = []
    mail = facts.mail
    while mail is not None:
        if mail.carrier is None:
            found += _authenticity(mail, policy)
        if not _is_own(domain_of(mail.sender), policy):
            found += _addresses(mail, facts, supplier, policy, own_names)
        mail = mail.carrier
    return [entry for place, entry in enumerate(found) if entry not in found[:place]]


def _finding(severity: Severity, rule: str, message: str, **figures: str) -> Discrepancy:
    return Discrepancy(
        kind=DiscrepancyKind.SENDER_SUSPECT,
        severity=severity,
        rule=f"fraud.sender.{rule}",
        message=message,
        figures=figures,
    )


def _is_own(domain: str | None, policy: FraudPolicy) -> bool:
    return domain is not None and any(same_sender(domain, own) for own in policy.own_domains)


def _authenticity(mail: MailFacts, policy: FraudPolicy) -> Iterator[Discrepancy]:
    checked = authentication(mail, policy.trusted_authserv)
    who = mail.sender or "nobody"
    if checked.verdict is Verdict.FAILED:
        yield _finding(
            Severity.BLOCK,
            "authentication",
            f"Our mail server could not confirm that this mail is from {who}: {checked.results}.",
            sender=who,
            results=checked.results,
        )
    elif policy.trusted_authserv and checked.verdict is not Verdict.PASSED:
        # Whoever writes our own address in From is not judged by his domain: only our server's word is left.
        own = _is_own(domain_of(mail.sender), policy)
        asked = "This mail bears an address of our own; whether it is" if own else "Whether this mail is"
        yield _finding(
            Severity.WARN,
            "own_domain" if own else "unauthenticated",
            f"{asked} from {who} was not established{f' ({checked.results})' if checked.results else ''}.",
            sender=who,
            results=checked.results or "none",
        )


def _addresses(
    mail: MailFacts, facts: FraudFacts, supplier: Supplier, policy: FraudPolicy, own_names: Collection[str]
) -> Iterator[Discrepancy]:
    yield from _display_name(mail, own_names)
    for role, address in (("sender", mail.sender), ("reply-to", mail.reply_to)):
        domain = domain_of(address)
        if address and domain and not _is_known(address, domain, facts, supplier):
            imitation = _imitation(role, domain, facts, supplier, policy)
            if imitation is not None:
                yield imitation
            elif role == "sender":
                yield from _new(address, domain, facts, supplier, policy)


def _display_name(mail: MailFacts, own_names: Collection[str]) -> Iterator[Discrepancy]:
    """A name made to be read as another address, or as our own company."""
    shown, sender = mail.display_name or "", domain_of(mail.sender)
    if sender is None:
        return
    named = [domain for text in _ADDRESS.findall(shown) if (domain := domain_of(text)) is not None]
    for domain in named:
        if not same_sender(domain, sender):
            yield _finding(
                Severity.BLOCK,
                "display_name",
                f"The sender shows an address of {domain} as its name but writes from {mail.sender}.",
                shown=shown[:100],
                sender=mail.sender or "",
            )
    if any(len(compact(name)) >= _SHORTEST_NAME and compact(name) in compact(shown) for name in own_names):
        yield _finding(
            Severity.BLOCK,
            "own_name",
            f"The sender shows our own name, {shown[:100]}, but writes from outside: {mail.sender}.",
            shown=shown[:100],
            sender=mail.sender or "",
        )


def _is_known(address: str, domain: str, facts: FraudFacts, supplier: Supplier) -> bool:
    if address.casefold() in {known.casefold() for known in facts.addresses}:
        return True
    return not is_shared_domain(domain) and any(same_sender(domain, known) for known in facts.domains)


def _imitation(
    role: str, domain: str, facts: FraudFacts, supplier: Supplier, policy: FraudPolicy
) -> Discrepancy | None:
    """A domain that looks like the supplier's, another supplier's or our own."""
    owners = [(known, supplier.name) for known in sorted(facts.domains)]
    owners += [(other.domain, other.supplier_name) for other in facts.others]
    owners += [(own, "our own company") for own in sorted(policy.own_domains)]
    if any(same_sender(domain, known) for known, _ in owners):
        return None
    for known, owner in owners:
        how = likeness(domain, known)
        if how is not None:
            return _finding(
                Severity.BLOCK,
                "lookalike",
                f"The {role} {domain} imitates {known} of {owner}: {how}.",
                role=role,
                domain=domain,
                known=known,
                how=how.value,
            )
    return None


def _new(
    address: str, domain: str, facts: FraudFacts, supplier: Supplier, policy: FraudPolicy
) -> Iterator[Discrepancy]:
    severity = Severity.BLOCK if policy.new_sender is NewSender.STOP else Severity.WARN
    verify = f" {_way_to_confirm(domain, supplier)}" if severity is Severity.BLOCK else ""
    other = next((each for each in facts.others if same_sender(domain, each.domain)), None)
    if other is not None:
        yield _finding(
            severity,
            "of_other_supplier",
            f"The mail comes from {address}; that is {other.supplier_name}, not {supplier.name}.{verify}",
            sender=address,
            owner=other.supplier_id,
        )
    elif facts.domains or facts.addresses:
        on_file = ", ".join(sorted(facts.domains or facts.addresses))
        kind = "a mailbox that anybody can open" if is_shared_domain(domain) else "a new domain"
        yield _finding(
            severity,
            "new_domain",
            f"The mail comes from {address}, {kind} for {supplier.name}; on file: {on_file}.{verify}",
            sender=address,
            known=on_file,
        )


def _way_to_confirm(domain: str, supplier: Supplier) -> str:
    """A domain of many companies cannot be confirmed for one: there each mail is verified."""
    call = "Ask the supplier on a number known before."
    if is_shared_domain(domain):
        return call
    command = f"`erp-agent suppliers confirm-sender {supplier.supplier_id} {domain}`"
    return f"{call} If it is theirs, {command} records it; then check again."
