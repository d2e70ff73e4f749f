# Every command of the project. Needs Python 3.11 or later and make; `make help` lists them.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PACKAGES := concord producers processors sharing_api policies schemas
SOURCES = $(PACKAGES) tests
PIP = $(BIN)/python -m pip --disable-pip-version-check --no-input
# What has no wheel is built here with the pinned tools of requirements/build.txt, and nothing else is fetched for it.
INSTALL = $(PIP) install --quiet --no-build-isolation --require-hashes --only-binary=:all: --no-binary=metaphone
COMPILE = uv pip compile --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url --quiet
REAL_HOME := $(or $(CONCORD_REAL_HOME),$(HOME)/.cache/concord-real)
# Where tests/real/install.sh puts the programs opa and docker-compose.
export PATH := $(REAL_HOME)/bin:$(PATH)
OPA = $(shell PATH="$(PATH)" command -v opa)

.DEFAULT_GOAL := help
.PHONY: help setup dev demo up test check check-python check-policies test-real generate bench bench-real lock clean

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(VENV)/.runtime ## Make .venv with the CLI at .venv/bin/concord
	@echo "Ready: $(BIN)/concord --help"

dev: $(VENV)/.dev ## Add the tools that tests and checks need to .venv

demo: $(VENV)/.runtime ## Show the hub at work: one alert, four askers, one build-up
	@$(BIN)/concord demo

up: $(VENV)/.runtime ## Run the embedded hub in the foreground, with an address to open
	@$(BIN)/concord up

test: $(VENV)/.dev ## Run unit, property, contract and embedded end-to-end tests
	@$(BIN)/python -m pytest -m "not real and not slow" -q -n 2

check: check-python check-policies ## Format, lint, types, arrows, generated files, policies

check-python: $(VENV)/.dev
	@echo "== format and lint"
	@$(BIN)/ruff format --check --quiet $(SOURCES)
	@$(BIN)/ruff check --quiet $(SOURCES)
	@echo "== types"
	@$(BIN)/mypy --no-error-summary
	@echo "== arrows between packages"
	@$(BIN)/lint-imports --no-cache > .cache/arrows.txt || { cat .cache/arrows.txt; exit 1; }
	@echo "== generated files"
	@$(BIN)/python -m schemas.generate --check

check-policies:
ifneq ($(OPA),)
	@echo "== policies"
	@mkdir -p .cache
	@test -z "$$($(OPA) fmt --list policies deploy/opa)" || { $(OPA) fmt --diff policies deploy/opa; exit 1; }
	@for rules in policies/sharing deploy/opa; do \
		$(OPA) check --strict $$rules || exit 1; \
		$(OPA) test $$rules > .cache/opa-test.txt || { cat .cache/opa-test.txt; exit 1; }; \
		$(OPA) test --coverage --threshold 100 $$rules > .cache/opa-coverage.json \
			|| { cat .cache/opa-coverage.json; exit 1; }; \
	done
else ifeq ($(CI),true)
	@echo "== policies: OPA is missing, and in CI that is a failure"; exit 1
else
	@echo "== policies: NOT CHECKED, because the opa program is not installed (tests/real/install.sh installs it)"
endif

test-real: $(VENV)/.dev ## Run the slow tests, and the integration tests on Apache Kafka, Apicurio, OPA and PostgreSQL
	@bash tests/real/install.sh
	@$(BIN)/python -m pytest -m "real or slow" -q

generate: $(VENV)/.runtime ## Write records, JSON Schemas and vocabulary from schemas/avro
	@$(BIN)/python -m schemas.generate

bench: $(VENV)/.runtime ## Measure the pipeline and the release gate beside their baselines
	@$(BIN)/concord bench pipeline
	@$(BIN)/concord bench release

bench-real: $(VENV)/.dev ## Measure the pipeline on a secured Apache Kafka that is started for it
	@bash tests/real/install.sh
	@$(BIN)/python -m tests.real.bench

lock: ## Resolve pyproject.toml into requirements/ again (needs uv)
	$(COMPILE) --group build --output-file requirements/build.txt
	$(COMPILE) pyproject.toml --output-file requirements/runtime.txt
	$(COMPILE) pyproject.toml --extra dev --constraint requirements/runtime.txt --output-file requirements/dev.txt
	@mkdir -p .cache
	@$(PYTHON) -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]["yardstick"], sep="\n")' > .cache/yardstick.in
	$(COMPILE) .cache/yardstick.in --output-file concord/yardstick/requirements.txt

clean: ## Remove what these commands made inside this folder
	rm -rf $(VENV) .cache build dist .hypothesis bench-results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/bin/python:
	@echo "Making a virtual environment in $(VENV) ..."
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Concord needs Python 3.11 or later")'
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.build: requirements/build.txt | $(VENV)/bin/python
	@$(PIP) install --quiet --require-hashes --only-binary=:all: -r requirements/build.txt
	@touch $@

$(VENV)/.runtime: requirements/runtime.txt pyproject.toml $(VENV)/.build
	@echo "Installing the pinned packages (a minute or so the first time) ..."
	@$(INSTALL) -r requirements/runtime.txt
	@$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@echo "Compiling linkage (a minute or so the first time) ..."
	@$(BIN)/python -c 'from processors.linkage import parameters, scoring; scoring.warm_up(parameters.load())'
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.runtime
	@echo "Installing the pinned tools for tests and checks ..."
	@$(INSTALL) -r requirements/dev.txt
	@mkdir -p .cache
	@touch $@
