# Two commands do everything: `make run` and `make test`. `make help` lists the others.
# Works with GNU make 3.81 (macOS) and newer; the set-up itself is backend/ops/bootstrap.py.

# Where compiled modules may not be kept, every process compiles all of torch and SQLAlchemy anew.
unexport PYTHONDONTWRITEBYTECODE

PORT ?= 8000
HOST ?= 127.0.0.1
DATA ?= ./data
MODELS ?= 1
DEMO ?= 1

ifndef PYTHON
PYTHON := $(shell for p in python3.12 python3.13 python3.11 python3.14 python3 python; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo "$$p" && break; done)
endif
SETUP = $(if $(PYTHON),$(PYTHON) -I backend/ops/bootstrap.py,@echo "Python 3.11 or newer is needed; \
	none was found (tried python3.11 to python3.14 and python3). Name it with PYTHON=/path/to/python." >&2; false)
VENV = .venv/bin

.PHONY: help run setup setup-dev test lint format fast hooks bench screenshots generate lock demo-assets clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' Makefile
	@echo
	@echo "  make run PORT=8000 HOST=127.0.0.1 DATA=./data MODELS=1 DEMO=1   (the defaults)"

setup: ## everything that `make run` needs, without starting it
	@$(SETUP) --models $(MODELS) --frontend

run: setup ## start the product and print its address
	@INFANTNET_HOST="$(HOST)" INFANTNET_PORT="$(PORT)" INFANTNET_DATA_DIR="$(DATA)" \
		INFANTNET_MODELS="$(MODELS)" INFANTNET_DEMO="$(DEMO)" exec $(VENV)/python -m backend.ops.supervise

setup-dev:
	@$(SETUP) --models $(MODELS) --dev --frontend

test: setup-dev ## lint, then all tests, with a real browser
	@$(MAKE) --no-print-directory -j2 lint-python lint-frontend test-frontend
	@$(VENV)/python -m tests.fixtures.chromium
	@$(VENV)/python -m pytest $(PYTEST)

lint: setup-dev ## style, types, import contracts, generated files
	@$(MAKE) --no-print-directory -j2 lint-python lint-frontend

# Parts of the above, two at a time. They expect that all is installed.
.PHONY: lint-python lint-frontend test-frontend
lint-python:
	@$(VENV)/ruff check .
	@$(VENV)/ruff format --check --quiet .
	@$(VENV)/mypy
	@$(VENV)/lint-imports
	@$(VENV)/python -m backend.domain.codegen --check
	@$(VENV)/python -m backend.web.openapi --check

lint-frontend:
	@cd frontend && $(NODE) npm run --silent lint && $(NODE) npm run --silent typecheck
	@cd frontend && $(NODE) npm run --silent gen:api -- --check >/dev/null || \
		{ echo "frontend/src/shared/api/schema.gen.ts is out of date: run make generate" >&2; exit 1; }

test-frontend:
	@cd frontend && $(NODE) npm run --silent test

format: setup-dev ## put everything into shape
	@$(VENV)/ruff check --fix --quiet . || true
	@$(VENV)/ruff format .
	@cd frontend && $(NODE) npm run --silent format

hooks: setup-dev ## check each commit before it is made
	@$(VENV)/pre-commit install

fast: ## the inner loop: tests without browser and models
	@$(SETUP) --dev
	@$(VENV)/python -m pytest -m "not e2e and not models" $(PYTEST)

bench: setup-dev ## measure speed, as ratios in one table
	@for file in benchmarks/*.py; do \
		grep -q __main__ "$$file" || continue; echo; \
		$(VENV)/python -m "benchmarks.$$(basename "$$file" .py)" || exit 1; done

screenshots: setup-dev ## take the pictures of the docs anew
	@INFANTNET_SCREENSHOTS=docs/screenshots $(VENV)/python -m pytest -n0 -q \
		tests/e2e/test_demo_chain.py tests/e2e/test_fitting_bodies.py \
		tests/e2e/test_calibrating_cameras.py tests/e2e/test_four_cameras_editor.py \
		tests/e2e/test_synchronising_cameras.py tests/e2e/test_releases.py

generate: setup-dev ## write the API schema, its client and the shared constants anew
	@$(VENV)/python -m backend.domain.codegen
	@$(VENV)/python -m backend.web.openapi
	@cd frontend && $(NODE) npm run --silent gen:api

lock: ## compile requirements/*.txt from pyproject.toml (UPGRADE=1: newest versions)
	@$(SETUP) --bare
	@$(VENV)/python requirements/compile.py $(if $(UPGRADE),--upgrade)

demo-assets: setup-dev ## render the demo recordings anew
	@$(VENV)/python -m assets.demo --out backend/demo/assets

clean: ## remove what the set-up made; the data folder stays
	rm -rf .venv .setup frontend/node_modules backend/web/static/dist .mypy_cache .ruff_cache \
		.pytest_cache .hypothesis .import_linter_cache test-results

# Node that the set-up fetched, where the system has none.
NODE = PATH="$(CURDIR)/.setup/node:$$PATH"
