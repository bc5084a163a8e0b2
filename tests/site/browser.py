"""A Chromium to drive: one that is installed, else Playwright's own, else Debian's package.

`python tests/site/browser.py --install` sees to it that there is one.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Browser, Error, Playwright, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MAC = (
    Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"),
    Path("/Applications/Chromium.app/Contents/MacOS/Chromium"),
)
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
MISSING = "No browser found: install Chromium or Chrome, or run `python -m playwright install chromium`."


def installed() -> str | None:
    """Path of a Chromium or Chrome that is already on the machine."""
    found = [path for name in NAMES if (path := shutil.which(name))] + [str(path) for path in MAC if path.exists()]
    return found[0] if found else None


def launch(playwright: Playwright) -> Browser:
    """Start a headless browser; raises RuntimeError with what to do when there is none."""
    try:
        return playwright.chromium.launch(executable_path=installed(), args=QUIET)
    except Error as error:
        raise RuntimeError(f"{MISSING}\n{error.message.splitlines()[0]}") from None


def install() -> None:
    """Make sure `launch` will find a browser, and say aloud what is installed for it."""
    if path := installed():
        return print(f"browser: {path}")
    print("no Chromium or Chrome found; trying Playwright's own", flush=True)
    own = subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], capture_output=True, timeout=600)
    if own.returncode == 0 and _starts():
        return print("browser: Playwright's own")
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print("Playwright's could not be had; installing Debian's package with apt-get, as root", flush=True)
        for command in (["update"], ["install", "--yes", "chromium"]):
            subprocess.run(["apt-get", "--quiet", "--quiet", *command], check=True, stdout=subprocess.DEVNULL)
    if not installed():
        sys.exit(MISSING)
    print(f"browser: {installed()}")


def _starts() -> bool:
    """Whether the browser runs here: it may lack system libraries."""
    try:
        with sync_playwright() as playwright:
            launch(playwright).close()
    except RuntimeError:
        return False
    return True


if __name__ == "__main__":
    if sys.argv[1:] != ["--install"]:
        sys.exit(__doc__)
    install()
