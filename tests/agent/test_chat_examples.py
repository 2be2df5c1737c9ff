"""The examples in the chat prompt are calls that a model may really make."""

from __future__ import annotations

import json

from jsonschema import Draft202012Validator

from agent.chat.offer import ANSWER
from agent.llm.prompts import Prompts
from tools.catalog.schema import call_schema
from tools.catalog.scope import Choice, Scope
from tools.catalog.spec import Ref
from tools.catalog.tools import TOOLS
from tools.domain.identifiers import CaseId
from tools.matching.ways_out import Effect

KNOWN = Scope(
    case_id=CaseId("C-000012"),
    ids={Ref.CASE: ("C-000012",), Ref.ORDER: ("PO-77",), Ref.SUPPLIER: ("V-9",)},
    choices=(Choice(id="park", effect=Effect.PARK),),
)
"""What the made-up conversation of the examples knows."""


def test_every_example_of_a_step_keeps_to_the_schema_of_its_tool() -> None:
    rendered = Prompts().render("chat", tools="-", context="-", language="English")
    examples = [json.loads(line) for line in rendered.messages[0].text.splitlines() if line.startswith("{")]
    tools = {tool.name: tool for tool in TOOLS}
    assert len(examples) == 8
    for example in examples:
        name = example["tool"]
        schema = ANSWER if name == "answer" else call_schema([tools[name]], KNOWN, "the clerk's words")
        assert Draft202012Validator(schema).is_valid(example), name
