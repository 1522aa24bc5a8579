# `make` alone lists what there is. Everything lives in .venv; nothing is installed outside this folder
# but the system's own packages that `make test` needs (Chromium, fonts, PostgreSQL).
PORT ?= 8000
PYTHON ?= python3
BIN := .venv/bin
CATALOGUE := server/locale
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-emit-index-url --no-emit-find-links --no-annotate

.DEFAULT_GOAL := help
.PHONY: help install demo test faults lint types lock translations screenshots

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z][a-z-]*:.*## / { printf "make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: .venv/.installed  ## set up .venv with what the server needs

demo: install  ## serve IGF 2014 as if it were today [PORT=8000]
	$(BIN)/plenary demo --today --port $(PORT)

test: .venv/.dev  ## lint, types, import rules and every test, on SQLite and on PostgreSQL, in a browser, under faults, and a soak
	$(BIN)/python -m scripts.test

faults: .venv/.dev  ## break real processes in every way we know of; prints what became of each fault
	$(BIN)/python -m scripts.faults

lint: .venv/.dev  ## ruff and the templates' linter; mends what it can
	$(BIN)/ruff check --fix . && $(BIN)/ruff format .
	$(BIN)/djlint server --lint --quiet

types: .venv/.dev  ## mypy and the rules about who may import whom
	$(BIN)/mypy && $(BIN)/lint-imports

lock: .venv/.dev  ## make the two lock files anew from pyproject.toml
	$(LOCK) pyproject.toml requirements/build.in -o requirements/base.lock
	$(LOCK) pyproject.toml --group dev -c requirements/base.lock -o requirements/dev.lock

translations: .venv/.installed  ## bring the catalogues up to date with the code, and compile them
	$(BIN)/pybabel -q extract -F pyproject.toml -k lazy -k N_ --no-location --project Plenary --version 1 -o .venv/messages.pot server
	$(BIN)/pybabel -q update -i .venv/messages.pot -d $(CATALOGUE) --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date
	$(BIN)/pybabel -q compile -d $(CATALOGUE)

screenshots: .venv/.dev  ## make the README's pictures anew, with Chromium
	$(BIN)/python -m scripts.screenshots

.venv/bin/python:
	@sh scripts/make_venv.sh $(PYTHON)

# Hash checking refuses an editable install in the same call, and the build backend is in the lock.
.venv/.installed: .venv/bin/python requirements/base.lock pyproject.toml
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/base.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.dev: .venv/.installed requirements/dev.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.lock
	@touch $@
