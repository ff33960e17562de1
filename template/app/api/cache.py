"""Dependency of routes whose services cache results."""

from fastapi import Request

from app.redis.cache import Cache


def get_cache(request: Request) -> Cache:
    """Return the cache of the application."""
    cache: Cache = request.app.state.cache
    return cache
