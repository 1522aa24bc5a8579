"""Sees to it that the machine has what the tests need beside Python: Chromium, fonts and PostgreSQL's server."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

OLDEST_POSTGRESQL = 15
FONTS = Path("/usr/share/fonts")


def chromium() -> str | None:
    """The browser that drives the browser tests."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def postgresql() -> Path | None:
    """The folder of PostgreSQL's server programs, the newest that is not too old."""
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=_version)
    if installed and _version(installed[-1]) >= OLDEST_POSTGRESQL:
        return installed[-1].parent
    found = shutil.which("initdb")
    return Path(found).resolve().parent if found else None


def _version(initdb: Path) -> int:
    name = initdb.parent.parent.name
    return int(name) if name.isdigit() else 0


@dataclass(frozen=True)
class Need:
    """A part of the system: how to see that it is there, and Debian's package that brings it."""

    package: str
    is_there: Callable[[], object]


NEEDS = (
    Need("chromium", chromium),
    Need("fonts-noto-core", lambda: any(FONTS.rglob("NotoSans-Regular.*"))),
    Need("fonts-noto-cjk", lambda: any(FONTS.rglob("NotoSansCJK*"))),
    Need("postgresql", postgresql),
    Need("libatomic1", lambda: any(Path("/usr/lib").glob("*/libatomic.so.1"))),  # for the node inside Playwright
)


def missing() -> list[str]:
    """Debian's packages for what is not there yet."""
    return [need.package for need in NEEDS if not need.is_there()]


def install(packages: list[str]) -> None:
    """Install Debian packages."""
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-qq"], env=quiet, check=True)
    subprocess.run(
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages],
        env=quiet, check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip


def main() -> int:
    """0 when everything is there, 2 with one line when something is missing and cannot be installed here."""
    packages = missing()
    if packages and os.geteuid() == 0 and shutil.which("apt-get"):
        print(f"installing {' '.join(packages)}", flush=True)
        try:
            install(packages)
        except (subprocess.CalledProcessError, OSError) as fault:
            print(f"apt-get: {fault}", file=sys.stderr)
        packages = missing()
    if packages:
        print(f"The tests need more of this system: apt-get install {' '.join(packages)}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
