"""The pages of remote."""

from starlette.routing import BaseRoute

ROUTES: list[BaseRoute] = []
