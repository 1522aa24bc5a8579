"""Static files, kept by browsers for ever because their address says what is in them."""

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from server.web.render import STATIC, static_version


class StaticPages(StaticFiles):
    """Serves `/static/<version>/<path>`; another version is answered too, but not to be kept."""

    def __init__(self) -> None:
        super().__init__(directory=STATIC)

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file behind the version."""
        version, _, rest = path.partition("/")
        response = await super().get_response(rest, scope)
        keep = version == static_version() and response.status_code in (200, 206, 304)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if keep else "no-cache"
        return response
