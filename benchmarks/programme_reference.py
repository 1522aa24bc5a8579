"""What the feed and the page are compared with: `python -m benchmarks.programme_reference PORT FILE`.

A Starlette application of one route, under uvicorn with the product's loop and parser. It gives answers that the file
holds and that were made beforehand, by the query of the address: nothing is asked, compared or counted.
"""

import json
import sys
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


def bare(file: Path) -> Starlette:
    """The application: status, header lines and body of each answer stand in the file."""
    answers: dict[bytes, Response] = {}
    for name, (status, lines, body) in json.loads(file.read_text("latin-1")).items():
        made = Response(body.encode("latin-1"), status_code=status)
        made.raw_headers = [(key.lower().encode("latin-1"), value.encode("latin-1")) for key, value in lines]
        answers[name.encode()] = made

    async def give(request: Request) -> Response:
        return answers[request.scope["query_string"]]

    return Starlette(routes=[Route("/", give)])


if __name__ == "__main__":
    uvicorn.run(
        bare(Path(sys.argv[2])), host="127.0.0.1", port=int(sys.argv[1]), loop="uvloop", http="httptools", ws="none",
        lifespan="off", server_header=False, log_config=None, access_log=False,
    )  # fmt: skip
