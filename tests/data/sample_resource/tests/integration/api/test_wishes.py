"""Wishes over HTTP."""

from uuid import UUID

from httpx2 import AsyncClient

URL = "/api/v1/wishes"


async def test_created_wish_can_be_read(write_client: AsyncClient, words: str) -> None:
    created = await write_client.post(URL, json={"words": words})
    read = await write_client.get(f"{URL}/{created.json()['id']}")

    assert created.status_code == 201
    assert read.json() == created.json()


async def test_vote_is_part_of_the_wish(write_client: AsyncClient) -> None:
    created = await write_client.post(URL, json={"words": "a lamp"})
    votes = f"{URL}/{created.json()['id']}/votes"
    voted = await write_client.post(votes, json={"name": "Ada"})
    again = await write_client.post(votes, json={"name": "Ada"})

    assert [vote["name"] for vote in voted.json()["votes"]] == ["Ada"]
    assert (voted.status_code, again.status_code) == (201, 409)


async def test_vote_for_an_unknown_wish_is_not_found(client: AsyncClient) -> None:
    response = await client.post(f"{URL}/{UUID(int=1)}/votes", json={"name": "Ada"})

    assert response.status_code == 404
    assert response.json()["error"] == "wish_not_found"
