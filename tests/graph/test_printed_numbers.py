"""A number that came in with any document is not the one to call, whatever became of the document."""

from __future__ import annotations

from collections.abc import Callable
from email.message import EmailMessage

import pytest
from sqlalchemy import text

from agent.account_desk import CallSlip
from agent.supplier_desk import DeskRefused
from tests.graph.office import BERT, CLEO, Office
from tests.graph.papers import FOREIGN_IBAN, NORD, SUED, a_document
from tests.tools.intake.pdf_builder import Text, a_pdf
from tools.domain.call_backs import CallResult, NumberSource

LETTER = f"""Nordberg Werkzeuge GmbH. Our bank has changed. Please pay to {FOREIGN_IBAN} from now on.
Questions are answered by our new office: 0431 777 8899"""
REFUSED = "stands on (a document that came in|the document or in its mail)"


def a_mail(text: str, subtype: str = "plain") -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "a@nordberg.example", "ap@werk.example", "Bank details"
    mail["Date"] = "Mon, 16 Mar 2026 08:00:00 +0000"
    mail.set_content(text, subtype=subtype)
    return mail.as_bytes()


def marked(text: str) -> str:
    return (
        f"<html><body><p>{text.replace('777', '<b>777</b>').replace(' 8899', '&nbsp;8899')}</p></body></html>"
    )


LETTERS: dict[str, Callable[[], bytes]] = {
    "letter.txt": LETTER.encode,
    "letter.pdf": lambda: a_pdf([Text(50, 100 + 20 * at, row) for at, row in enumerate(LETTER.splitlines())]),
    "letter.html": lambda: marked(LETTER).encode(),
    "mail.eml": lambda: a_mail(LETTER),
    "marked.eml": lambda: a_mail(marked(LETTER), "html"),
    "letter.xml": lambda: f"<Letter><Text>{LETTER}</Text></Letter>".encode(),
    "arabic.txt": LETTER.replace("777", "\u0667\u0667\u0667").encode,
    "trunk.txt": LETTER.replace("0431", "+49 0431").encode,
    "silent.txt": LETTER.replace(FOREIGN_IBAN, "our new account").encode,
}


def slip(number: str) -> CallSlip:
    return CallSlip(
        supplier_id=NORD,
        account=FOREIGN_IBAN,
        number=number,
        number_from=NumberSource.CONTRACT,
        spoken_with="Ms Nord",
        result=CallResult.CONFIRMED,
    )


@pytest.mark.parametrize("name", LETTERS)
async def test_a_letter_that_opened_no_invoice_case_still_shows_its_number(
    plain_office: Office, name: str
) -> None:
    office = plain_office
    office.lay(name, LETTERS[name]())
    (outcome,) = await office.run()
    assert office.case(outcome.case).stage in ("not_an_invoice", "unreadable")
    for number in (
        "+49 431 7778899",
        "0431/777 8899",
        "\uff10\uff14\uff13\uff11 777 8899",
        "+49 0431 7778899",
    ):
        with pytest.raises(DeskRefused, match=REFUSED):
            office.app.accounts.call_back(slip(number), CLEO)
    assert "call-back 1" in office.app.accounts.call_back(slip("0431 999 000"), CLEO)


async def test_a_number_on_an_invoice_of_anybody_is_no_number_to_call(plain_office: Office) -> None:
    office = plain_office
    await office.take_in(a_document(notes=("Call 0431 777 8899",)))
    with pytest.raises(DeskRefused, match=REFUSED):
        office.app.accounts.call_back(slip("0431 7778899"), CLEO)


async def test_a_number_that_arrives_after_the_call_stops_the_activation(plain_office: Office) -> None:
    office = plain_office
    office.app.accounts.call_back(slip("0431 7778899"), CLEO)
    await office.take_in(a_document(iban=FOREIGN_IBAN, notes=("Ask 0431 777 88-99",)))
    with pytest.raises(DeskRefused, match="stands on the document or in its mail"):
        office.app.accounts.verify_account(NORD, FOREIGN_IBAN, BERT)
    office.app.accounts.call_back(slip("0431 999 000"), CLEO)
    assert "activated" in office.app.accounts.verify_account(NORD, FOREIGN_IBAN, BERT)
    office.verified()


async def test_a_letter_after_the_call_stops_the_activation(plain_office: Office) -> None:
    office = plain_office
    office.app.accounts.call_back(slip("0431 7778899"), CLEO)
    office.lay("letter.txt", LETTER.encode())
    await office.run()
    with pytest.raises(DeskRefused, match=REFUSED):
        office.app.accounts.verify_account(NORD, FOREIGN_IBAN, BERT)


async def test_the_number_of_the_master_data_may_stand_on_other_documents(plain_office: Office) -> None:
    office = plain_office
    office.world["suppliers"][0]["supplier"]["phone"] = "+49 431 7778899"
    office.__post_init__()
    async with office.open() as app:
        await app.suppliers.sync()
        await office.take_in(a_document(notes=("Call 0431 777 8899",)))
        said = app.accounts.call_back(slip("0431 777 8899"), CLEO)
        assert "call-back 1" in said
        with pytest.raises(DeskRefused, match=REFUSED):
            app.accounts.call_back(slip("0431 777 8899").model_copy(update={"supplier_id": SUED}), CLEO)


@pytest.mark.parametrize("content", [LETTER.encode(), a_document(notes=("Call 0431 777 8899",))])
async def test_documents_read_before_numbers_were_kept_are_looked_through_again(
    plain_office: Office, content: bytes
) -> None:
    office = plain_office
    office.lay("earlier", content)
    await office.run()
    store = office.app.service.deps.log.store
    with store.transaction() as connection:
        connection.execute(text("update readings set reading = json_set(reading, '$.numbers', json('[]'))"))
    async with office.open() as app:
        with pytest.raises(DeskRefused, match=REFUSED):
            app.accounts.call_back(slip("0431 7778899"), CLEO)
