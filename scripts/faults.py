"""Breaks real processes in every way we know of, and prints what became of each fault: `make faults`.

The figures come from the tests themselves (`tests/faults/`); the table says how long it took until everybody had
a paragraph again that was sent after the fault.
"""

import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from scripts import needs
from scripts.cluster import quick_place

ROOT = Path(__file__).resolve().parent.parent
#: Most of a fault's time is waiting for those who come back after a pause, so several share a core.
WORKERS = "6"
COLUMNS = {
    "fault": "fault", "engine": "engine", "followers": "followers", "acknowledged": "acknowledged",
    "missing": "missing", "twice": "twice", "seconds": "seconds to recovery",
}  # fmt: skip


#: What pytest is told: each worker takes a file, in the files' own order.
OPTIONS = f"-m faults -n {WORKERS} --dist loadfile --no-loadscope-reorder --timeout 300 -o junit_family=xunit1".split()


def table(report: Path) -> str:
    """What the tests noted, a line for each fault."""
    rows = [COLUMNS]
    for case in ElementTree.parse(report).iter("testcase"):
        noted = {one.get("name", ""): one.get("value", "") for one in case.iter("property")}
        if "fault" in noted:
            failed = case.find("failure") is not None or case.find("error") is not None
            rows.append({**noted, "fault": noted["fault"] + (" (FAILED)" if failed else "")})
    widths = {name: max(len(row.get(name, "")) for row in rows) for name in COLUMNS}
    return "\n".join(
        "  ".join(
            row.get(name, "").ljust(width) if name in ("fault", "engine") else row.get(name, "").rjust(width)
            for name, width in widths.items()
        )
        for row in rows
    )


def main() -> int:
    """Run them all and print the table; 0 when nothing was lost, 2 when this machine lacks something."""
    lacking = needs.main()
    if lacking:
        return lacking
    with tempfile.TemporaryDirectory(prefix="plenary-faults-", dir=quick_place()) as folder:
        report = Path(folder) / "faults.xml"
        places = [f"--basetemp={folder}/run", f"--junitxml={report}"]
        command = [sys.executable, "-m", "pytest", "tests/faults", *OPTIONS, *places, *sys.argv[1:]]
        status = subprocess.run(command, cwd=ROOT, check=False).returncode
        if report.exists():
            print(f"\n{table(report)}", flush=True)
    return status


if __name__ == "__main__":
    sys.exit(main())
