"""A feature is a list of files and some marked lines; without it all are absent."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.conditional_files import TEMPLATE, manifests
from tests.support.fixture_types import Copy, Project
from tests.support.matrix import NOTHING

RESIDUE: dict[str, dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parents[1] / "data" / "feature_words.yml").read_text(
        encoding="utf-8"
    )
)


# Files of two features, in a folder of one of them.
BOTH = [
    path
    for feature in (
        "github_image",
        "item_jobs",
        "mail_jobs",
        "nested_cache",
        "persistent",
        "replicated",
        "scraped",
        "traced_jobs",
        "worker_pods",
    )
    for path in manifests()[feature]
]
# Folders that are empty without the files of `auth` and of `example`.
TOGETHER = manifests()["resources"]
# The answers file names every feature.
VERBATIM = {".copier-answers.yml"}
# The documents of the standard and the notes of the releases are the same for every
# project.
STANDARD = re.compile(
    r"docs/standards\.md|standards/(?!gates|github|gitlab)" r"|upkeep/releases\.md"
)


def on(feature: str) -> dict[str, Any]:
    """Return the answers that switch a feature on, besides the defaults."""
    return dict(RESIDUE[feature].get("with", {}))


def texts(project: Path) -> Iterator[tuple[str, str]]:
    """Yield the path and the text of every file of a project."""
    for path in sorted(project.rglob("*")):
        name = path.relative_to(project).as_posix()
        if path.is_file() and not STANDARD.match(name):
            yield name, path.read_text(encoding="utf-8")


def words_of(text: str) -> set[str]:
    """Split a text into lowercase words, parts of identifiers included."""
    return {word.lower() for word in re.findall("[A-Z]?[a-z]+|[A-Z]+(?![a-z])", text)}


def leftovers(feature: str, name: str, text: str) -> set[str]:
    """Return the words and files of a feature that a file still has."""
    rules = RESIDUE[feature]
    for allowed in rules["allowed"]:
        text = re.sub(allowed, "", text)
    found = words_of(f"{name} {text}") & {*rules["words"]}
    found |= {*Path(name).parts} & {*rules["files"]}
    return found | {phrase for phrase in rules["phrases"] if phrase in text}


def test_every_feature_has_a_list_of_its_words() -> None:
    assert set(RESIDUE) >= set(manifests())


@pytest.mark.parametrize("feature", manifests())
def test_manifest_lists_existing_files(feature: str) -> None:
    missing = [
        path
        for path in manifests()[feature]
        if not any((TEMPLATE / f"{path[1:]}{end}").exists() for end in ("", ".jinja"))
    ]

    assert missing == []


def test_no_path_is_in_two_manifests() -> None:
    owned = Counter(path for paths in manifests().values() for path in paths)
    nested = [
        (a, b)
        for a in owned
        for b in owned
        if a.startswith(f"{b}/") and a not in BOTH and b not in TOGETHER
    ]

    assert owned.most_common(1)[0][1] == 1
    assert nested == []


@pytest.mark.parametrize("feature", manifests())
def test_feature_renders_all_its_files(feature: str, render: Project) -> None:
    project = render(on(feature))

    assert [
        path for path in manifests()[feature] if not (project / path[1:]).exists()
    ] == []


@pytest.mark.parametrize("feature", RESIDUE)
def test_project_without_a_feature_has_none_of_its_words_or_files(
    feature: str, render: Project
) -> None:
    project = render(RESIDUE[feature]["without"])
    found = {
        name: words
        for name, text in texts(project)
        if name not in VERBATIM and (words := leftovers(feature, name, text))
    }

    assert found == {}


@pytest.mark.parametrize("feature", RESIDUE)
def test_words_and_files_of_a_feature_are_found(feature: str, render: Project) -> None:
    own = [
        name
        for name, text in texts(render(on(feature)))
        if name not in VERBATIM and leftovers(feature, name, text)
    ]

    assert own


def test_words_are_found_in_every_spelling() -> None:
    text = "make_user UserOut USER_ID users=1 author superuser PyJWT OAuth2"

    assert {"user", "users", "jwt", "auth"} <= words_of(text)
    assert leftovers("auth", "a.py", "author superuser hide_password") == set()


def test_features_exclude_only_their_own_files(
    render: Project, copy: Copy, tmp_path: Path
) -> None:
    """No other test finds a path that is excluded by accident."""
    owned = tuple(path[1:] for paths in manifests().values() for path in paths)
    kept, whole = (
        {name for name, _ in texts(project) if not name.startswith(owned)}
        for project in (copy(tmp_path / "nothing", NOTHING), render())
    )

    assert kept == whole
