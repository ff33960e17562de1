"""The rules of the main branch wait for the job that holds the gates."""

import json
from pathlib import Path
from typing import Any

import yaml

GITHUB = Path(__file__).parents[3] / ".github"
CI = yaml.safe_load((GITHUB / "workflows" / "ci.yaml").read_text(encoding="utf-8"))
RULESET = json.loads((GITHUB / "rulesets" / "main.json").read_text(encoding="utf-8"))


def required() -> set[str]:
    """Name the checks that a merge waits for."""
    checks: list[dict[str, Any]] = [
        check
        for rule in RULESET["rules"]
        if rule["type"] == "required_status_checks"
        for check in rule["parameters"]["required_status_checks"]
    ]
    return {check["context"] for check in checks}


def test_merging_waits_for_the_gates_and_for_no_job_that_is_not_there() -> None:
    jobs = {job.get("name", name) for name, job in CI["jobs"].items()}
    gates = CI["jobs"]["quality-checks"]["name"]

    assert RULESET["enforcement"] == "active", "CI-16: the ruleset is not active"
    assert {gates} <= required() <= jobs, "CI-16: merging does not wait for real jobs"
