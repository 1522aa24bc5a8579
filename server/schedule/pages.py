"""The pages of schedule."""

from starlette.routing import BaseRoute

ROUTES: list[BaseRoute] = []
