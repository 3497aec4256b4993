"""A server with small limits."""

from collections.abc import Iterator

import pytest

from toy_api import SMALL, Site, ToyExtractor, serve


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with serve(ToyExtractor(), SMALL) as running:
        yield running
