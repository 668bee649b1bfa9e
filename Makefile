# Two commands: `make run` serves Inkling on this machine, `make test` proves it. Neither needs root, Node or a database.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help venv build run test fast gate static-checks browser databases e2e bench clean

VENV := .venv
PY := $(VENV)/bin/python
PYTEST := $(PY) -m pytest
# Tests that need no service run side by side; all others but stories and measurements run alone, one after another.
SIDE_BY_SIDE := tests/architecture tests/unit tests/contract tests/property tests/api
ALONE := $(filter-out $(SIDE_BY_SIDE) tests/e2e tests/load tests/fixtures tests/__pycache__,$(patsubst %/,%,$(wildcard tests/*/)))

help:  ## list the commands
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

venv:  ## make .venv and install the pinned requirements when they changed
	@if ! $(PY) -m pip --version >/dev/null 2>&1; then \
	  found=""; \
	  for p in $${PYTHON:-} python3.11 python3.12 python3.13 python3 python; do \
	    if "$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then found="$$p"; break; fi; \
	  done; \
	  [ -n "$$found" ] || { echo "Inkling needs Python 3.11 or newer. Name it: make run PYTHON=/path/to/python3" >&2; exit 1; }; \
	  echo "Making $(VENV) with $$("$$found" --version)"; \
	  "$$found" -m venv --clear $(VENV) || { echo "Could not make a virtual environment. On Debian: install python3-venv" >&2; exit 1; }; \
	fi
	@if ! cat requirements.txt tests/oracles.txt | cmp -s - $(VENV)/installed-requirements.txt; then \
	  echo "Installing the pinned requirements (about a minute, once)"; \
	  $(PY) -m pip install --quiet --disable-pip-version-check -r requirements.txt; \
	  $(PY) -m pip install --quiet --disable-pip-version-check --no-deps -r tests/oracles.txt; \
	  cat requirements.txt tests/oracles.txt > $(VENV)/installed-requirements.txt; \
	fi

run: venv  ## serve Inkling here; prints one sign-in URL; Ctrl-C stops everything
	@exec $(PY) manage.py serve $(ARGS)

build: venv  ## build the browser app if it changed
	@$(PY) manage.py build

gate: venv  ## format, lint, types, import contracts, fast tests, front-end checks
	@$(PY) manage.py gate

static-checks: venv
	@$(PY) manage.py gate --without-tests

fast: venv  ## the tests that need no service and no browser (aim: 30 s)
	@$(PYTEST) -q -n 2 --dist loadfile $(wildcard $(filter-out tests/api,$(SIDE_BY_SIDE))) --durations 5

browser: venv
	@$(PY) -m tests.e2e.browser

databases: venv
	@$(PY) -m tests.fixtures.databases

e2e: venv browser databases  ## the stories, in a real browser against the whole program
	@$(PY) manage.py build
	@$(PYTEST) -q tests/e2e --durations 10

test: static-checks browser databases  ## everything: checks, Python tests, front-end tests, browser stories
	@$(PYTEST) -q -n 2 --dist loadfile $(wildcard $(SIDE_BY_SIDE)) --durations 10
	@$(PYTEST) -q $(ALONE) --durations 10
	@$(PYTEST) -q tests/e2e --durations 10

bench: venv  ## the measurements of the acceptance lists; prints tables
	@$(PY) manage.py build
	@$(PYTEST) -q -s $(wildcard tests/load) --durations 10

clean:  ## remove what can be rebuilt; keeps var/, where your canvases are
	@rm -rf $(VENV) static/node_modules static/dist test-results .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
