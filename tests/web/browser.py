"""A real browser at a real port: Chromium by playwright, the application by uvicorn in a thread."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from playwright.sync_api import Browser, sync_playwright
from starlette.applications import Starlette

from tests.world.required import missing

CHROMIUM = Path("/usr/bin/chromium")
SIZES = {1280: 900, 390: 844}


@contextmanager
def chromium(folder: Path) -> Iterator[Browser]:
    """Chromium with a font that has our characters; skipped by name where it is not installed."""
    if not CHROMIUM.exists():
        missing("Chromium")
    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=str(CHROMIUM),
            args=["--no-sandbox"],
            env={**os.environ, "FONTCONFIG_FILE": str(_fonts(folder)), "HOME": str(folder)},
        )
        yield browser
        browser.close()


def _fonts(folder: Path) -> Path:
    """A fontconfig that knows the font which comes with the installation."""
    import pylopdf_fonts_zh_cn

    config = folder / "fonts.conf"
    config.write_text(
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>'
        f"<dir>{Path(pylopdf_fonts_zh_cn.__file__).parent}</dir><dir>/usr/share/fonts</dir>"
        f"<cachedir>{folder / 'fontcache'}</cachedir></fontconfig>"
    )
    return config


@contextmanager
def served(app: Starlette) -> Iterator[str]:
    """The application at an address of its own."""
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning", ws="none"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(timeout=10)
