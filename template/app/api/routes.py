"""Takes the routes out of their routers: a request then finds its own at once."""

from copy import copy
from typing import Any

from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from starlette.routing import BaseRoute


def spread(included: Any) -> list[BaseRoute]:
    """Return the routes of an included router, or itself where it is more than they.

    FastAPI asks every router around a route, and asks each of them again to hand
    the request on: with two routers that costs more than reading from the database.
    """
    found = list(iter_route_contexts([included]))
    routes = all(isinstance(context.original_route, APIRoute) for context in found)
    if not routes or adds_more(included):
        return [included]
    return [stand_alone(context) for context in found]


def adds_more(included: Any) -> bool:
    """Say whether a router, or one in it, does what its routes can not do alone."""
    inner = [
        one for one in included.original_router.routes if type(one) is type(included)
    ]
    return bool(
        included.include_context.form_limits
        or included.effective_low_priority_routes()
        or any(map(adds_more, inner))
    )


def stand_alone(context: RouteContext) -> BaseRoute:
    """Return the route with what it has from the routers around it."""
    route = copy(context.original_route)
    names = [name for name in vars(route) if hasattr(context, name)]
    vars(route).update({name: getattr(context, name) for name in names})
    return route
