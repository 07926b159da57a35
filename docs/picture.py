"""Takes the picture of page one that the README shows: `python docs/picture.py`, after `make docs`.

Chromium photographs the first chapter of docs/revue/revue-2026-S1.html, a thousand pixels wide, in light colours. It
is drawn with the fonts of the machine, so that no test compares it: take it again when page one has changed.
"""

from __future__ import annotations

import shutil
import sys
from io import BytesIO

from generation.half_year import PACK
from generation.markdown import ROOT
from PIL import Image
from playwright.sync_api import sync_playwright

PICTURE = PACK.with_name("page-une.png")
WIDTH = 1000  # CSS pixels
COLOURS = 64  # text and rules on paper: more are not seen, fewer are


def main() -> int:
    """Writes the picture; 1 where there is no Chromium."""
    browser = shutil.which("chromium")
    if browser is None:
        print("docs/picture.py: install Chromium (Debian: apt install chromium)", file=sys.stderr)
        return 1
    picture = Image.open(BytesIO(_photograph(browser))).convert("RGB").quantize(COLOURS)
    picture.save(PICTURE, optimize=True)
    print(f"{PICTURE.relative_to(ROOT)}: {picture.width} × {picture.height}, {PICTURE.stat().st_size // 1000} kB")
    return 0


def _photograph(browser: str) -> bytes:
    """From the top of the page to the end of its first chapter, as PNG."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        page = opened.new_page(viewport={"width": WIDTH, "height": 800}, color_scheme="light")
        page.goto(PACK.as_uri())
        end = page.locator("main section").first.bounding_box() or {"y": 0, "height": 800}
        clip = {"x": 0, "y": 0, "width": WIDTH, "height": end["y"] + end["height"] + 8}
        taken = page.screenshot(full_page=True, clip=clip)
        opened.close()
    return taken


if __name__ == "__main__":
    sys.exit(main())
