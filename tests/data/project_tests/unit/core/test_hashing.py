"""Hashing of passwords in threads."""

from threading import get_ident

from pwdlib.hashers.argon2 import Argon2Hasher

from app.core.security import PasswordHasher


class CountingHasher(Argon2Hasher):
    """A hasher that records its calls, with the parameters of each hash."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.work: list[tuple[str, str]] = []
        self.threads: set[int] = set()

    def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
        self.threads.add(get_ident())
        made = super().hash(password, salt=salt)
        self.work.append(("hash", made.rpartition("$")[0].rpartition("$")[0]))
        return made

    def verify(self, password: str | bytes, hash: str | bytes) -> bool:
        self.threads.add(get_ident())
        parameters = str(hash).rpartition("$")[0].rpartition("$")[0]
        self.work.append(("verify", parameters))
        return super().verify(password, hash)


async def test_hashing_does_not_block_the_event_loop() -> None:
    hasher = CountingHasher()
    passwords = PasswordHasher(1, hasher)

    stored = await passwords.hash("right")
    await passwords.verify("right", stored)
    await passwords.verify("right", None)

    assert hasher.threads, "ASYNC-08: nothing was hashed"
    assert get_ident() not in hasher.threads, "ASYNC-08: hashed on the event loop"
