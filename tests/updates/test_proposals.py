"""`upkeep.py propose` commits an update to a branch, with its report, and only once."""

import sys
from pathlib import Path

import pytest

from tests.support import sample_releases
from tests.support.commands import append, commit, succeed
from tests.support.sample_releases import DEPLOY, REWORDED, substitute, upkeep
from tests.support.shared_cache import SharedCache
from tests.support.workflows import Workflow

BRANCH = "template-update"
GREEN = "lock install openapi check:\n\t@echo green\n"


@pytest.fixture
def service(shared_cache: SharedCache, source: Path, tmp_path: Path) -> Path:
    """Create a project with a remote repository, whose gates pass at once."""
    service = sample_releases.service(shared_cache, source, tmp_path / "service")
    (service / "Makefile.local").write_text(GREEN, encoding="utf-8")
    commit(service)
    succeed(["git", "init", "--quiet", "--bare", "remote"], tmp_path)
    succeed(["git", "remote", "add", "origin", tmp_path / "remote"], service)
    return service


def message(service: Path) -> str:
    """Return the message of the last commit."""
    return succeed(["git", "log", "-1", "--format=%B"], service)


def test_release_is_proposed_on_a_branch_with_its_report(service: Path) -> None:
    done = upkeep(service, "propose")

    assert done.returncode == 0
    assert succeed(["git", "branch", "--show-current"], service).strip() == BRANCH
    assert message(service).startswith("Template v0.0.2\n\n# The template: ")
    assert DEPLOY in message(service)
    assert not succeed(["git", "status", "--porcelain"], service)


def test_open_proposal_is_not_overwritten(service: Path) -> None:
    succeed(["git", "push", "--quiet", "origin", f"HEAD:{BRANCH}"], service)
    done = upkeep(service, "propose")

    assert done.returncode == 0
    assert "waits for review" in done.stdout
    assert succeed(["git", "branch", "--show-current"], service).strip() == "main"


@pytest.mark.nightly
def test_conflicts_are_proposed_with_their_markers(service: Path) -> None:
    substitute(service / REWORDED, r'\A"""', '"""Our own words: ')
    commit(service)
    done = upkeep(service, "propose")

    assert done.returncode == 0
    assert message(service).startswith("Template v0.0.2: conflicts to settle")
    assert "<<<<<<< before updating" in (service / REWORDED).read_text("utf-8")


def test_unreachable_remote_is_named(service: Path) -> None:
    succeed(["git", "remote", "set-url", "origin", "/nowhere"], service)
    refused = upkeep(service, "propose")

    assert refused.returncode == 1
    assert "ls-remote" in refused.stderr


@pytest.mark.nightly
def test_workflow_pushes_the_branch_and_opens_one_request(
    service: Path, tmp_path: Path
) -> None:
    # A fake installation: the Python of the tests, which has Copier.
    (tmp_path / "python").write_text(
        f'#!/bin/sh\nexec {sys.executable} "$@"\n', "utf-8"
    )
    (tmp_path / "python").chmod(0o755)
    install = f"install:\n\t@mkdir -p .venv/bin && cp {tmp_path}/python .venv/bin\n"
    append(service / "Makefile.local", install)
    commit(service)
    workflow = Workflow(service, "update.yaml", tmp_path)
    first, noted = workflow.run("workflow_dispatch"), workflow.noted()
    second, more = workflow.run("workflow_dispatch"), workflow.noted()
    pushed = succeed(["git", "log", "-1", "--format=%s", BRANCH], tmp_path / "remote")

    assert (first.returncode, second.returncode) == (0, 0)
    assert pushed == "Template v0.0.2\n"
    assert noted[-1] == f"gh pr create --fill --base main --head {BRANCH}"
    assert more[-1] == "gh auth setup-git"
