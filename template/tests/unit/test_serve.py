"""The command of an image starts a server, or says why it does not."""

import pytest

from app import serve


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Start no server, and note that one would have been started."""
    noted: list[str] = []
    monkeypatch.setattr(serve, "serve", lambda: noted.append("served"))
    return noted


def test_a_server_is_started_with_good_settings(served: list[str]) -> None:
    serve.main()

    assert served == ["served"]


def test_no_server_is_started_with_bad_settings(
    served: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOG_LEVEL", "LOUD")

    with pytest.raises(SystemExit, match="^LOG_LEVEL: "):
        serve.main()
    assert served == []
