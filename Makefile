# `make` lists the targets. Everything that can be made again lies in build/ and bin/.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
PACKAGES := goplugin argo-rollouts-plugin canary-verdict rollouts-plugin-metric-ai canary-agent
SOURCES := $(foreach p,$(PACKAGES),packages/$(p)/pyproject.toml)
DEMO := build/venv/demo
TEST := build/venv/test

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# A virtual environment is ready when its .ready is newer than its lock.
build/venv/%/.ready: requirements/%.txt $(SOURCES) scripts/make-venv
	@PYTHON="$(PYTHON)" scripts/make-venv build/venv/$* requirements/$*.txt $(PACKAGES)
	@touch $@

.PHONY: venv
venv: $(TEST)/.ready ## the virtual environment for development, in build/venv/test
