# The two commands of a fresh machine are `make demo` and `make test`; each sets up what it needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: setup demo test check lock clean

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

# Formatting, lint, types, then all tests on both cores.
test: setup check
	$(BIN)/pytest -q -n 2 --dist loadfile

check: setup
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy --no-error-summary

# Pin every dependency with its hashes, from the ordinary package index.
lock: setup
	$(BIN)/uv pip compile pyproject.toml --extra dev --generate-hashes --python-version 3.11 --no-emit-index-url \
	  --no-annotate --no-header --quiet --output-file requirements.lock

clean:
	rm -rf $(VENV) var .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
