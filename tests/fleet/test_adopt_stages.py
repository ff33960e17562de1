"""Broken rules of an adopted project are listed, and waived in stages."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from extensions.adopt.__main__ import main
from extensions.adopt.stages import last_days
from extensions.refusals import RefusalError
from tests.support.release_history import adopt

REPORT = [
    {"rule": "TEST-01", "gate": "tests", "state": "broken", "where": "1 failed"},
    {"rule": "DOC-01", "gate": "flake8", "state": "broken", "where": "app.py:1: D100"},
    {"rule": "TYPE-01", "gate": "mypy", "state": "broken", "where": "app.py:2: error"},
    {"rule": "NAME-01", "gate": "flake8", "state": "holds", "where": ""},
    {"rule": "NAME-02", "gate": "flake8", "state": "waived", "where": "later"},
]
GATES = {"flake8": "static", "mypy": "types", "tests": "run"}
WAIVED = "# Why, and until when.\n- {rule: TEST-01, reason: known, until: 2030-01-31}\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Create a project whose gates report findings."""
    standards = tmp_path / "standards"
    standards.mkdir()
    gates = {name: {"command": "true", "kind": kind} for name, kind in GATES.items()}
    (standards / "gates.yml").write_text(yaml.safe_dump(gates), encoding="utf-8")
    (standards / "waivers.yml").write_text(WAIVED, encoding="utf-8")
    text = json.dumps({"rules": REPORT})
    (tmp_path / "report.json").write_text(text, encoding="utf-8")
    recipe = "standards:\n\t@cat report.json; test '$(ARGS)' = --json; exit 1\n"
    makefile = f".PHONY: standards\n{recipe}"
    (tmp_path / "Makefile").write_text(makefile, encoding="utf-8")
    return adopt(tmp_path)


def test_broken_rules_are_listed_in_the_order_of_correction(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(project), "--report"]) == 0
    *rows, last = capsys.readouterr().out.splitlines()

    assert [row.split()[:2] for row in rows] == [
        ["1", "DOC-01"],
        ["2", "TYPE-01"],
        ["3", "TEST-01"],
    ]
    assert last.startswith("3 rules do not hold")
    assert (project / "standards/waivers.yml").read_text("utf-8") == WAIVED


def test_broken_rules_are_waived_and_old_waivers_stay(
    project: Path,
) -> None:
    until = datetime.now(UTC).date() + timedelta(days=90)
    assert main([str(project), "--report", f"--waive-until={until}"]) == 0
    text = (project / "standards/waivers.yml").read_text(encoding="utf-8")
    waivers = {one["rule"]: one for one in yaml.safe_load(text)}

    assert text.startswith("# Why, and until when.\n")
    assert "&" not in text and "*id" not in text
    assert [*waivers] == ["TEST-01", "DOC-01", "TYPE-01"]
    assert waivers["TEST-01"]["reason"] == "known"
    assert waivers["DOC-01"]["until"] == until - timedelta(days=60)
    assert waivers["TYPE-01"]["until"] == until - timedelta(days=30)


def test_stages_end_in_equal_steps_on_the_last_day() -> None:
    days = last_days(date(2030, 1, 1), date(2030, 4, 1))

    assert days == [date(2030, 1, 31), date(2030, 3, 2), date(2030, 4, 1)]


def test_last_day_in_the_past_is_refused() -> None:
    with pytest.raises(RefusalError, match="still to come"):
        last_days(date(2030, 1, 1), date(2030, 1, 1))


def test_project_without_environment_is_refused(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "Makefile").write_text("standards:\n\t@false\n", encoding="utf-8")

    assert main([str(project), "--report"]) == 1
    assert "make install" in capsys.readouterr().err
    assert (project / "standards/waivers.yml").read_text("utf-8") == WAIVED
