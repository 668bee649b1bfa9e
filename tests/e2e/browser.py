"""Chromium for the browser tests: finds it, installs it where it can, knows its flags."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
    "--force-color-profile=srgb",
]


def executable() -> str | None:
    """Path of a Chromium on this machine: named in CHROMIUM, installed by the system, or playwright's own."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if found:
        return found
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if os.path.exists(own) else None


def install() -> str:
    """Install Chromium through apt as root, else playwright's own; raises RuntimeError when neither works."""
    ways = [[sys.executable, "-m", "playwright", "install", "chromium"]]
    if os.geteuid() == 0 and shutil.which("apt-get"):
        ways.insert(0, ["sh", "-c", "apt-get update -q && apt-get install -y -q --no-install-recommends chromium"])
    for way in ways:
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(way, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False)
        if found := executable():
            return found
    raise RuntimeError("No Chromium for the browser tests: install one and name it in CHROMIUM.")


if __name__ == "__main__":
    print("Chromium:", executable() or install())
