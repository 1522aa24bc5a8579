"""Asks a server the same over several lines at once: `python -m benchmarks.programme_client PORT SECONDS LINES < REQUEST`.

Each line sends the request again as soon as the answer to the last is whole. Printed is, as JSON, how many were answered
with which status, and in how many seconds. It does as little as it can, for it shares a machine with what is measured.
"""

import asyncio
import json
import re
import sys
import time
from typing import Any

import uvloop

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.I)
_END = b"\r\n\r\n"


class Asker(asyncio.Protocol):
    """One line. Of a body only the length is looked at."""

    def __init__(self, request: bytes, until: float, statuses: dict[str, int]) -> None:
        self.request, self.until, self.statuses = request, until, statuses
        self.done = asyncio.get_running_loop().create_future()
        self.head, self.missing = b"", 0

    def connection_made(self, transport: Any) -> None:
        """It speaks at once."""
        self.transport = transport
        self.ask()

    def ask(self) -> None:
        """Send the request once more, unless the time is over."""
        if time.perf_counter() >= self.until:
            self.done.set_result(None)
            return
        self.head, self.missing = b"", -1
        self.transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        """A piece of an answer."""
        if self.missing < 0:
            self.head += data
            end = self.head.find(_END)
            if end < 0:
                return
            found = _LENGTH.search(self.head, 0, end)
            self.missing = (int(found.group(1)) if found else 0) + end + len(_END) - len(self.head)
        else:
            self.missing -= len(data)
        if self.missing == 0:
            status = self.head[9:12].decode()
            self.statuses[status] = self.statuses.get(status, 0) + 1
            self.ask()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody is to close a line that is asking."""
        if not self.done.done():
            self.done.set_exception(exc or ConnectionError("the server closed a line"))


async def ask(port: int, seconds: float, lines: int, request: bytes) -> dict[str, Any]:
    """Ask for so long, and wait for the answers that are under way then."""
    statuses: dict[str, int] = {}
    began = time.perf_counter()
    askers = [Asker(request, began + seconds, statuses) for _ in range(lines)]
    for asker in askers:
        await asyncio.get_running_loop().create_connection(lambda asker=asker: asker, "127.0.0.1", port)
    await asyncio.gather(*(asker.done for asker in askers))
    return {"statuses": statuses, "seconds": time.perf_counter() - began}


if __name__ == "__main__":
    port, seconds, lines = sys.argv[1:]
    print(json.dumps(uvloop.run(ask(int(port), float(seconds), int(lines), sys.stdin.buffer.read()))))
