"""A list of articles by tag, author, favorite and feed, as a blog would have it."""

from typing import Annotated, Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from fastapi import FastAPI, Query
from httpx2 import AsyncClient
from sqlalchemy.ext.asyncio import AsyncConnection

from app.core.text import SingleLine, SortBy
from app.db import Database
from app.db.lists import Listing
from app.db.types import ArraySubquery, JsonRows
from app.schemas.base import Page, ResponseModel
from app.schemas.lists import ListQuery

METADATA = sa.MetaData()
AUTHORS = sa.Table(
    "authors",
    METADATA,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("name", sa.String(64), unique=True, nullable=False),
)
ARTICLES = sa.Table(
    "articles",
    METADATA,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("title", sa.String(120), nullable=False),
    sa.Column("author_id", sa.ForeignKey("authors.id"), nullable=False),
)
ARTICLE_TAGS = sa.Table(
    "article_tags",
    METADATA,
    sa.Column("article_id", sa.ForeignKey("articles.id"), primary_key=True),
    sa.Column("name", sa.String(64), primary_key=True),
)
FAVORITES = sa.Table(
    "favorites",
    METADATA,
    sa.Column("article_id", sa.ForeignKey("articles.id"), primary_key=True),
    sa.Column("reader_id", sa.ForeignKey("authors.id"), primary_key=True),
)
FOLLOWS = sa.Table(
    "follows",
    METADATA,
    sa.Column("reader_id", sa.ForeignKey("authors.id"), primary_key=True),
    sa.Column("author_id", sa.ForeignKey("authors.id"), primary_key=True),
)

# What a project writes: a schema, a listing, a route.
Name = Annotated[str, SingleLine(64)]


class ArticleQuery(ListQuery):
    """Which articles a list has, and in which order: the newest first by default."""

    sort: Annotated[str, SortBy("id", "title")] = "-id"
    tag: Name | None = None
    author: Name | None = None
    favorited: Name | None = None


class Author(ResponseModel):
    """The author of an article."""

    name: str


class ArticleRead(ResponseModel):
    """An article in a list."""

    id: UUID
    title: str
    author: list[Author]
    tags: list[str]
    favorites: int


class ArticlePage(Page[ArticleRead]):
    """One page of the articles."""


_AUTHOR = sa.select(AUTHORS.c.name).where(AUTHORS.c.id == ARTICLES.c.author_id)
_TAGS = sa.select(ARTICLE_TAGS.c.name).where(ARTICLE_TAGS.c.article_id == ARTICLES.c.id)
_FAVORITES = sa.select(sa.func.count()).where(FAVORITES.c.article_id == ARTICLES.c.id)
ARTICLE_LIST = Listing(
    sa.select(
        ARTICLES,
        JsonRows(_AUTHOR.correlate(ARTICLES)).label("author"),
        ArraySubquery(_TAGS.order_by(ARTICLE_TAGS.c.name).correlate(ARTICLES)).label(
            "tags"
        ),
        _FAVORITES.correlate(ARTICLES).scalar_subquery().label("favorites"),
    ),
    key=ARTICLES.c.id,
    filters={
        "tag": lambda tag: sa.exists().where(
            ARTICLE_TAGS.c.article_id == ARTICLES.c.id, ARTICLE_TAGS.c.name == tag
        ),
        "author": lambda name: sa.exists().where(
            AUTHORS.c.id == ARTICLES.c.author_id, AUTHORS.c.name == name
        ),
        "favorited": lambda name: sa.exists().where(
            FAVORITES.c.article_id == ARTICLES.c.id,
            FAVORITES.c.reader_id == AUTHORS.c.id,
            AUTHORS.c.name == name,
        ),
        "reader_id": lambda reader: sa.exists().where(
            FOLLOWS.c.author_id == ARTICLES.c.author_id, FOLLOWS.c.reader_id == reader
        ),
    },
)


def add_routes(app: FastAPI, database: Database, reader_id: UUID) -> None:
    """Add the list of articles, and the feed of a reader."""

    @app.get("/articles")
    async def list_articles(query: Annotated[ArticleQuery, Query()]) -> ArticlePage:
        page = await ARTICLE_LIST.fetch_page(database, **dict(query))
        return ArticlePage.model_validate(page)

    @app.get("/articles/feed")
    async def read_feed(query: Annotated[ListQuery, Query()]) -> ArticlePage:
        page = await ARTICLE_LIST.fetch_page(
            database, **dict(query), sort="-id", reader_id=reader_id
        )
        return ArticlePage.model_validate(page)


# What is tested.
ADA, BOB, CY = (UUID(int=number) for number in (1, 2, 3))
WRITTEN = [("one", ADA), ("two", BOB), ("three", ADA), ("four", CY)]
KEYS = [UUID(int=number) for number, _ in enumerate(WRITTEN)]


@pytest.fixture(autouse=True)
async def articles(
    app: FastAPI, database: Database, connection: AsyncConnection
) -> None:
    """Four articles: two of Ada, whom Bob follows."""
    await connection.run_sync(METADATA.create_all)
    rows: dict[sa.Table, list[dict[str, Any]]] = {
        AUTHORS: [{"id": ADA, "name": "ada"}, {"id": BOB, "name": "bob"}]
        + [{"id": CY, "name": "cy"}],
        ARTICLES: [
            {"id": key, "title": title, "author_id": author}
            for key, (title, author) in zip(KEYS, WRITTEN, strict=True)
        ],
        ARTICLE_TAGS: [
            {"article_id": key, "name": name}
            for key, name in zip(KEYS[:3], ("red", "red", "blue"), strict=True)
        ],
        FAVORITES: [{"article_id": key, "reader_id": BOB} for key in KEYS[1:3]],
        FOLLOWS: [{"reader_id": BOB, "author_id": ADA}],
    }
    for table, values in rows.items():
        await connection.execute(sa.insert(table), values)
    add_routes(app, database, BOB)


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("", ["four", "three", "two", "one"]),
        ("?tag=red", ["two", "one"]),
        ("?author=ada", ["three", "one"]),
        ("?favorited=bob", ["three", "two"]),
        ("?favorited=bob&author=ada&tag=blue", ["three"]),
        ("?favorited=ada", []),
        ("?limit=2&offset=1", ["three", "two"]),
        ("?sort=title", ["four", "one", "three", "two"]),
        ("/feed", ["three", "one"]),
        ("/feed?limit=1", ["three"]),
    ],
)
async def test_articles_are_filtered(
    query: str, titles: list[str], client: AsyncClient
) -> None:
    response = await client.get(f"/articles{query}")

    page = response.json()
    assert [article["title"] for article in page["items"]] == titles
    assert page["total"] >= len(titles)


async def test_article_has_its_author_and_tags(client: AsyncClient) -> None:
    page = (await client.get("/articles?author=bob")).json()

    [article] = page["items"]
    assert article["author"] == [{"name": "bob"}]
    assert (article["tags"], article["favorites"]) == (["red"], 1)


@pytest.mark.parametrize("path", ["/articles?colour=red", "/articles/feed?tag=red"])
async def test_unknown_filter_is_rejected(path: str, client: AsyncClient) -> None:
    response = await client.get(path)

    assert response.status_code == 422
    assert "limit, offset, cursor, total" in response.json()["errors"][0]["message"]
