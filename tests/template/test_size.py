"""The size of generated projects: the limits, and the table in the README."""

from pathlib import Path

import pytest

from extensions import size
from extensions.questions import ROOT
from extensions.rendering import presets
from extensions.size import Measured, Share, Size
from tests.support.fixture_types import Project

# Limits of a project with the default answers: decisions 27, 28, 30, 35 and 38.
LIMITS = {
    "whole project": Size(183, 14_830),
    "template machinery": Size(30, 2_675),
    "modules of `POST /items`": Size(8, 600),
}
MAX_APP_LINES = 5_680
README = "# Title\n\n<!-- size -->\n<!-- /size -->\n\nAfter.\n"
ROUTE = "from app.api.deps import Limit\nfrom app.db import Database, Row\n"


@pytest.fixture(scope="module")
def default(render: Project) -> Measured:
    """Measure the project with the default answers."""
    return size.measure(render())


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Create a project of a few files."""
    for name, text in {
        ".copier-answers.yml": "a: 1\n",
        "app/main.py": "",
        "app/api/router.py": "",
        "app/api/v1/items.py": ROUTE,
        "app/api/deps.py": "from app.core import errors\n",
        "app/core/errors.py": "import this\n",
        "app/db/__init__.py": "from app.db.database import Database, Row\n",
        "app/db/database.py": "a = 1\nb = 2\n",
        "standards/gates.yml": "a:\n",
        "tests/unit/core/test_errors.py": "def test_a() -> None: ...\n",
        "tests/unit/services/test_items.py": "async def test_b() -> None: ...\n",
        "tests/standards/test_report.py": "def test_c() -> None: ...\n",
        "upkeep.py": "\n",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def over_limit(measured: Measured) -> list[str]:
    """List the sizes above their limits."""
    sizes = {name: one for name, one in measured.items() if isinstance(one, Size)}
    found = [
        f"{name}: {sizes[name]}, limit {limit}"
        for name, limit in LIMITS.items()
        if sizes[name].files > limit.files or sizes[name].lines > limit.lines
    ]
    if sizes["`app/`"].lines > MAX_APP_LINES:
        found.append(f"app/: {sizes['`app/`'].lines} lines, limit {MAX_APP_LINES}")
    tests = measured["tests of infrastructure"]
    assert isinstance(tests, Share)
    if tests.part * 3 > tests.whole:
        found.append(f"tests of infrastructure: {tests}, limit a third")
    return found


def test_default_project_is_within_its_limits(default: Measured) -> None:
    assert over_limit(default) == []


def test_readme_shows_the_measured_sizes(render: Project) -> None:
    text = (ROOT / size.FILE).read_text(encoding="utf-8")
    [shown] = size.BETWEEN.findall(text)
    names = size.preset_names()
    measured = {name: size.measure(render(presets()[name])) for name in names}

    assert shown == size.table(measured), "run: make size ARGS=--write"


def test_folders_add_up_to_the_whole_project(default: Measured) -> None:
    sizes = {name: one for name, one in default.items() if isinstance(one, Size)}
    whole = sizes.pop("whole project")
    del sizes["modules of `POST /items`"]

    assert sum(one.files for one in sizes.values()) == whole.files
    assert sum(one.lines for one in sizes.values()) == whole.lines


def test_small_project_is_measured(project: Path) -> None:
    measured = size.measure(project)

    assert measured["`app/`"] == Size(7, 7)
    assert measured["template machinery"] == Size(3, 3)
    assert measured["whole project"] == Size(12, 12)
    assert measured["tests of infrastructure"] == Share(1, 2)
    assert measured["`docs/`"] == Size(0, 0)
    assert over_limit(measured) == ["tests of infrastructure: 1 of 2, limit a third"]


def test_request_modules_exclude_shared_modules_and_packages(project: Path) -> None:
    assert sorted(size.request_modules(project)) == [
        "app/api/deps.py",
        "app/api/router.py",
        "app/api/v1/items.py",
        "app/db/database.py",
        "app/main.py",
    ]


def test_implementation_behind_the_interface_is_not_counted(project: Path) -> None:
    database = project / "app/db/database.py"
    database.write_text("from app.db.pool import Pool\n", encoding="utf-8")
    (project / "app/db/pool.py").write_text("", encoding="utf-8")

    assert "app/db/pool.py" not in size.request_modules(project)


def test_new_layer_below_the_route_is_counted(project: Path) -> None:
    (project / "app/db/reader.py").write_text("a = 1\n" * 700, encoding="utf-8")
    deps = project / "app/api/deps.py"
    deps.write_text("from app.db.reader import (\n    a,\n)\n", encoding="utf-8")

    assert "app/db/reader.py" in size.request_modules(project)
    assert [line for line in over_limit(size.measure(project)) if "POST" in line]


@pytest.mark.parametrize(
    "name",
    ["whole project", "template machinery", "modules of `POST /items`", "`app/`"],
)
def test_size_over_its_limit_is_reported(name: str, project: Path) -> None:
    measured = {**size.measure(project), name: Size(1, 20_000)}

    assert [line for line in over_limit(measured) if line.startswith(name.strip("`"))]


def test_table_is_written_between_its_markers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, project: Path
) -> None:
    measured = {"standard": size.measure(project)}
    monkeypatch.setattr(size, "measured_presets", lambda: measured)
    (tmp_path / "README.md").write_text(README, encoding="utf-8")
    size.main(["--write"], tmp_path)
    text = (tmp_path / "README.md").read_text(encoding="utf-8")

    assert "| whole project | 12 · 12 |" in text
    assert text.endswith("<!-- /size -->\n\nAfter.\n")
    size.main([], tmp_path)
    assert (tmp_path / "README.md").read_text(encoding="utf-8") == text
