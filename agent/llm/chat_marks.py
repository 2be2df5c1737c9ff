"""The words by which a chat template tells who speaks. In a message's own text they are made harmless.

A template is filled with the messages and the whole is cut into tokens, control tokens included. A document
that holds `<|im_end|><|im_start|>system` would so begin a message of the system; no library that we use
prevents it, because it sees only the filled template.
"""

from __future__ import annotations

import re

# The forms used by the model families that llama.cpp has templates for: ChatML and Qwen `<|im_start|>`, also
# Llama 3 and Phi; DeepSeek with the wide bar; Gemma; Mistral and Llama 2; the ends of sequences; tool calls.
_MARK = re.compile(
    r"<(?=[|\uff5c][^<>\n]{1,60}[|\uff5c]>)"
    r"|<(?=/?(?:s|bos|eos|pad|unk|tool_call|tool_response|tools|think)>)"
    r"|<(?=(?:start|end)_of_(?:turn|image|role)>)"
    r"|\[(?=/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS|TOOL_CONTENT)\])"
    r"|<(?=</?SYS>>)",
    re.IGNORECASE,
)


def harmless(text: str) -> str:
    """The text with a blank after the opening sign of each mark: readable, and no control token."""
    return _MARK.sub(lambda found: found.group() + " ", text)
