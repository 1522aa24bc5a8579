"""The references of `benchmarks.fanout`: servers that do nothing but write what a line on standard input says."""

import asyncio
import sys

import uvloop
from websockets.asyncio.server import ServerConnection, broadcast, serve


async def lines() -> asyncio.StreamReader:
    """Standard input."""
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    return reader


async def raw(port: int) -> None:
    """Plain sockets, plain bytes."""
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
        for transport in list(everybody):
            transport.write(line)


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
            broadcast(everybody, line.decode())


if __name__ == "__main__":
    uvloop.run({"raw": raw, "broadcast": by_broadcast}[sys.argv[1]](int(sys.argv[2])))
