"""Ways of asking for a resolution that leave something out, to see what it adds.

`as_built` is what the product does; each other variant takes one thing away.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import aclosing
from enum import StrEnum
from time import perf_counter
from typing import Any

from jsonschema import Draft202012Validator

from agent.brief import Brief
from agent.investigator import PROMPT, answer_schema
from agent.llm.contract import Asker, Message, ModelDisobeyed, Rendered, Reply, Role, Usage
from agent.llm.prompts import Prompts
from evals.resolution_world import World
from tools.domain.findings import Severity


class Variant(StrEnum):
    AS_BUILT = "as_built"
    UNCONSTRAINED = "unconstrained"
    """The schema stands in the prompt; the answer is not decoded under it and not asked for again."""
    FREE_IDS = "free_ids"
    """The schema without enums: the model types keys and ids."""
    RAW_FACTS = "raw_facts"
    """Figures in place of sentences, ways without the words when they are right."""
    NO_EXAMPLES = "no_examples"


def rendered(variant: Variant, world: World, brief: Brief, prompts: Prompts, version: int | None) -> Rendered:
    """The prompt of this variant."""
    text = raw_text(world, brief) if variant is Variant.RAW_FACTS else brief.text
    prompt = prompts.get(PROMPT, version).rendered({"brief": text})
    messages = prompt.messages
    if variant is Variant.NO_EXAMPLES:
        return prompt.model_copy(update={"messages": (messages[0], messages[-1])})
    if variant is Variant.UNCONSTRAINED:
        schema = json.dumps(answer_schema(brief), ensure_ascii=False)
        last = Message(role=Role.USER, text=f"{messages[-1].text}\nJSON Schema of the answer: {schema}")
        return prompt.model_copy(update={"messages": (*messages[:-1], last)})
    return prompt


async def asked(variant: Variant, asker: Asker, prompt: Rendered, brief: Brief, max_tokens: int) -> Reply:
    """One answer. Raises ModelTrouble."""
    schema = answer_schema(brief)
    if variant is Variant.UNCONSTRAINED:
        return await _free(asker, prompt, schema, max_tokens)
    if variant is Variant.FREE_IDS:
        schema = _without_enums(schema)
    return await asker.choose(prompt, schema, case_id=None, max_tokens=max_tokens)


async def _free(asker: Asker, prompt: Rendered, schema: Mapping[str, Any], max_tokens: int) -> Reply:
    parts, started = [], perf_counter()
    async with aclosing(asker.write(prompt, case_id=None, max_tokens=max_tokens)) as pieces:  # type: ignore[type-var]
        parts = [piece async for piece in pieces]
    text = "".join(parts).strip()
    inside = text[text.find("{") : text.rfind("}") + 1]
    try:
        data = json.loads(inside)
    except ValueError:
        raise ModelDisobeyed(f"no JSON: {text[:80]}") from None
    if not Draft202012Validator(schema).is_valid(data):
        raise ModelDisobeyed(f"not the schema: {inside[:80]}")
    usage = Usage(milliseconds=round((perf_counter() - started) * 1000))
    return Reply(data=data, usage=usage, model=asker.name)


def _without_enums(schema: Mapping[str, Any]) -> dict[str, Any]:
    whole: dict[str, Any] = json.loads(json.dumps(schema))
    del whole["properties"]["choose"]["enum"]
    whole["properties"]["choose"]["maxLength"] = 60
    items = whole["properties"]["evidence"]["items"]
    del items["enum"]
    items["maxLength"] = 60
    return whole


def raw_text(world: World, brief: Brief) -> str:
    """The same case as figures: findings with what they compared, order lines and receipts as records."""
    match, facts = world.match, world.facts
    findings = [
        {"kind": entry.kind.value, "line": entry.line_id, "order": entry.order_number, **entry.figures}
        for entry in match.discrepancies
        if entry.severity is Severity.BLOCK
    ]
    lines = [row.model_dump(mode="json", exclude={"evidence"}) for row in match.lines]
    receipts = [receipt.model_dump(mode="json", exclude_none=True) for receipt in facts.receipts]
    parts = {
        "today": facts.today.isoformat(),
        "invoice": _header(world),
        "findings": findings,
        "lines": lines,
        "expected": {
            f"{order.number}/{line.line_id}": str(line.expected_on or "")
            for order in facts.orders
            for line in order.lines
        },
        "receipts": receipts,
        "orders": [[order.number, str(order.lines[0].unit_price)] for order in world.candidates],
        "ways": [[way.key, way.meaning.partition(":")[0]] for way in brief.ways],
    }
    return "\n".join(
        f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in parts.items() if value
    )


def _header(world: World) -> dict[str, str]:
    invoice = world.facts.invoice
    return {
        "number": invoice.number or "",
        "date": str(invoice.issue_date or ""),
        "net": str(invoice.net_total or ""),
        "text": " / ".join(line.description or "" for line in invoice.lines),
    }
