# `make demo` and `make test` work on a fresh clone: they make .venv themselves.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
DATA ?= ../shared/data

.PHONY: help demo test test-slow test-all lint types docs dictionary models clean

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

test-slow: .venv/.ready
	NBO_DATA=$(DATA) $(BIN)/python -m pytest -n 2 -m slow

test-all: test test-slow

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
