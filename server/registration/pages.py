"""The pages of registration."""

from starlette.routing import BaseRoute

ROUTES: list[BaseRoute] = []
