# duban: everything starts here. `make` lists the targets.

PYTHON ?= python3
UV     := .boot/bin/uv
BIN    := .venv/bin
ARGS   ?=

.DEFAULT_GOAL := help
.PHONY: help install ocr demo serve check lint test servers real crash fuzz accept accuracy weights bench docs lock clean

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

$(UV):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "duban needs Python 3.11 or newer; name one: make PYTHON=python3.12 …"; exit 1; }
	@$(PYTHON) -m venv .boot || { echo "no venv: apt-get install python3-venv"; exit 1; }
	@.boot/bin/pip install --quiet --disable-pip-version-check uv==0.13.9

.venv/.run: $(UV) requirements.lock pyproject.toml
	@test -x $(BIN)/python || $(UV) venv --quiet --python $(PYTHON) .venv
	@$(UV) pip install --quiet --python $(BIN)/python --compile-bytecode --require-hashes --requirement requirements.lock
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --editable .
	@$(BIN)/python -m compileall -q daemon store mailtemplates
	@touch $@

.venv/.dev: .venv/.run requirements-dev.lock
	@$(UV) pip install --quiet --python $(BIN)/python --compile-bytecode --require-hashes --requirement requirements-dev.lock
	@touch $@

.venv/.bench: .venv/.dev requirements-bench.lock
	@$(UV) pip install --quiet --python $(BIN)/python --require-hashes --requirement requirements-bench.lock
	@touch $@

install: .venv/.run ## the program in .venv/bin/duban

ocr: .venv/.run ## words on photos and scans are read too (RapidOCR; 250 MB, 1 GB of memory a child)
	@$(UV) pip install --quiet --python $(BIN)/python --constraint requirements-dev.lock rapidocr onnxruntime

demo: .venv/.run ## a month of 督查督办 by real mail, on this machine alone (ARGS="--once --json")
	@$(BIN)/duban demo $(ARGS)

lint: .venv/.dev ## ruff, mypy, arrows between the rooms
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check: lint ## lint and every test that needs no server: under 3 minutes
	$(BIN)/python -m pytest -n 2 -m "not real and not slow" $(ARGS)

servers: ## Dovecot, PostgreSQL and Chromium for the tests (Debian packages; root or sudo)
	@sh tests/world/servers.sh

test: lint servers ## all tests, real servers and the demo too: under 30 minutes
	$(BIN)/python -m pytest -n 2 --timeout 600 $(ARGS)

real: .venv/.dev servers ## only the tests with real servers
	$(BIN)/python -m pytest --timeout 600 -m real $(ARGS)

crash: .venv/.dev ## the daemon killed at 100 random moments of a busy run (ARGS="--moments 15 --seed 1")
	$(BIN)/python -m tests.crash $(ARGS)

fuzz: .venv/.dev ## 20,000 random, broken and hostile mails: none raises, hangs or is lost (ARGS="--count 2000 --seed 1")
	$(BIN)/python -m tests.fuzz $(ARGS)

accept: ## what the stories of tests/scenarios came to last is right: .got becomes .txt
	@for got in tests/scenarios/*/*.got; do test ! -e "$$got" || mv -v "$$got" "$${got%.got}.txt"; done

accuracy: .venv/.dev ## how well samples and sets are read, each miss; fails where worse (ARGS=--record)
	$(BIN)/python -m tests.accuracy $(ARGS)

weights: .venv/.dev ## daemon/reading/weights.tsv learnt anew from the labelled words in tests/
	$(BIN)/python -m tests.weigh

bench: .venv/.bench ## latency, intake, notice, idle memory: as ratios in one run
	$(BIN)/python -m bench $(ARGS)

docs: .venv/.dev ## the tables in docs/ printed anew from the code
	$(BIN)/python -m daemon.procedure.steps > docs/procedure.md

lock: $(UV) ## the three lock files from pyproject.toml
	$(UV) pip compile pyproject.toml --extra demo --universal --generate-hashes --no-emit-index-url --no-header --quiet \
	  --output-file requirements.lock
	$(UV) pip compile pyproject.toml --all-extras --group dev --universal --generate-hashes --no-emit-index-url \
	  --no-header --quiet --constraint requirements.lock --output-file requirements-dev.lock
	$(UV) pip compile pyproject.toml --all-extras --group dev --group bench --universal --generate-hashes --no-emit-index-url \
	  --no-header --quiet --constraint requirements-dev.lock --output-file requirements-bench.lock

clean: ## environments and caches
	rm -rf .venv .boot .mypy_cache .ruff_cache .hypothesis .import_linter_cache
