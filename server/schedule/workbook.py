"""The first sheet of an XLSX workbook, read in a process of its own: a hostile file ends that one and no other.

As a program it takes the workbook on standard input and writes the rows as JSON; it imports nothing of the server.
"""

import io
import json
import resource
import subprocess
import sys
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from python_calamine import CalamineWorkbook

#: Bytes of memory and seconds of a processor that reading may take, and seconds until we no longer wait for it.
MEMORY = 1536 * 1024 * 1024
SECONDS, PATIENCE = 20, 40
#: How the program ends when the sheet has more rows or columns than it may.
TOO_LARGE = 3


class UnreadableError(Exception):
    """Nothing can be made of the workbook."""


class TooLargeError(Exception):
    """Its first sheet has more rows or columns than is taken."""


def rows_of(content: bytes, most_rows: int, most_columns: int) -> list[list[Any]]:
    """The cells of the first sheet: text, numbers, truth, dates and times. Raises UnreadableError and TooLargeError."""
    command = [sys.executable, "-I", str(Path(__file__).resolve()), str(most_rows), str(most_columns)]
    try:
        done = subprocess.run(command, input=content, capture_output=True, timeout=PATIENCE, check=False)  # noqa: S603
    except subprocess.TimeoutExpired as late:
        raise UnreadableError from late
    if done.returncode == TOO_LARGE:
        raise TooLargeError
    if done.returncode != 0:
        raise UnreadableError
    return [[_from_json(cell) for cell in row] for row in json.loads(done.stdout)]


def _to_json(cell: object) -> object:
    """A cell as JSON has it: what JSON does not know, by its kind."""
    if isinstance(cell, datetime):
        return {"moment": cell.isoformat()}
    if isinstance(cell, date):
        return {"day": cell.isoformat()}
    if isinstance(cell, time):
        return {"time": cell.isoformat()}
    return {"seconds": cell.total_seconds()} if isinstance(cell, timedelta) else cell


def _from_json(kept: Any) -> Any:
    if not isinstance(kept, dict):
        return kept
    kind, value = next(iter(kept.items()))
    if kind == "seconds":
        return timedelta(seconds=value)
    return _READ[kind](value)


_READ: dict[str, Callable[[str], Any]] = {
    "moment": datetime.fromisoformat,
    "day": date.fromisoformat,
    "time": time.fromisoformat,
}


def main(words: Sequence[str]) -> int:
    """The program: rows and columns that are taken at most are its two words."""
    most_rows, most_columns = map(int, words)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read())) as workbook:
        rows = workbook.get_sheet_by_index(0).to_python(skip_empty_area=False)
    if len(rows) > most_rows or max(map(len, rows), default=0) > most_columns:
        return TOO_LARGE
    sys.stdout.write(json.dumps([[_to_json(cell) for cell in row] for row in rows]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
