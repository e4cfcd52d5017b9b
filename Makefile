# `make` lists the targets. All of them work in .venv, which is made on first use and again when a lock file changes.

PORT ?= 8030
WORKERS ?= 2
VENV := .venv
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help demo test check bench chaos format lock

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

demo: $(VENV)/.product ## a hospital in a local Slack, in your browser (PORT=8030); Ctrl-C ends it
	@exec $(BIN)/rc-pulse demo --port $(PORT)

test: check ## linters, types, contracts and all tests, in random order (WORKERS=2)
	@.ci/chromium
	$(BIN)/pytest -n $(WORKERS) --dist worksteal

check: $(VENV)/.tests ## the quick part of `test`: linters, types, contracts, words
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/rc-pulse check

bench: $(VENV)/.tests ## measure what we promise (under 15 minutes); writes build/bench.json (BENCH_ONLY="charts effects")
	$(BIN)/python -m tests.benchmarks

chaos: $(VENV)/.tests ## the long form of the chaos tests: processes killed, replies lost, 2,000 asks (CHAOS_ASKS=2000)
	$(BIN)/python -m tests.chaos --asks $${CHAOS_ASKS:-2000}

format: $(VENV)/.tests ## put the code into the house's form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: ## pin the newest allowed versions of everything (needs uv)
	uv pip compile pyproject.toml --extra build --universal --python-version 3.11 --generate-hashes \
	  --no-header --no-emit-index-url --no-annotate --quiet --upgrade -o requirements.lock
	uv pip compile pyproject.toml --extra build --extra test --universal --python-version 3.11 --generate-hashes \
	  --no-header --no-emit-index-url --no-annotate --quiet --upgrade -o tests/requirements.lock

# A stamp is made when its installation has succeeded, so that an interrupted one is done again.
$(VENV)/.product: requirements.lock pyproject.toml
	@.ci/venv $<
	@touch $@

$(VENV)/.tests: tests/requirements.lock pyproject.toml
	@.ci/venv $<
	@touch $@ $(VENV)/.product
