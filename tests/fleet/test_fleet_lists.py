"""Lists of repositories are parsed, and invalid ones are refused."""

import json
from pathlib import Path

import pytest

from extensions.fleet.__main__ import main
from extensions.fleet.listing import Repository, read
from extensions.refusals import RefusalError

FORGES = [
    [[{"clone_url": "https://a/x.git", "default_branch": "trunk", "archived": False}]],
    [{"http_url_to_repo": "https://a/x.git", "default_branch": "trunk"}],
]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("list.txt", "# All.\n\nhttps://a/x.git branch=trunk folder=y # One.\n"),
        ("list.yml", "- {url: 'https://a/x.git', branch: trunk, folder: y}\n"),
    ],
)
def test_list_has_urls_branches_and_folders(
    name: str, text: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")

    assert read(tmp_path / name) == [Repository("https://a/x.git", "trunk", "y")]


@pytest.mark.parametrize("answer", FORGES, ids=["pages of GitHub", "GitLab"])
def test_listing_of_a_forge_is_read_without_archived_projects(
    answer: list[object], tmp_path: Path
) -> None:
    answer += [{"clone_url": "https://a/old.git", "archived": True}]
    (tmp_path / "all.json").write_text(json.dumps(answer), encoding="utf-8")
    [found] = read(tmp_path / "all.json")

    assert (found.url, found.branch, found.certain) == (
        "https://a/x.git",
        "trunk",
        False,
    )


def test_path_is_relative_to_its_list(tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("shop\n", encoding="utf-8")

    assert read(tmp_path / "list.txt")[0].url == str(tmp_path / "shop")


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("list.txt", "", "no repository"),
        ("list.txt", "a colour=red", "colour"),
        ("list.txt", "--upload-pack=x", "neither a path nor a URL"),
        ("list.txt", "a folder=../b", "neither a path nor a URL"),
        ("list.yml", "- branch: x", "has a url"),
        ("list.yml", "{", "no list"),
        ("list.json", "[{}]", "http_url_to_repo"),
        ("list.json", "{", "no list"),
        ("list.json", '{"message": "Bad credentials"}', "Bad credentials"),
        ("list.json", '["x"]', "'x' is no repository"),
        ("list.json", "<html>", "no list"),
        ("list.txt", "a wave=first", "first"),
        ("list.yml", "a: b", "write a YAML list"),
        ("list.yml", "- [a]", "is no repository"),
        ("list.yml", "- \0", "no list"),
    ],
)
def test_invalid_list_is_refused_in_one_line(
    name: str, text: str, reason: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(RefusalError, match=reason) as refusal:
        read(tmp_path / name)

    assert "\n" not in str(refusal.value)


def test_list_in_another_encoding_is_refused(tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("shop\n", encoding="utf-16")
    with pytest.raises(RefusalError, match="no list of repositories"):
        read(tmp_path / "list.txt")


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--shard=0/3"], "--shard 0/3"),
        (["--shard=4/3"], "--shard 4/3"),
        (["--env=NOT_SET_HERE"], "--env NOT_SET_HERE"),
        (["--open=2"], "--requests"),
    ],
)
def test_options_that_can_not_work_are_refused_before_any_visit(
    options: list[str],
    reason: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "list.txt").write_text("shop\n", encoding="utf-8")
    assert main([str(tmp_path / "list.txt"), f"--work={tmp_path}/w", *options]) == 1
    [line] = capsys.readouterr().err.splitlines()

    assert reason in line
    assert not (tmp_path / "w").exists()


@pytest.mark.parametrize("asked", ["", "nowhere.txt"])
def test_missing_list_is_refused_before_any_visit(
    asked: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([asked]) == 1
    assert len(capsys.readouterr().err.splitlines()) == 1
