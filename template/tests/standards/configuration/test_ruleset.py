"""The rules of the main branch wait for the job that exists."""

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


def test_merging_waits_for_every_job_of_the_workflow() -> None:
    jobs = {job.get("name", name) for name, job in CI["jobs"].items()}

    assert RULESET["enforcement"] == "active", "CI-16: the ruleset is not active"
    assert required() == jobs, "CI-16: merging does not wait for the real jobs"
