# The commands of the template repository. They need Python, git and make.

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
# Passed in the environment, so that a path may contain spaces and quotes.
export DEST ANSWERS FROM VERSION NAME MINUTES LIST REPO

.DEFAULT_GOAL := help
.PHONY: help service site test nightly check diff release golden size feature measure bench session reserved standards adopt fleet clean

help: ## list the commands
	@sed -n 's/^\([a-z]*\):[^#]*## /  make \1	/p' Makefile

service: $(INSTALLED) ## create a project in build/my-service (DEST=…, ANSWERS=file.yml)
	@$(BIN)/python -m extensions.service "$$DEST" "$$ANSWERS"

test: $(INSTALLED) ## run the tests of the template (one of them: ARGS="-k name")
	@$(BIN)/pytest -n auto --maxprocesses 4 --dist worksteal $(ARGS)

nightly: $(INSTALLED) ## run all tests, those that take minutes included
	@$(BIN)/pytest -n auto --maxprocesses 4 --dist worksteal -m "" $(ARGS)

# pre-commit needs a repository: outside of one it gets a temporary one.
check: $(INSTALLED) ## check formatting, lint and types of the template's own code
	@if [ -n "$$(git rev-parse --show-prefix 2>&1)" ]; then \
		GIT_DIR="$$(mktemp -d)"; GIT_WORK_TREE="$(CURDIR)"; export GIT_DIR GIT_WORK_TREE; \
		trap 'rm -rf "$$GIT_DIR"' EXIT; git init --quiet && git add --all || exit 1; \
	fi; \
	$(BIN)/pre-commit run --all-files --show-diff-on-failure

diff: $(INSTALLED) ## show the changes of each preset's project since a release (FROM=v0.1.0)
	@$(BIN)/python -m extensions.compare "$$FROM"

release: $(INSTALLED) ## check the compatibility rules and write a version (VERSION=1.2.3); commits nothing
	@$(BIN)/python -m extensions.prepare "$$VERSION"

golden: $(INSTALLED) ## update the golden trees
	@$(BIN)/pytest tests/template/test_trees.py --golden -q

reserved: $(INSTALLED) ## update the reserved project names
	@$(BIN)/python -m extensions.reserved

standards: $(INSTALLED) ## update the table of the standard in the README
	@$(BIN)/python -m extensions.standards

size: $(INSTALLED) ## files and lines of every preset's project (ARGS=--write: into the README)
	@$(BIN)/python -m extensions.size $(ARGS)

feature: $(INSTALLED) ## start a feature of the template (NAME=cache)
	@$(BIN)/python -m extensions.feature "$$NAME"

measure: $(INSTALLED) ## compare time and memory with their limits
	@$(BIN)/python -m extensions.measure

bench: $(INSTALLED) ## compare the service with FastAPI and asyncpg, with wrk (MINUTES=10: its memory, too)
	@$(BIN)/python -m extensions.bench

adopt: $(INSTALLED) ## add the template to an existing repository (REPO=path)
	@$(BIN)/python -m extensions.adopt "$$REPO" $(ARGS)

fleet: $(INSTALLED) ## check and update many projects (LIST=file, ARGS="--push")
	@$(BIN)/python -m extensions.fleet "$$LIST" $(ARGS)

session: $(INSTALLED) ## draw the session of the README from a real one
	@$(BIN)/python -m extensions.session

site: $(INSTALLED) ## build the documentation and the configurator in build/site
	@$(BIN)/python -m extensions.site build/site $(ARGS)

clean: ## remove the environment and the build folder
	rm -rf .venv build

# The stamp is written last, so that an interrupted installation starts again.
$(INSTALLED): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed: make PYTHON=python3.13 …" >&2; exit 1; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check \
		"$$(sed -n 's/.*"\(uv==[^"]*\)".*/\1/p' pyproject.toml)"
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --group dev
	@touch $@
