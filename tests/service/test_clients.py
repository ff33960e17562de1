"""The typed clients of docs/clients.md, generated and run against the live service."""

import json
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from uv import find_uv_bin

from extensions.serving import environment, migrate
from tests.support.commands import run, succeed
from tests.support.fixture_types import Project
from tests.support.service import Service, running

pytestmark = [
    pytest.mark.nightly,
    pytest.mark.skipif(not shutil.which("npm"), reason="it needs npm"),
]
VERSIONS = {"openapi-typescript": "7.13", "openapi-fetch": "0.17"}
# The generated code is typed, but not all of it in strict mode.
CHECKED = ["--strict", "--follow-imports=silent"]
STRICT = {
    "target": "es2022",
    "module": "es2022",
    "moduleResolution": "bundler",
    "strict": True,
    "noUncheckedIndexedAccess": True,
    "exactOptionalPropertyTypes": True,
    "skipLibCheck": False,
    "types": ["node"],
}
# What a team writes: every error code is handled, a field is sent that is required.
MORE = """
import type { components } from "./schema";

type Code = components["schemas"]["Problem"]["error"];

const created = await client.POST("/api/v1/items", { body: { name: "lamp" } });
const code: Code | undefined = created.error?.error;
if (code !== "not_authenticated" || created.response.status !== 401) {
  throw new Error(`${code}`);
}
const query = { limit: 1000 };
const invalid = await client.GET("/api/v1/items", { params: { query } });
console.log(JSON.stringify([data.total, code, invalid.error?.errors?.[0]?.field]));
"""
WRONG = {
    "body: { name": "body: { nam",
    '"not_authenticated"': '"not_authenticate"',
    "data.total": "data.totals",
}


@pytest.fixture(scope="module")
def service(
    project: Project, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    """Start a service on a SQLite file."""
    folder = tmp_path_factory.mktemp("service")
    variables = environment(f"sqlite+aiosqlite:///{folder}/app.db")
    migrate(project(), variables)
    with running(project(), folder / "log", variables) as service:
        yield service


@pytest.fixture(scope="module")
def page(project: Project) -> str:
    """Read the document."""
    return (project() / "docs/clients.md").read_text(encoding="utf-8")


def block(page: str, language: str, containing: str = "") -> str:
    """Return the only block of code of a language that contains a text."""
    found = re.findall(rf"^```{language}\n(.*?)^```$", page, re.M | re.S)
    [text] = [it for it in found if containing in it]
    return str(text)


def test_typescript_client_is_checked_and_runs(
    page: str, project: Project, service: Service, tmp_path: Path
) -> None:
    shutil.copy(project() / "openapi.json", tmp_path)
    (tmp_path / "package.json").write_text('{"type": "module"}', encoding="utf-8")
    compiler = {"compilerOptions": STRICT, "files": ["main.ts"]}
    (tmp_path / "tsconfig.json").write_text(json.dumps(compiler), encoding="utf-8")
    install, generate = block(page, "sh", "npx").splitlines()
    for name, version in VERSIONS.items():
        install = install.replace(name, f"{name}@{version}")
    succeed([*install.split(), "typescript@5.9", "@types/node@20"], tmp_path)
    succeed(generate.split(), tmp_path)
    code = (block(page, "ts") + MORE).replace("http://127.0.0.1:8000", service.url)
    compiled = {}
    for right, wrong in {"": "", **WRONG}.items():
        text = code.replace(right, wrong) if right else code
        (tmp_path / "main.ts").write_text(text, encoding="utf-8")
        compiled[right] = run(["npx", "tsc", "--noEmit"], tmp_path).returncode == 0
    assert compiled == {"": True, **dict.fromkeys(WRONG, False)}

    (tmp_path / "main.ts").write_text(code, encoding="utf-8")
    succeed(["npx", "tsc"], tmp_path)
    *_, last = succeed(["node", "main.js"], tmp_path).splitlines()
    assert json.loads(last) == [0, "not_authenticated", "limit"]


def test_python_client_is_typed_and_runs(
    page: str, project: Project, service: Service, tmp_path: Path
) -> None:
    shutil.copy(project() / "openapi.json", tmp_path)
    generate = block(page, "sh", "openapi-python-client").split()
    assert generate[:2] == ["pipx", "run"]
    uv = find_uv_bin()
    succeed([uv, "tool", "run", *generate[2:]], tmp_path)
    code = block(page, "python").replace("http://127.0.0.1:8000", service.url)
    check = "reveal_type(page)\nassert page is not None\nprint(page.to_dict())\n"
    (tmp_path / "main.py").write_text(code + check, encoding="utf-8")
    using = ["--with=httpx", "--with=attrs", "--with=python-dateutil"]
    using += [
        "--with=mypy",
        "--with=types-python-dateutil",
        f"--python={sys.executable}",
    ]
    alone = [uv, "run", "--no-project", *using]
    checked = run([*alone, "mypy", *CHECKED, "main.py"], tmp_path)
    assert "ItemPage | client.models.problem.Problem | None" in checked.stdout

    (tmp_path / "main.py").write_text(code + check.split("\n", 1)[1], encoding="utf-8")
    succeed([*alone, "mypy", *CHECKED, "main.py"], tmp_path)
    printed = succeed([*alone, "python", "main.py"], tmp_path)
    assert printed.startswith("{'items': [], 'total': 0")
