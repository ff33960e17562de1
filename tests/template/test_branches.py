"""The matrix renders every conditional block both on and off."""

import shutil
from pathlib import Path

import pytest
from jinja2 import DictLoader, Environment

from extensions import branches
from extensions.rendering import render
from tests.support.conditional_files import conditions
from tests.support.copier_speedups import accelerated
from tests.support.matrix import CELLS

MEASURED = "\n---\n_jinja_extensions: [extensions.branches.Branches]\n"


@pytest.fixture(autouse=True)
def _fresh() -> None:
    branches.seen.clear()


def test_every_block_is_rendered_both_on_and_off(source: Path, tmp_path: Path) -> None:
    shutil.copytree(source, tmp_path / "source")
    with (tmp_path / "source" / "copier.yml").open("a", encoding="utf-8") as settings:
        settings.write(MEASURED)
    with accelerated():
        for cell, answers in CELLS.items():
            render(tmp_path / cell, answers, source=tmp_path / "source", unsafe=True)

    found = [line for line in branches.one_sided() if line.startswith("template/")]

    assert found == []
    assert conditions(source / "template") <= set(branches.seen)


def test_block_that_is_always_rendered_is_found() -> None:
    page = {"page": "a\n# {% if x %}\nb\n# {% endif %}\n"}
    # The output is not HTML, so nothing is escaped.
    environment = Environment(  # nosec B701
        loader=DictLoader(page),
        extensions=[branches.Branches],
        block_start_string="# {%",
        trim_blocks=True,
    )
    template = environment.get_template("page")

    assert template.render(x=1) == "a\nb\n"
    assert branches.one_sided() == ["page:2 was always on"]
    assert template.render(x=0) == "a\n"
    assert branches.one_sided() == []
