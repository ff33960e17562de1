"""A Redis or Valkey server for tests: TEST_REDIS_URL, or a program of this machine."""

import shutil
import subprocess  # nosec B404
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import SecretStr
from pydantic_settings import BaseSettings

from app.core.redis_settings import RedisSettings
from app.redis.store import RedisStore

SERVERS = ("redis-server", "valkey-server")


class RedisServerSettings(BaseSettings):
    """Where the server of the tests is; in a pipeline `CI` is set."""

    test_redis_url: SecretStr | None = None
    ci: str | None = None


@dataclass(frozen=True)
class RedisServer:
    """A server, and its process if it belongs to the tests."""

    url: SecretStr
    process: subprocess.Popen[bytes] | None = None

    def store(self, timeout: float = 1.0) -> RedisStore:
        """Return a store with a client of its own."""
        return RedisStore(RedisSettings(url=self.url, timeout=timeout))


@contextmanager
def redis_server(folder: Path) -> Generator[RedisServer]:
    """Start a server on a Unix socket. Skips the test where there is no program."""
    settings = RedisServerSettings()
    if settings.test_redis_url:
        yield RedisServer(settings.test_redis_url)
        return
    program = next(filter(None, map(shutil.which, SERVERS)), None)
    if program is None:
        reason = "no redis-server and no TEST_REDIS_URL: these tests need one"
        if settings.ci:
            pytest.fail(reason)
        pytest.skip(reason)
    socket = folder / "redis.sock"
    options = ["--port", "0", "--unixsocket", f"{socket}", "--save", ""]
    command, output = [program, *options], subprocess.DEVNULL
    with subprocess.Popen(command, stdout=output) as process:  # nosec B603
        while not socket.exists() and process.poll() is None:
            time.sleep(0.01)
        yield RedisServer(SecretStr(f"unix://{socket}"), process)
        process.kill()
