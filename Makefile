# Liên Tuyến.  `make help` tells what there is.
SHELL := /bin/bash
.SHELLFLAGS := -o pipefail -ec
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
READY := .venv/.ready

.DEFAULT_GOAL := help
.PHONY: help setup demo up test check format gen lock bench faults kills fuzz clean

help: ## tell what there is
	@awk -F':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) tools/install.py
	@touch $(READY)

setup: $(READY) ## make the virtual environment from the lock

demo: $(READY) ## the coordination journey, on a fresh stack, in one trace
	$(BIN)/lientuyen demo

up: $(READY) ## start the four services and PostgreSQL, and keep them running
	$(BIN)/lientuyen up

# A worker for each core, and no more than eight: each has a PostgreSQL of its own.  The tests of a file
# stay together, for those of e2e share a stack.
test: $(READY) ## every test, on all cores
	$(BIN)/python -m pytest -n auto --maxprocesses 8 --dist loadfile

check: $(READY) ## style, types, imports, contract, freshness of gen/, manifests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tools.gen --check
	$(BIN)/buf lint
	$(BIN)/buf format --diff --exit-code --exclude-path protos/buf protos
	$(BIN)/buf breaking --against protos/lientuyen/last-release.binpb
	$(BIN)/kubectl kustomize deploy/k8s/base | $(BIN)/kubernetes-validate --strict -
	$(BIN)/kubectl kustomize deploy/k8s/node | $(BIN)/kubernetes-validate --strict -

format: $(READY) ## format Python and protos
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/buf format --write --exclude-path protos/buf protos

gen: $(READY) ## compile protos/ into gen/
	$(BIN)/python -m tools.gen

lock: $(READY) ## resolve pyproject.toml into requirements.lock (needs uv on the PATH)
	uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-header --output-file requirements.lock

# The sizes of the population: identity's loads run at each, those of histories at their own, the others at the
# first.
PERSONS ?= 1000000,10000000

bench: $(READY) ## measure against bare floors of the same run, with 1 and 10 million persons; writes build/bench.json
	$(BIN)/python -m bench --persons $(PERSONS) --json build/bench.json

faults: $(READY) ## kill and cut for some 25 minutes, and check: at random, then the matrix of messages; FAULTS_SEED=… repeats
	$(BIN)/python -m tests.faults --json build/faults.json
	$(BIN)/python -m tests.faults.messages --json build/faults-messages.json
	$(BIN)/python -m tests.faults.node_links --json build/faults-nodes.json

kills: $(READY) ## kill records at 200 random points of streams of dossiers, for some half an hour, and check
	$(BIN)/python -m tests.faults.stream_kills --json build/stream-kills.json

# So many seconds, and on from the corpus of the last run.
SECONDS_OF_FUZZ = $(or $(SECONDS),600)

fuzz: $(READY) ## look for a file that the reader of dossiers cannot judge, for SECONDS=600 (Atheris, Linux on x86-64)
	$(BIN)/python -m tests.fuzz --seconds $(SECONDS_OF_FUZZ) --json build/fuzz.json

clean: ## remove what setup and the tools made
	rm -rf .venv build .mypy_cache .ruff_cache .import_linter_cache .hypothesis
