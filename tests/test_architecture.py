"""The import rule, the fences around libraries and the size limits, read from the source with `ast`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LAYERS = ("tools", "agent", "evals", "tests")
"""Each may import itself and those before it."""

FENCES = {
    "httpx": ("tools/erp/", "tests/", "evals/"),
    "chromadb": ("tools/vector_store.py", "tests/"),
    "langgraph": (
        "agent/graph.py",
        "agent/nodes/wait_for_approval.py",
        "agent/chat/",
        "agent/service.py",
        "agent/bootstrap.py",
        "agent/checkpoint_store.py",
        "tests/",
    ),
    "langchain": ("agent/llm/", "evals/plain_agent.py", "tests/"),  # what the product is measured against
    "langchain_openai": ("agent/llm/", "tests/"),
    "openai": ("agent/llm/", "tests/"),
    "langchain_mcp_adapters": ("agent/llm/mcp_tools.py", "tests/"),
    "mcp": ("evals/interchange/case_mcp.py", "tests/"),
    "langsmith": ("agent/llm/telemetry.py", "evals/interchange/langsmith_examples.py", "tests/"),
    "opentelemetry": ("agent/llm/telemetry.py", "tests/"),
    "llama_cpp": ("agent/llm/llama_cpp_engine.py",),
    "xllamacpp": ("agent/llm/xllamacpp_engine.py",),
    "typer": (
        "agent/cli.py",
        "agent/commands/",
        "evals/cli.py",
        "evals/edge.py",
        "evals/model_commands.py",
        "evals/attack_commands.py",
        "evals/erp_commands.py",
        "evals/suite_commands.py",
        "evals/interchange_commands.py",
        "evals/report_commands.py",
        "tests/",
    ),
    "starlette": ("agent/web/", "agent/triggers/", "tools/erp/", "evals/interchange/", "tests/"),
    "trytond": ("tools/erp/tryton/extension/",),  # Tryton's own process loads it; ours never does
    "lxml": ("tools/intake/", "tests/", "evals/bench/", "evals/suite/anonymous_xml.py"),
    "pypdfium2": ("tools/intake/", "tests/", "evals/"),
    "sqlalchemy": (
        "tools/store.py",
        "tools/store_damage.py",
        "tools/audit_log.py",
        "tools/log_witness.py",
        "tools/case_list.py",
        "tools/commitments.py",
        "tools/case_facts.py",
        "tools/archive.py",
        "tools/document_register.py",
        "tools/document_keys.py",
        "tools/erp_history.py",
        "tools/billing.py",
        "tools/billed_lines.py",
        "tools/standing_approvals.py",
        "tools/coding_history.py",
        "tools/supplier_mirror.py",
        "tools/callbacks.py",
        "tools/fraud_records.py",
        "tools/confirmed_senders.py",
        "tools/change_marks.py",
        "agent/claims.py",
        "tests/",
    ),
}
"""Library -> where it may be imported."""

DOMAIN_MAY_IMPORT = {"pydantic", "stdnum"}
# What each part may import of ours; the longest matching prefix counts.
MAY_IMPORT = {
    "tools/domain/": ("tools.domain",),
    "tools/intake/": ("tools.domain", "tools.intake"),
    "tools/matching/": ("tools.domain", "tools.matching"),
    "tools/suppliers/": ("tools.domain", "tools.suppliers", "tools.vector_store"),
    "agent/commands/": (
        "agent.bootstrap",
        "agent.commands",
        "agent.service",
        "agent.suggestion_views",
        "agent.views",
        "agent.settings",
        "agent.claims",
        "agent.batch",
        "agent.chat.types",
        "agent.sandbox_server",
        "agent.erp_connection",
        "agent.triggers",
        "agent.shortcomings",
        "agent.supplier_answers",
        "agent.work_desk",
        "agent.llm.model_files",
        "agent.llm.serving",
        "tools.case_list",
    ),
    "agent/nodes/": (
        "tools",
        "agent.state",
        "agent.llm",
        "agent.nodes.questions",
        "agent.nodes.match_invoice",
        "agent.erp_entries",
        "agent.settling",
        "agent.suggestions",
    ),
}


def sources() -> list[Path]:
    return sorted(path for layer in LAYERS for path in (ROOT / layer).rglob("*.py"))


def imports(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            if node.module in LAYERS or node.module in ("agent.nodes", "agent.commands"):
                yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)
            else:
                yield node.lineno, node.module


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def breaches(path: Path) -> Iterator[str]:
    place = name(path)
    layer = place.partition("/")[0]
    for line, module in imports(path):
        top = module.partition(".")[0]
        where = f"{place}:{line} imports {module}"
        if top in LAYERS and LAYERS.index(top) > LAYERS.index(layer):
            yield f"{where}: {layer} comes before {top}"
        if top in FENCES and not place.startswith(FENCES[top]):
            yield f"{where}: it is fenced to {', '.join(FENCES[top])}"
        yield from inner_breaches(place, module, where)


def inner_breaches(place: str, module: str, where: str) -> Iterator[str]:
    rule = max((prefix for prefix in MAY_IMPORT if place.startswith(prefix)), key=len, default=None)
    ours = module.partition(".")[0] in LAYERS
    if rule and ours and not any(module == one or module.startswith(one + ".") for one in MAY_IMPORT[rule]):
        yield f"{where}: {rule} may import only {', '.join(MAY_IMPORT[rule])}"
    if place.startswith("tools/domain/") and not ours and not is_standard(module, DOMAIN_MAY_IMPORT):
        yield f"{where}: the domain knows only the standard library and {', '.join(DOMAIN_MAY_IMPORT)}"
    parts = place.split("/")
    if len(parts) > 3 and place.startswith("tools/erp/") and module.startswith("tools.erp."):
        other = module.split(".")[2]
        if (ROOT / "tools/erp" / other).is_dir() and other not in (parts[2], "sandbox"):
            yield f"{where}: a connector never imports another one"


def is_standard(module: str, allowed: set[str]) -> bool:
    import sys

    top = module.partition(".")[0]
    return top in sys.stdlib_module_names or top in allowed


@pytest.mark.parametrize("path", sources(), ids=name)
def test_imports_point_one_way_and_libraries_stay_behind_their_fence(path: Path) -> None:
    assert not list(breaches(path))


@pytest.mark.parametrize("path", sources(), ids=name)
def test_files_and_functions_stay_small(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    limit = 400 if name(path).startswith("tests/") else 300
    assert text.count("\n") <= limit, f"{name(path)} is longer than {limit} lines"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno
            assert length <= 50, f"{name(path)}:{node.lineno} {node.name} has {length} lines"


def test_the_rule_itself_finds_a_breach(tmp_path: Path) -> None:
    """The check must be able to fail: a forbidden import is named with its line."""
    assert list(inner_breaches("tools/domain/money.py", "httpx", "x"))
    assert list(inner_breaches("tools/matching/tax.py", "tools.erp.contract", "x"))
    assert list(inner_breaches("agent/nodes/post.py", "agent.service", "x"))
    assert not list(inner_breaches("tools/domain/money.py", "decimal", "x"))


def test_every_test_file_has_a_name_of_its_own() -> None:
    """Folders of tests are no packages: of two files of one name only the first is collected."""
    names = [path.name for path in (ROOT / "tests").rglob("test_*.py")]
    assert not sorted({name for name in names if names.count(name) > 1})
