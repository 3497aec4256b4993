"""A browser, a server with the bundled model, and its page in that browser."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from toy_api import Site, serve
from toy_browser import open_browser, visit
from uniner.serving.web import render_page
from uniner.students.load import load_extractor

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    with open_browser() as running:
        yield running


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with serve(load_extractor(threads=1), page=render_page) as running:
        yield running


@pytest.fixture
def page(browser: "Browser", site: Site) -> Iterator["Page"]:
    with visit(browser, site) as ready:
        yield ready
