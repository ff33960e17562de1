"""/wishes."""

from httpx2 import AsyncClient


async def test_a_wish_can_be_read_again(writer: AsyncClient, words: str) -> None:
    made = await writer.post("/api/v1/wishes", json={"words": words})
    read = await writer.get(f"/api/v1/wishes/{made.json()['id']}")

    assert made.status_code == 201
    assert read.json() == made.json()
