"""The servers of `benchmarks.fanout`; each prints, on a line of its own, when it had something to tell everybody.

`plenary` is `plenary serve` with one more listener, which notes the moment of each commit. `raw` and `broadcast` do
nothing but write what a line on standard input says: plain sockets, and the websockets library's `broadcast`.
"""

import asyncio
import os
import sys
import time

import uvloop
from websockets.asyncio.server import ServerConnection, broadcast, serve

from server.app import create_app
from server.logs import start_logging
from server.remote.actions import SummaryChanged
from server.remote.frames import text_frame
from server.serving import Server
from server.settings import Settings


def note_the_moment(_notice: object = None) -> None:
    """CLOCK_MONOTONIC is one clock for all processes of a machine."""
    os.write(1, f"{time.perf_counter()}\n".encode())


def plenary(port: int) -> None:
    """The product."""
    settings = Settings.load(port)
    start_logging(settings.log)
    made = create_app(settings)
    made.store.board.tell(SummaryChanged, note_the_moment)  # type: ignore[attr-defined]
    Server(made, settings, "127.0.0.1", port).run()


async def lines() -> asyncio.StreamReader:
    """Standard input."""
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    return reader


async def raw(port: int) -> None:
    """Plain sockets; the bytes are those of Plenary's frames."""
    everybody: set[asyncio.Transport] = set()

    class Protocol(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            self.transport = transport
            everybody.add(transport)  # type: ignore[arg-type]

        def connection_lost(self, exc: Exception | None) -> None:
            everybody.discard(self.transport)  # type: ignore[arg-type]

    await asyncio.get_running_loop().create_server(Protocol, "127.0.0.1", port, backlog=4096)
    print("ready", flush=True)
    reader = await lines()
    while line := await reader.readline():
        note_the_moment()
        frame = text_frame(line.decode().rstrip("\n"))
        for transport in list(everybody):
            transport.write(frame)


async def by_broadcast(port: int) -> None:
    """The websockets library, compression off."""
    everybody: set[ServerConnection] = set()

    async def follow(connection: ServerConnection) -> None:
        everybody.add(connection)
        try:
            await connection.wait_closed()
        finally:
            everybody.discard(connection)

    async with serve(follow, "127.0.0.1", port, compression=None, ping_interval=None, backlog=4096):
        print("ready", flush=True)
        reader = await lines()
        while line := await reader.readline():
            note_the_moment()
            broadcast(everybody, line.decode().rstrip("\n"))


if __name__ == "__main__":
    if sys.argv[1] == "plenary":
        plenary(int(sys.argv[2]))
    else:
        uvloop.run({"raw": raw, "broadcast": by_broadcast}[sys.argv[1]](int(sys.argv[2])))
