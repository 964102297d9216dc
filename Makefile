# `make demo` and `make test` work on a fresh clone: they make .venv themselves.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
DATA ?= ../shared/data

.PHONY: help demo test test-slow test-all postgresql lint types docs dictionary models clean

help:
	@echo "make demo      set up, then run the next-best-offer loop on the simulated world (out/)"
	@echo "make test      set up, then run the tests"
	@echo "make test-all  run the slow tests too (make test-slow: only them)"
	@echo "make lint      ruff"
	@echo "make types     mypy"
	@echo "make models    train the reference models on the simulated world (models/)"
	@echo "make docs      build the documentation into docs/_build/html"

# Set up anew only when what the project needs has changed.
.venv/.ready: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "nbo needs Python 3.11 or newer; $(PYTHON) is older. Say make PYTHON=/path/to/python3.11"; exit 2; }
	@if command -v uv >/dev/null 2>&1; then \
		uv venv --quiet --allow-existing --python $(PYTHON) .venv && \
		uv pip install --quiet --compile-bytecode --python $(BIN)/python --group dev -e .; \
	else \
		$(PYTHON) -m venv .venv && \
		$(BIN)/python -m pip install --quiet --upgrade pip && \
		$(BIN)/python -m pip install --quiet --group dev -e .; \
	fi
	@touch $@

demo: .venv/.ready
	$(BIN)/nbo demo --out out

test: .venv/.ready
	NBO_DATA=$(DATA) $(BIN)/python -m pytest -n 2 -m "not slow"

test-slow: .venv/.ready postgresql
	NBO_DATA=$(DATA) $(BIN)/python -m pytest -n 2 -m slow

test-all: test test-slow

# The tests start a server of their own, on loopback and in a temporary folder. Without its programs they are skipped.
postgresql:
	@if ! ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 && ! command -v initdb >/dev/null 2>&1; then \
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then \
			{ apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postgresql; } \
				>/dev/null || echo "PostgreSQL could not be installed: its tests are skipped"; \
		else \
			echo "PostgreSQL is not installed: its tests are skipped (apt-get install postgresql)"; \
		fi; \
	fi

lint: .venv/.ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/.ready
	$(BIN)/mypy

docs: .venv/.ready dictionary
	$(BIN)/sphinx-build --quiet -W --keep-going -b html docs docs/_build/html

dictionary: .venv/.ready
	$(BIN)/python -m nbo.tables.dictionary docs/data_dictionary.md
	$(BIN)/python -m nbo.demo.feature_dictionary docs/feature_dictionary.md

models: .venv/.ready
	$(BIN)/python -m nbo.demo.reference.train models

clean:
	rm -rf .venv out docs/_build .pytest_cache .mypy_cache .ruff_cache build dist
