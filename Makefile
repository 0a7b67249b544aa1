# `make` lists the targets. Everything that can be made again lies in build/ and bin/.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
PACKAGES := goplugin argo-rollouts-plugin canary-verdict rollouts-plugin-metric-ai canary-agent metric-ai
SOURCES := $(foreach p,$(PACKAGES),packages/$(p)/pyproject.toml)
DEMO := build/venv/demo
TEST := build/venv/test

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# A virtual environment is ready when its .ready is newer than its lock.
build/venv/docs/.ready: requirements/docs.txt
	@PYTHON="$(PYTHON)" scripts/make-venv build/venv/docs requirements/docs.txt
	@touch $@

build/venv/%/.ready: requirements/%.txt $(SOURCES) scripts/make-venv
	@PYTHON="$(PYTHON)" scripts/make-venv build/venv/$* requirements/$*.txt $(PACKAGES)
	@touch $@

# The executable is packed from a folder of its own: the plugin's lock, and the packages it is made of.
PLUGIN_PACKAGES := goplugin argo-rollouts-plugin canary-verdict rollouts-plugin-metric-ai
PLUGIN_SOURCES := $(shell find $(foreach p,$(PLUGIN_PACKAGES),packages/$(p)/src) -name '*.py' -o -name '*.json')

MACHINE := $(patsubst aarch64,arm64,$(patsubst x86_64,amd64,$(shell uname -m)))
ARCH ?= $(MACHINE)
ONEFILE = PYTHONPATH=packaging $(PYTHON) -m onefile

build/plugin.ready: requirements/plugin.txt scripts/collect-plugin $(PLUGIN_SOURCES) | $(DEMO)/.ready
	@scripts/collect-plugin $(DEMO) build/plugin requirements/plugin.txt $(PLUGIN_PACKAGES)
	@touch $@

.PHONY: build
build: build/plugin.ready ## write bin/metric-ai-linux-ARCH, one static file that needs only a kernel (ARCH=arm64 too)
	@$(ONEFILE) build --arch $(ARCH) --packages build/plugin --output bin

.PHONY: build-deps
build-deps: ## install by apt what make build needs (Debian, Ubuntu)
	@$(ONEFILE) deps --arch $(ARCH)

# Once make build has made the static file, it stays the one that is kept up to date.
bin/metric-ai: build/plugin.ready scripts/build-plugin $(wildcard packaging/*.json packaging/onefile/*)
	@if [ -f bin/metric-ai-linux-$(MACHINE) ]; then \
	    $(ONEFILE) build --packages build/plugin --output bin; \
	else \
	    $(DEMO)/bin/python scripts/build-plugin build/plugin $@; \
	fi

.PHONY: plugin
plugin: bin/metric-ai ## write bin/metric-ai for this machine: the static one after make build, else one on its Python

.PHONY: demo
demo: bin/metric-ai $(DEMO)/.ready ## judge a healthy and several faulty canaries of a small shop, as the controller would
	@PYTHONPATH=examples/demo $(DEMO)/bin/python -m canary_demo --plugin bin/metric-ai

.PHONY: test
test: bin/metric-ai $(TEST)/.ready ## check style, types and layers, and run all tests
	@scripts/test $(TEST)

.PHONY: test-deps
test-deps: ## install by apt what some tests need besides: a browser, promtool (Debian, Ubuntu)
	@scripts/install-test-tools

.PHONY: coverage
coverage: bin/metric-ai $(TEST)/.ready ## measure what the tests reach, child processes too: 90 % of every package
	@scripts/coverage $(TEST)

.PHONY: test-e2e
test-e2e: bin/metric-ai $(TEST)/.ready ## try Rollouts in a real control plane, built first (9 minutes once); E2E="-k kill" for some
	@scripts/test-e2e $(TEST) $(E2E)

.PHONY: cluster
cluster: bin/metric-ai $(TEST)/.ready ## start that control plane with the shop in it, to play with, until Ctrl-C
	@scripts/build-control-plane > /dev/null
	@PYTHONPATH=tests/e2e $(TEST)/bin/python -m playground --plugin bin/metric-ai

.PHONY: test-interop
test-interop: bin/metric-ai $(TEST)/.ready ## try the plugin with other people's A2A agents, and the agent with PostgreSQL
	@PYTHON="$(PYTHON)" scripts/interop $(TEST)
	@scripts/test-postgres $(TEST)

.PHONY: test-model
test-model: $(TEST)/.ready ## ask a real, small language model for twenty votes: a quarter of an hour on two cores
	@PYTHON="$(PYTHON)" scripts/smallmodel $(TEST)

.PHONY: bench
bench: bin/metric-ai $(TEST)/.ready ## measure beside Go: about 7 minutes; BENCH="ping run" for some, BENCH=--list for their names
	@$(TEST)/bin/python -m bench $(BENCH)

.PHONY: bench-e2e
bench-e2e: bin/metric-ai $(TEST)/.ready ## load the real controller, beside the Go twin or PLUGIN=FILE (PROTOCOL=rest); BENCH_E2E="load random" for some
	@scripts/build-control-plane > /dev/null
	@PYTHONPATH=tests/e2e $(TEST)/bin/python -m bench.e2e $(if $(PLUGIN),--plugin "$(PLUGIN)") $(if $(PROTOCOL),--protocol $(PROTOCOL)) $(BENCH_E2E)

.PHONY: bench-verdicts
bench-verdicts: $(TEST)/.ready ## judge recorded canaries; CASES=DIR OUT=FILE for any other set of them
	@$(TEST)/bin/python -m bench.verdicts bench $(if $(CASES),--cases "$(CASES)") $(if $(OUT),--out "$(OUT)")

.PHONY: bench-injection
bench-injection: $(TEST)/.ready ## plant texts that ask for a promotion, before models that obey; PAYLOADS=FILE SECRETS=FILE OUT=FILE
	@$(TEST)/bin/python -m bench.injection $(if $(PAYLOADS),--payloads "$(PAYLOADS)") $(if $(SECRETS),--secrets "$(SECRETS)") $(if $(OUT),--out "$(OUT)")

.PHONY: docs
docs: $(DEMO)/.ready build/venv/docs/.ready ## build the documentation's site, strictly, in build/site
	@NO_MKDOCS_2_WARNING=1 build/venv/docs/bin/mkdocs build --quiet
	@echo "==> build/site/index.html"

IMAGES := plugin:rollouts-plugin-metric-ai controller:argo-rollouts-metric-ai agent:canary-agent shop:canary-shop

.PHONY: docker-build
docker-build: ## build the images for this machine, after make build; REGISTRY=... TAG=...
	@scripts/docker-images build $(IMAGES)

.PHONY: docker-buildx
docker-buildx: ## build them for amd64 and arm64 and push them, after make build and make build ARCH=arm64
	@scripts/docker-images buildx $(IMAGES)

.PHONY: locks
locks: ## write the requirement files anew (needs uv)
	@scripts/lock

.PHONY: clean
clean: ## remove all that can be made again
	rm -rf build bin

.PHONY: venv
venv: $(TEST)/.ready ## the virtual environment for development, in build/venv/test
