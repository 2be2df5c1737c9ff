"""The small real model of the tests: it shows that the way is right, never what it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.llm.engine import Engine, EngineName
from agent.llm.engines import installed, load_engine
from agent.llm.model_files import ModelFileTrouble, fetched
from tests.conftest import NO_LOCAL_MODEL

NAME = "smollm2-135m"
KEPT = Path(__file__).parents[2] / ".models"
CONTEXT = 2048


@pytest.fixture(scope="session")
def small_model() -> Path:
    for folder in (KEPT, None):
        try:
            return fetched(NAME, folder)
        except ModelFileTrouble:
            continue
    pytest.skip(f"{NO_LOCAL_MODEL}: {NAME} is not in {KEPT}; `make test-model` fetches it")


@pytest.fixture(scope="session", params=[EngineName.XLLAMACPP, EngineName.LLAMA_CPP])
def engine_name(request: pytest.FixtureRequest) -> EngineName:
    name: EngineName = request.param
    if name not in installed():
        pytest.skip(f"{NO_LOCAL_MODEL}: the engine {name} is not installed; `make local` builds it")
    return name


@pytest.fixture(scope="session")
def engine(small_model: Path, engine_name: EngineName) -> Engine:
    return load_engine(small_model, engine_name, CONTEXT)
