"""Drafts a letter for the way on that was suggested: to the supplier, the buyer or the receiver.

A draft is a text for a person. It is held against the records like every other word of a model, what is no
whole letter is dropped, and nothing sends it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agent.brief import Way
from agent.checked_words import checked_words
from agent.grounding import Records
from agent.letter_check import letter_fault
from agent.llm.contract import Asker, Rendered
from agent.llm.prompts import Prompts
from tools.domain.identifiers import CaseId
from tools.domain.languages import ENGLISH, NAMES
from tools.domain.suggestion import DraftDropped, DraftMessage, DraftRecipient
from tools.untrusted_text import tidied

PROMPT = "letter"
_SUBJECT, _BODY = 120, 1200
_MOST_TOKENS = 450
_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "subject": {"type": "string", "minLength": 1, "maxLength": _SUBJECT},
        "body": {"type": "string", "minLength": 1, "maxLength": _BODY},
    },
    "required": ["subject", "body"],
    "additionalProperties": False,
}
_SUPPLIER, _BUYER, _RECEIVER = DraftRecipient.SUPPLIER, DraftRecipient.BUYER, DraftRecipient.RECEIVER
WISHES: Mapping[str, tuple[DraftRecipient, str]] = {
    "ask_supplier": (_SUPPLIER, "an explanation of what was found, or what is missing on the document"),
    "return_to_supplier": (_SUPPLIER, "a corrected document in place of this one, which we return"),
    "request_credit_note": (_SUPPLIER, "a credit note for what was billed too much"),
    "return_goods": (_SUPPLIER, "how the goods that were not ordered are collected, and a credit note"),
    "wait_for_buyer": (_BUYER, "a word whether this was ordered and agreed"),
    "order_changed": (_BUYER, "the order in the ERP brought up to date, if that is what was agreed"),
    "wait_for_receipt": (_RECEIVER, "a word whether the goods came, and their receipt in the ERP"),
}
"""Resolution -> to whom a letter goes with it, and what it asks for. Others need none."""


def recipient_of(way: Way) -> DraftRecipient | None:
    """Who gets a letter with this way on; None where nobody does."""
    wanted = WISHES.get(way.option)
    return wanted[0] if wanted else None


class LetterWriter:
    """Writes drafts with one model."""

    def __init__(self, asker: Asker, prompts: Prompts) -> None:
        self._asker, self._prompts = asker, prompts

    async def draft(
        self, case_id: CaseId, way: Way, told: str, language: str
    ) -> DraftMessage | DraftDropped | None:
        """`told` is what may be written of; None where no letter belongs to the way. Raises ModelTrouble."""
        if way.option not in WISHES:
            return None
        recipient, wish = WISHES[way.option]
        prompt = self._prompt(told, recipient, wish, language)
        reply = await self._asker.choose(prompt, _SCHEMA, case_id=case_id, max_tokens=_MOST_TOKENS)
        said = {name: str(reply.data.get(name, "")) for name in ("subject", "body")}
        fault = letter_fault(recipient, said["subject"], said["body"], self._instructions(), _BODY)
        if fault is not None:
            return DraftDropped(to=recipient, reason=fault, model=reply.model, prompt=prompt.label)
        records = Records([told])
        subject = checked_words(tidied(said["subject"], _SUBJECT), records)
        body = checked_words(_paragraphs(said["body"]), records)
        return DraftMessage(
            case_id=case_id,
            to=recipient,
            language=language,
            subject=subject.text,
            body=body.text,
            struck=(*subject.struck, *body.struck),
            flagged=(*subject.flagged, *body.flagged),
            model=reply.model,
            prompt=prompt.label,
        )

    def _prompt(self, told: str, recipient: DraftRecipient, wish: str, language: str) -> Rendered:
        return self._prompts.render(
            PROMPT,
            brief=told,
            recipient=f"the {recipient.value}",
            wish=f"{wish}.",
            language=NAMES.get(language, NAMES[ENGLISH]),
        )

    def _instructions(self) -> list[str]:
        """The prompt's own words."""
        return [part.text for part in self._prompts.get(PROMPT).parts]


def _paragraphs(text: str) -> str:
    """The body without hidden signs and accounts; its lines stay lines."""
    return "\n".join(tidied(line, _BODY) for line in text[:_BODY].splitlines())
