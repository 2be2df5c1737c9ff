"""What a mail says about its own way here: claims of its sender, kept to be judged."""

from __future__ import annotations

from pydantic import Field

from tools.domain.record import Record


class MailFacts(Record):
    """The mail a document came in. Everything but the topmost headers can be written by its sender."""

    sender: str | None = None
    """Address in From, as claimed."""
    display_name: str | None = None
    """Name beside the address in From."""
    reply_to: str | None = None
    """Address that answers would go to, where another than From is named."""
    authentication: tuple[str, ...] = ()
    """Authentication-Results headers (RFC 8601), topmost first, as they stand in the mail."""
    numbers: tuple[str, ...] = ()
    """Telephone numbers in the mail's text, digits only."""
    accounts: tuple[str, ...] = Field(default=(), repr=False)
    """Bank accounts (IBAN) in the mail's text."""
    carrier: MailFacts | None = None
    """The mail this one was attached to when it was forwarded; nothing inside of it is more than its word."""


def carried(mail: MailFacts | None, carrier: MailFacts | None) -> MailFacts | None:
    """The mail with `carrier` as the outermost one around it: a mail that lay in another, in whatever form,
    never becomes the outermost itself."""
    if mail is None or carrier is None:
        return mail or carrier
    return mail.model_copy(update={"carrier": carried(mail.carrier, carrier)})
