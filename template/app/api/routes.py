"""Takes the routes out of their routers: a request then finds its own at once."""

from inspect import signature
from typing import Any

from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from starlette.routing import BaseRoute

# What makes a route; one that is included knows it of its routers, too.
OPTIONS = signature(APIRoute).parameters


def spread(included: Any) -> list[BaseRoute]:
    """Return the routes of an included router, or itself where it holds others.

    FastAPI asks every router around a route, and asks each of them again to hand
    the request on: with two routers that costs more than reading from the database.
    """
    found = list(iter_route_contexts([included]))
    if included.effective_low_priority_routes() or not all(map(is_plain, found)):
        return [included]
    return [stand_alone(context) for context in found]


def is_plain(context: RouteContext) -> bool:
    """Say whether a route is all that its options tell."""
    route = context.original_route
    return (
        isinstance(route, APIRoute)
        and context.stream_item_type is None
        and not route.form_limits
    )


def stand_alone(context: RouteContext) -> BaseRoute:
    """Make the route anew, with what it has from the routers around it."""
    options = {
        name: getattr(context, name) for name in OPTIONS if hasattr(context, name)
    }
    kind: Any = type(context.original_route)
    made: BaseRoute = kind(**options)
    return made
