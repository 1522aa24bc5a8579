"""Makes the pictures of the README from a demonstration of its own: `make screenshots`."""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from scripts import needs

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "img"
PORT = 8150
SIZE: ViewportSize = {"width": 1280, "height": 800}
#: Paragraphs of the sample summary to wait for; the demonstration writes one every six seconds.
PARAGRAPHS = 3
ANNOUNCED = re.compile(r"being written: +((\S+)/sessions/\S+)")
LARGEST = 200_000


@contextmanager
def demonstration() -> Iterator[tuple[str, str]]:
    """A demonstration on an empty database: the address of its meeting, and of the live page that is being written."""
    with tempfile.TemporaryDirectory(prefix="plenary-pictures-") as folder:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PLENARY_")}
        server = subprocess.Popen(
            [sys.executable, "-m", "server", "demo", "--today", "--port", str(PORT)],
            cwd=ROOT, env={**kept, "PLENARY_VAR": folder}, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        try:
            yield announced(server)
        finally:
            server.terminate()
            server.wait(20)


def announced(server: "subprocess.Popen[str]") -> tuple[str, str]:
    """The addresses that the demonstration prints before it listens."""
    assert server.stdout is not None
    for line in server.stdout:
        if found := ANNOUNCED.search(line):
            return found[2], found[1]
    raise SystemExit(f"The demonstration did not start. Is port {PORT} free?")


def open_page(browser: Browser, address: str) -> Page:
    """A page in the venue's own zone, light, without motion; waits for a server that has just started."""
    context = browser.new_context(
        viewport=SIZE, color_scheme="light", reduced_motion="reduce", locale="en-GB", timezone_id="Europe/Istanbul"
    )
    page = context.new_page()
    ready = context.request.get(address.split("/igf2014")[0] + "/readyz", max_retries=30)
    assert ready.ok, ready.status
    page.goto(address)
    return page


def take(page: Page, name: str) -> None:
    """One picture of what the window shows."""
    path = PICTURES / name
    page.screenshot(path=path)
    assert path.stat().st_size < LARGEST, f"{name} is too large for a README: {path.stat().st_size} bytes"
    print(f"{path.relative_to(ROOT)}: {path.stat().st_size // 1024} kB")


def main() -> None:
    """The programme of the second day as a grid, and a summary as it is written."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with demonstration() as (meeting, live), sync_playwright() as tools:
        browser = tools.chromium.launch(executable_path=needs.chromium(), args=["--no-sandbox"])
        page = open_page(browser, f"{meeting}/schedule?view=grid")
        page.locator("h2.day").nth(2).evaluate("day => scrollTo(0, day.getBoundingClientRect().top + scrollY - 20)")
        take(page, "programme.png")
        page = open_page(browser, live)
        page.locator(".paragraph").nth(PARAGRAPHS - 1).wait_for(timeout=60_000)
        take(page, "live.png")
        browser.close()


if __name__ == "__main__":
    main()
