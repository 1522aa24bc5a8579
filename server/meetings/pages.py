"""The pages of meetings."""

from starlette.routing import BaseRoute

ROUTES: list[BaseRoute] = []
