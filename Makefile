# The two commands of a fresh machine are `make demo` and `make test`; each sets up what it needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

# Where this is set, as in many containers, nothing compiled is kept: every command of the demo and every process
# that a test starts would compile a thousand files anew, which takes three times as long as its work.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: setup demo demo-llm test check lock clean local model test-model

setup: $(VENV)/.installed

# --no-deps with hashes: the lock is complete, so nothing is resolved and nothing unpinned can enter.
$(VENV)/.installed: requirements.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing the locked dependencies into $(VENV) (about a minute)"
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes --no-compile -r requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: setup
	@$(BIN)/python -m evals.demo

# Formatting, lint, types, then all tests on both cores, in the order of the folders: sorted by their number of
# tests, files with few and long ones would come last, and one core would wait for the other.
test: setup check test-model
	$(BIN)/pytest -q -n 2 --dist loadfile --no-loadscope-reorder --durations=20

check: setup
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy --no-error-summary

# The small model of the tests, kept across runs. Without it its tests are skipped, and the run says so.
test-model: setup
	@test -s .models/smollm2-135m-instruct-q4_1.gguf || $(BIN)/erp-agent model get smollm2-135m --folder .models \
	  || echo "the tests of local models will not run"

# Language models on this machine. llama-cpp-python is built here. A plain build uses AMX where the processor
# names it; where the machine does not really have it, the first longer prompt ends the process (illegal
# instruction). So AMX stays out, and no wheel of an earlier build comes back from a cache. A compiler that does
# not know these options cannot make such code.
NO_AMX := -mno-amx-tile -mno-amx-int8 -mno-amx-bf16
INSTALL_LOCAL = $(BIN)/pip install --disable-pip-version-check --no-deps --require-hashes --no-compile --no-cache-dir

local: setup $(VENV)/.local

$(VENV)/.local: requirements-local.lock
	@awk '/^[a-z]/ { skip = /^llama-cpp-python==/ } !skip' requirements-local.lock > $(VENV)/prebuilt.lock
	@$(INSTALL_LOCAL) --quiet -r $(VENV)/prebuilt.lock
	@if command -v cc >/dev/null && command -v c++ >/dev/null; then \
	  echo "building llama.cpp for this machine (five minutes on two cores)"; \
	  test -e $@ || $(BIN)/pip uninstall --quiet --yes llama-cpp-python 2>/dev/null; \
	  flags=""; cc $(NO_AMX) -E -x c /dev/null >/dev/null 2>&1 && flags="$(NO_AMX)"; \
	  CFLAGS="$$flags" CXXFLAGS="$$flags" CMAKE_ARGS="-DGGML_NATIVE=ON -DLLAVA_BUILD=OFF" CMAKE_BUILD_PARALLEL_LEVEL=2 \
	    $(INSTALL_LOCAL) --quiet -r requirements-local.lock \
	  || echo "llama-cpp-python could not be built; models run with the prebuilt engine, a third slower at reading"; \
	else echo "there is no compiler: models run with the prebuilt engine, a third slower at reading"; fi
	@touch $@

# The demo's exceptions with a model on this machine: some minutes, and 1.1 GB fetched once. DEMO_MODEL names another.
demo-llm: local
	@$(BIN)/python -m evals.demo.llm

# The recommended model: 1.1 GB, 2 GB of memory.
model: local
	@$(BIN)/erp-agent model get qwen2.5-coder-1.5b

# Pin every dependency with its hashes, from the ordinary package index.
lock: setup
	$(BIN)/uv pip compile pyproject.toml --extra dev --generate-hashes --python-version 3.11 --no-emit-index-url \
	  --no-annotate --no-header --quiet --output-file requirements.lock
	$(BIN)/uv pip compile pyproject.toml --extra local --constraint requirements.lock --generate-hashes \
	  --python-version 3.11 --no-emit-index-url --no-annotate --no-header --quiet --output-file requirements-local.lock

clean:
	rm -rf $(VENV) var .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
