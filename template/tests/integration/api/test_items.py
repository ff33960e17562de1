"""Items over HTTP."""

from httpx2 import AsyncClient

URL = "/api/v1/items"


async def make(writer: AsyncClient, **members: object) -> dict[str, object]:
    response = await writer.post(URL, json={"name": "lamp"} | members)
    assert response.status_code == 201, response.text
    body: dict[str, object] = response.json()
    return body


async def test_an_item_is_read_as_it_was_written(writer: AsyncClient) -> None:
    written = await make(writer, description="bright", tags=["b", "a"])

    response = await writer.get(f"{URL}/{written['id']}")

    assert response.status_code == 200
    assert response.json() == written
    assert response.json()["tags"] == ["a", "b"]


async def test_two_items_can_not_share_a_name(writer: AsyncClient) -> None:
    await make(writer, name="lamp")

    response = await writer.post(URL, json={"name": " lamp "})

    assert response.status_code == 409
    assert response.json()["error"] == "item_name_taken"
    assert (await writer.get(URL)).json()["total"] == 1
