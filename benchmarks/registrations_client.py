"""Registers people over HTTP for the benchmark, from a process of its own: PORT SECONDS LINES FIRST."""

import asyncio
import json
import sys
import time

#: What somebody enters who comes onsite.
FACTS = {
    "given_name": "Ada", "country": "GB", "organisation": "independent", "stakeholder_group": "civil-society",
    "attendance": "onsite",
}  # fmt: skip


def request(port: int, number: int) -> bytes:
    """The bytes of one registration. Each comes from another network address, as people do from all over the world."""
    body = json.dumps({**FACTS, "family_name": f"Number {number}", "email": f"n{number}@example.org"}).encode()
    address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
    head = (
        f"POST /igf2014/register HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nX-Forwarded-For: {address}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def register(port: int, until: float, numbers: "asyncio.Queue[int]", told: dict[str, int]) -> None:
    """Register one after the other over one line; each is begun when the one before it was acknowledged."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while time.perf_counter() < until:
        writer.write(request(port, numbers.get_nowait()))
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        length = next((int(line.split(":")[1]) for line in head.split("\r\n") if line.startswith("content-length:")), 0)
        await reader.readexactly(length)
        status = head.split(" ")[1]
        told[status] = told.get(status, 0) + 1
    writer.close()


async def main(port: int, seconds: float, lines: int, first: int) -> None:
    """Register for so long over so many lines, and print how many answers of each status there were."""
    numbers: asyncio.Queue[int] = asyncio.Queue()
    for number in range(first, first + 50_000):
        numbers.put_nowait(number)
    told: dict[str, int] = {}
    began = time.perf_counter()
    await asyncio.gather(*(register(port, began + seconds, numbers, told) for _ in range(lines)))
    print(json.dumps({"seconds": time.perf_counter() - began, "statuses": told}))


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])))
