# The commands of the template repository. A fresh machine needs Python, git and make.

PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installed
DEST ?= build/my-service
ANSWERS ?=
FROM ?=
VERSION ?=
NAME ?=
MINUTES ?=
ARGS ?=
LIST ?=
REPO ?=
# Handed over by the environment, so that a path may hold spaces and quotes.
export DEST ANSWERS FROM VERSION NAME MINUTES LIST REPO

.DEFAULT_GOAL := help
.PHONY: help service test nightly check diff release golden size feature measure bench reserved standards adopt fleet clean

help: ## this list
	@sed -n 's/^\([a-z]*\):[^#]*## /  make \1	/p' Makefile

service: $(INSTALLED) ## a new project in build/my-service (DEST=…, ANSWERS=file.yml), installed
	@$(BIN)/python -m extensions.service "$$DEST" "$$ANSWERS"

test: $(INSTALLED) ## every test of the template (one of them: ARGS="-k name")
	@$(BIN)/pytest -n auto --maxprocesses 4 --dist worksteal $(ARGS)

nightly: $(INSTALLED) ## the same with the tests that take minutes
	@$(BIN)/pytest -n auto --maxprocesses 4 --dist worksteal -m "" $(ARGS)

# pre-commit wants a repository: outside one it gets a passing one of its own.
check: $(INSTALLED) ## formatting, lint and types of the template's own code
	@if [ -n "$$(git rev-parse --show-prefix 2>&1)" ]; then \
		GIT_DIR="$$(mktemp -d)"; GIT_WORK_TREE="$(CURDIR)"; export GIT_DIR GIT_WORK_TREE; \
		trap 'rm -rf "$$GIT_DIR"' EXIT; git init --quiet && git add --all || exit 1; \
	fi; \
	$(BIN)/pre-commit run --all-files --show-diff-on-failure

diff: $(INSTALLED) ## what every preset's project changes since a release (FROM=v0.1.0)
	@$(BIN)/python -m extensions.compare "$$FROM"

release: $(INSTALLED) ## hold the rules for authors and write a version (VERSION=1.2.3); commits nothing
	@$(BIN)/python -m extensions.prepare "$$VERSION"

golden: $(INSTALLED) ## write the golden trees anew
	@$(BIN)/pytest tests/template/test_trees.py --golden -q

reserved: $(INSTALLED) ## write the names that no project may have anew
	@$(BIN)/python -m extensions.reserved

standards: $(INSTALLED) ## write the table of the standard in the README anew
	@$(BIN)/python -m extensions.standards

size: $(INSTALLED) ## files and lines of every preset's project (ARGS=--write: into the README)
	@$(BIN)/python -m extensions.size $(ARGS)

feature: $(INSTALLED) ## start a feature of the template (NAME=cache)
	@$(BIN)/python -m extensions.feature "$$NAME"

measure: $(INSTALLED) ## time and memory, beside what is promised
	@$(BIN)/python -m extensions.measure

bench: $(INSTALLED) ## the service beside FastAPI and asyncpg by hand, with wrk (MINUTES=10: its memory, too)
	@$(BIN)/python -m extensions.bench

adopt: $(INSTALLED) ## bring the template into a repository that exists (REPO=path)
	@$(BIN)/python -m extensions.adopt "$$REPO" $(ARGS)

fleet: $(INSTALLED) ## check and update many projects (LIST=file, ARGS="--push")
	@$(BIN)/python -m extensions.fleet "$$LIST" $(ARGS)

clean: ## remove the environment and what was built
	rm -rf .venv build

# The stamp comes last: an interrupted installation is started again.
$(INSTALLED): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed: make PYTHON=python3.13 …" >&2; exit 1; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check \
		"$$(sed -n 's/.*"\(uv==[^"]*\)".*/\1/p' pyproject.toml)"
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --group dev
	@touch $@
