"""The last look at a prompt before a model reads it: no bank account that is known stands in it."""

from __future__ import annotations

from collections.abc import Collection

from agent.llm.contract import Rendered
from tools.account_numbers import without_known


def without_bank_data(prompt: Rendered, accounts: Collection[str]) -> Rendered:
    """The prompt without these accounts and longer pieces of them, whichever way they came into it."""
    messages = (
        message.model_copy(update={"text": without_known(message.text, accounts)})
        for message in prompt.messages
    )
    return prompt.model_copy(update={"messages": tuple(messages)})
