"""The answers that Copier recorded, and their checksum."""

import pytest

from upkeep import answers
from upkeep.errors import RefusedError

TEXT = "_commit: v1.0.0\n_src_path: https://example.com/x\nfree: true\nname: A\n"


def test_answers_are_separated_from_release_and_address() -> None:
    origin = answers.parse(TEXT)

    assert origin.release == "v1.0.0"
    assert origin.answers == {"free": True, "name": "A"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[", "while parsing"),
        ("- a\n", "holds no answers"),
        ("name: A\n", "has no _src_path"),
        ("_src_path: x\n", "has no _commit"),
    ],
)
def test_invalid_answers_file_is_refused(text: str, words: str) -> None:
    with pytest.raises(RefusedError) as refused:
        answers.parse(text)

    assert words in str(refused.value)


@pytest.mark.parametrize("address", ["https://example.com/y", "/a\n    long path"])
def test_moved_template_has_the_same_checksum(address: str) -> None:
    moved = TEXT.replace("https://example.com/x", address)

    assert answers.checksum(moved) == answers.checksum(f"# A word.\n\n{TEXT}")


@pytest.mark.parametrize(("old", "new"), [("A", "B"), ("v1.0.0", "v1.0.1")])
def test_other_answer_or_release_has_another_checksum(old: str, new: str) -> None:
    assert answers.checksum(TEXT.replace(old, new)) != answers.checksum(TEXT)


def test_newer_release_is_read_between_conflict_markers() -> None:
    assert answers.release("_commit: v1.0.0\n=======\n_commit: v2.0.0\n") == "v2.0.0"


@pytest.mark.parametrize(
    ("release", "line", "intact"),
    [
        ("v0.3.0", "", True),
        ("v0.4.0", "", False),
        ("1234567", "", False),
        ("v0.4.1", "_commit", True),
        ("v0.4.2", "all", True),
        ("v0.3.0", "wrong", False),
    ],
)
def test_each_release_has_its_own_checksum_of_answers(
    release: str, line: str, intact: bool
) -> None:
    text = TEXT.replace("v1.0.0", release)
    signed = {
        "": "",
        "_commit": answers.checksum(answers.RELEASE.sub("", text)),
        "all": answers.checksum(text),
        "wrong": "0" * 12,
    }[line]
    comment = f"# Checksum of the answers: {signed}\n" if signed else ""

    assert answers.intact(comment + text, release) is intact
