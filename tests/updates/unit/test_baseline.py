"""The baseline: the reasons that Copier gives when it fails."""

import pytest

from upkeep import baseline


@pytest.mark.parametrize(
    ("source", "address"),
    [
        ("gh:me/it", "https://github.com/me/it.git"),
        ("gl:/me/it.git", "https://gitlab.com/me/it.git"),
        ("git+file:///me/it", "file:///me/it"),
        ("/me/it", "/me/it"),
    ],
)
def test_an_unknown_release_is_told_with_an_address_that_git_knows(
    source: str, address: str
) -> None:
    told = baseline.reason("ValueError: Unknown revision: 'v9'", source)

    assert told.startswith(f"the template has no v9: git ls-remote --tags {address} ")


def test_any_other_failure_is_its_last_line() -> None:
    assert baseline.reason("a\n| fatal: b |\nc\n", "x") == "Copier: fatal: b"
    assert baseline.reason("a\nb\n", "x") == "Copier: b"
