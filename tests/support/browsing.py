"""Pages in a browser: as people open them, as axe judges them, as they are printed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium")


@pytest.fixture(scope="module")
def opened_browser() -> Iterator[Any]:
    """Chromium, without anything to reach."""
    if CHROMIUM is None:
        pytest.skip("no chromium on the path: apt-get install chromium")
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield opened
        opened.close()


def shown(browser: Any, text: str, **context: Any) -> Any:
    """The page in a tab where any request would be an error."""
    tab = browser.new_context(offline=True, **context).new_page()
    tab.set_content(text)
    return tab


def violations(tab: Any) -> dict[str, list[str]]:
    """What axe finds wrong with the page of a tab: by rule, the first elements."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    if tab.evaluate("typeof axe") == "undefined":  # it stays in a tab, whatever page comes next
        tab.evaluate(axe.axe_script)
    found = tab.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    return {rule["id"]: [node["html"][:200] for node in rule["nodes"][:3]] for rule in found}


def printed(browser: Any, text: str) -> Any:
    """The page as it is printed, opened as a PDF."""
    pikepdf = pytest.importorskip("pikepdf")
    tab = shown(browser, text, color_scheme="dark")
    content = tab.pdf(prefer_css_page_size=True)
    tab.context.close()
    return pikepdf.open(BytesIO(content))
