"""Requests made from /openapi.json, good and bad ones: each is answered as that page says."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from toy_api import Site, ToyExtractor, serve
from uniner.serving.limits import Limits

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
BOUNDED = settings(
    max_examples=40, derandomize=True, database=None, phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)  # fmt: skip


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with serve(ToyExtractor(), Limits(texts=5, types=5, characters=200)) as running:
        yield running


def fuzz(site: Site, path: str, mode: GenerationMode) -> Counter[int]:
    """Ask a path in many ways, all checked; how often each status was the answer."""
    schema = schemathesis.openapi.from_url(f"{site.url}/openapi.json")
    operation = schema[path]["POST"]
    statuses: Counter[int] = Counter()

    @BOUNDED
    @given(operation.as_strategy(mode))
    def ask(case: schemathesis.Case[Any]) -> None:
        statuses[case.call_and_validate(checks=CHECKS).status_code] += 1

    ask()
    return statuses


@pytest.mark.parametrize("path", ["/v1/extract", "/v1/extract/stream"])
def test_good_requests_are_never_an_error_of_the_server(site: Site, path: str) -> None:
    statuses = fuzz(site, path, GenerationMode.POSITIVE)
    assert statuses[200] > 5
    assert set(statuses) <= {200, 400, 422}  # JSON lines of any kind; types that are blank alike


@pytest.mark.parametrize("path", ["/v1/extract", "/v1/extract/stream"])
def test_bad_requests_are_errors_of_the_client(site: Site, path: str) -> None:
    statuses = fuzz(site, path, GenerationMode.NEGATIVE)
    assert sum(statuses.values()) >= 30
    assert set(statuses) <= {200, 400, 404, 405, 413, 415, 422}
    assert statuses[200] < sum(statuses.values()) / 3


@pytest.mark.parametrize("path", ["/", "/healthz", "/v1/models", "/metrics", "/openapi.json"])
@BOUNDED
@given(body=st.binary(max_size=100), query=st.text(max_size=20), data=st.data())
def test_nothing_that_is_sent_breaks_the_small_pages(
    site: Site, path: str, body: bytes, query: str, data: st.DataObject
) -> None:
    method = data.draw(st.sampled_from(["GET", "POST", "PUT", "DELETE", "OPTIONS"]))
    response = site.client.request(method, path, content=body, params={"q": query})
    assert response.status_code == (200 if method == "GET" else 405)
