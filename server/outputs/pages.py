"""The pages of outputs."""

from starlette.routing import BaseRoute

ROUTES: list[BaseRoute] = []
