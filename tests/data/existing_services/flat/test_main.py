from fastapi.testclient import TestClient

from main import app

client = TestClient(app)


def test_shorten():
    key = client.post("/links", json={"url": "https://example.com"}).json()["key"]
    assert client.get(f"/{key}").json() == {"url": "https://example.com"}
