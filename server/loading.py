"""Loading a file: what was done, or each line that stands in the way. A file is loaded whole or not at all."""

from dataclasses import dataclass, field

from server.problems import Problem
from server.web.language import N_


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
    """The file is not loaded; `faults` are pairs of a line (None where no line can be named) and a reason."""

    status = 422
    title = N_("The file was not loaded")

    def __init__(self, faults: list[tuple[int | None, str]]) -> None:
        super().__init__(N_("Nothing was loaded. Please correct these places and load the file again."))
        self.faults = faults

    def __str__(self) -> str:
        """The reasons, a line each, as a terminal shows them."""
        return "\n".join(reason if line is None else f"line {line}: {reason}" for line, reason in self.faults)
