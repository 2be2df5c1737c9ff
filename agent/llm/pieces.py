"""Answers as pieces of a stream, whatever the model behind LangChain can do."""

from __future__ import annotations

from langchain_core.messages import AIMessage, AIMessageChunk


def as_piece(message: AIMessage) -> AIMessageChunk:
    """Of a model that cannot stream LangChain hands on the whole answer, which is no chunk."""
    if isinstance(message, AIMessageChunk):
        return message
    return AIMessageChunk(content=message.content, usage_metadata=message.usage_metadata)
