"""A headless Chromium that needs nothing of the machine: its libraries and fonts come with it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from playwright.async_api import Page

from deploy.devstack.processes import Child, Command
from tests.e2e.npm import AXE, CHROMIUM, installed

Axe = Callable[[Page], Awaitable[list[str]]]
Login = Callable[[Page, str, str], Awaitable[None]]

START_SECONDS = 60.0
FLAGS = (
    "--headless",
    "--no-sandbox",  # it sees our own pages only, and root and containers have no user namespaces to build one
    "--no-zygote",
    "--in-process-gpu",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-features=Translate,OptimizationHints,MediaRouter",
    "--no-first-run",
    "--no-proxy-server",
    "--font-render-hinting=none",
    "--hide-scrollbars",
    "--lang=de-DE",
)


def started(home: Path) -> Child:
    """Start the browser with a fresh profile in `home`; it dies with us. See `endpoint`."""
    folder = installed(CHROMIUM) / "bin"
    fonts = home / "fonts.conf"
    fonts.write_text(
        f'<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>'
        f"<dir>{folder / 'fonts'}</dir><dir>/usr/share/fonts</dir><cachedir>{home / 'font-cache'}</cachedir>"
        f"</fontconfig>",
        encoding="utf-8",
    )
    return Child(
        Command(
            name="chromium",
            arguments=[
                str(folder / "chromium"),
                *FLAGS,
                "--remote-debugging-port=0",
                f"--user-data-dir={home / 'profile'}",
                "about:blank",
            ],
            environment={
                "LD_LIBRARY_PATH": str(folder / "al2023" / "lib"),
                "FONTCONFIG_FILE": str(fonts),
                "HOME": str(home),
            },
            log=home / "chromium.log",
        )
    )


def endpoint(child: Child, home: Path) -> str:
    """Where the started browser takes commands; waits until it does."""
    file = home / "profile" / "DevToolsActivePort"
    child.wait_ready(lambda: file.exists() and "\n" in file.read_text(), seconds=START_SECONDS)
    return f"http://127.0.0.1:{file.read_text().splitlines()[0]}"


def axe_source() -> str:
    """The script of the accessibility checker."""
    return (installed(AXE) / "axe.min.js").read_text(encoding="utf-8")
