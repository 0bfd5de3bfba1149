# `make help` explains every target. All of them make and fill .venv by themselves.

SHELL := /usr/bin/env bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# What the calling shell has loaded must not shadow what .venv holds.
unexport PYTHONPATH PYTHONHOME VIRTUAL_ENV

SERVE ?= 1
PYTEST_ARGS ?=
PINS_ARGS ?=
BIN := .venv/bin

.PHONY: help
help: ## Explain the targets
	@echo 'Suyuan 溯源: make TARGET'
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' Makefile | while IFS='|' read -r name text; do \
		printf '  %-12s %s\n' "$$name" "$$text"; done

.PHONY: demo
demo: ## Live one product line's life on an SQLite ledger, then serve it at http://127.0.0.1:8000 (SERVE=0: don't serve)
	@tools/environment runtime
	@tools/system libzbar0
	@$(BIN)/python tools/camera_reader.py
	@exec $(BIN)/suyuan demo $(if $(filter 0 no off false,$(SERVE)),--no-serve,--serve)

.PHONY: test
test: ## Run everything that must hold: lint, types, floors, schema, migrations, all tests on SQLite and PostgreSQL
	@tools/environment test
	@tools/system libzbar0
	@tools/system postgresql
	@tools/system socat
	@tools/system mosquitto
	@$(MAKE) reader
	@$(MAKE) lint
	@$(MAKE) types
	@$(MAKE) floors
	@$(MAKE) schema
	@$(MAKE) migrations
	@$(MAKE) tests

.PHONY: lint
lint: ## Check style (ruff check) and format (ruff format --check)
	@tools/environment test
	@echo '== lint'
	@$(BIN)/ruff check
	@echo '== format'
	@$(BIN)/ruff format --check

.PHONY: format
format: ## Mend what ruff can mend: format and safe fixes
	@tools/environment test
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

.PHONY: types
types: ## Check types with mypy (strict) and basedpyright
	@tools/environment test
	@echo '== types: mypy'
	@$(BIN)/mypy
	@echo '== types: basedpyright'
	@$(BIN)/basedpyright

.PHONY: floors
floors: ## Check that imports only point down (lint-imports)
	@tools/environment test
	@echo '== import floors'
	@$(BIN)/lint-imports

.PHONY: schema
schema: ## Compare the GraphQL schema of the code with graphql/schema.graphql
	@tools/environment test
	@echo '== GraphQL schema'
	@$(BIN)/python -m trace_api.schema --check

.PHONY: migrations
migrations: ## Run alembic check and the other tests of the migrations, on fresh SQLite and PostgreSQL databases
	@tools/environment test
	@echo '== migrations'
	@$(BIN)/pytest -q tests/test_migrations.py

.PHONY: tests
tests: ## Run pytest with coverage on two workers (PYTEST_ARGS=... for more or other options)
	@tools/environment test
	@echo '== tests'
	@$(BIN)/pytest -n 2 --dist worksteal --cov --cov-report=term $(PYTEST_ARGS)

.PHONY: long
long: ## Run what takes minutes: second opinions on codes and proofs under node, proofs and the camera in a browser, and two minutes of fuzzing
	@tools/environment dev
	@tools/system nodejs
	@tools/system npm
	@tools/system chromium
	@$(MAKE) reader
	@echo '== second opinions: bwip-js, @sigstore/verify; proofs and the camera in a browser'
	@$(BIN)/pytest -s -p no:cacheprovider tests/long
	@echo '== fuzzing: atheris'
	@$(BIN)/python tests/fuzz/fuzz_identifiers.py -max_total_time=60
	@$(BIN)/python tests/fuzz/fuzz_devices.py -max_total_time=60

.PHONY: reader
reader: ## Fetch zxing-wasm, which reads codes in the browser (`make demo`, `make test` and the build of a wheel do it too)
	@tools/environment runtime
	@$(BIN)/python tools/camera_reader.py

.PHONY: soak
soak: ## Kill eight writers in the middle of their commits, again and again, for ten minutes
	@tools/environment test
	@tools/system postgresql
	@SUYUAN_SOAK=$${SUYUAN_SOAK:-600} $(BIN)/pytest -s -p no:cacheprovider tests/ledger/test_killed_writers.py

.PHONY: bench
bench: ## Print speeds as ratios: codes against biip, capture, verify, narrow and wide traces
	@tools/environment test
	@$(BIN)/python -m bench

.PHONY: pins
pins: ## Write requirements/*.txt again from pyproject.toml (PINS_ARGS=--upgrade: newest versions)
	@tools/environment dev
	@$(BIN)/python tools/pins.py $(PINS_ARGS)

.PHONY: reference
reference: ## Write docs/commands.md again from the help of the commands
	@tools/environment test
	@$(BIN)/python tools/reference.py

.PHONY: hooks
hooks: ## Install the pre-commit hooks of this checkout
	@tools/environment dev
	@$(BIN)/pre-commit install

.PHONY: clean
clean: ## Remove .venv and the tools' caches; a ledger is never touched
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage .coverage.* build dist suyuan/web/static/zxing-wasm
