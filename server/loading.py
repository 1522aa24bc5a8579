"""Loading a file: what was done, or each line that stands in the way. A file is loaded whole or not at all."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from server.problems import Problem
from server.web.language import N_

#: Pairs of a line (None where no line can be named) and a reason.
Faults = list[tuple[int | None, str]]


@dataclass
class Report:
    """What a load did: a line for people on each thing made or changed, and how many there were."""

    lines: list[str] = field(default_factory=list)
    changed: int = 0

    def note(self, line: str) -> None:
        """One more thing was made or changed."""
        self.lines.append(line)
        self.changed += 1


class Refused(Problem):
    """The file is not loaded, for each of the `faults`."""

    status = 422
    title = N_("The file was not loaded")

    def __init__(self, faults: Faults) -> None:
        super().__init__(N_("Nothing was loaded. Please correct these places and load the file again."))
        self.faults = faults

    def __str__(self) -> str:
        """The reasons, a line each, as a terminal shows them."""
        return "\n".join(reason if line is None else f"line {line}: {reason}" for line, reason in self.faults)


def rows_of(
    text: str, required: Sequence[str], known: Sequence[str], faults: Faults
) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a CSV file (RFC 4180) under its header: the line on which each begins, and its cells by column.

    A row with too few or too many cells is left out and joins the `faults`. Raises Refused, with those found until
    then, for a header without the `required` columns or with others than the `known`, and for what is no CSV.
    """
    if "\0" in text:
        raise Refused([(text[: text.index("\0")].count("\n") + 1, "this is no text file")])
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    try:
        header = [cell.strip() for cell in next(reader, [])]
        _check_header(header, required, known)
        begins = reader.line_num + 1
        for cells in reader:
            if len(cells) == len(header):
                if any(cell.strip() for cell in cells):
                    yield begins, {name: cell.strip() for name, cell in zip(header, cells, strict=True)}
            elif any(cell.strip() for cell in cells):
                faults.append((begins, f"there are {len(cells)} cells where the header has {len(header)}"))
            begins = reader.line_num + 1
    except csv.Error as fault:
        raise Refused([*faults, (reader.line_num, f"this is not well-formed CSV: {fault}")]) from fault


def _check_header(header: Sequence[str], required: Sequence[str], known: Sequence[str]) -> None:
    faults: Faults = [(1, f"the column {name} is missing") for name in required if name not in header]
    faults += [
        (1, f"the column {name!r} is not known; known are {', '.join(known)}") for name in header if name not in known
    ]
    faults += [(1, f"the column {name} is there twice") for name in sorted(set(header)) if header.count(name) > 1]
    if not any(header):
        faults = [(None, "the file is empty")]
    if faults:
        raise Refused(faults)
