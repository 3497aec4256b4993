"""The HTTP API with many clients, few places and a model that breaks."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from toy_api import Site, ToyExtractor, found, serve, wait_for
from uniner.serving.limits import Limits, Pace


def ask_all(site: Site, texts: Sequence[str]) -> list[object]:
    """Ask for each text in a request of its own, all at once; results in the order of texts."""
    with ThreadPoolExecutor(len(texts)) as threads:
        return list(threads.map(lambda text: site.extract([text], ["person"]), texts))


def test_requests_at_once_share_calls_and_get_their_own_answers() -> None:
    extractor = ToyExtractor()
    extractor.open.clear()
    with serve(extractor, pace=Pace(batch_texts=16)) as site, ThreadPoolExecutor(2) as threads:
        first = threads.submit(site.extract, ["first"], ["person"])
        assert extractor.begun.acquire(timeout=10)
        asked = threads.submit(ask_all, site, [f"{'x' * n} person" for n in range(20)])
        wait_for(lambda: site.service.metrics.registry.get_sample_value("uniner_queue_texts") == 20)
        extractor.open.set()
        results = asked.result()
        assert found(first.result()) == [[]]
        assert [r[0]["entities"][0]["start"] for r in results] == [n + 1 for n in range(20)]  # type: ignore[index]
        assert extractor.sizes == [1, 16, 4]
        assert site.measure("uniner_batch_texts_count") == 3
        assert site.measure("uniner_batch_texts_sum") == 21


def test_a_full_queue_is_answered_with_429_and_a_time_to_come_again() -> None:
    extractor = ToyExtractor()
    extractor.open.clear()
    with serve(extractor, pace=Pace(queue_texts=2)) as site, ThreadPoolExecutor(2) as threads:
        first = threads.submit(site.extract, ["first"], ["person"])
        assert extractor.begun.acquire(timeout=10)
        second = threads.submit(site.extract, ["a", "b"], ["person"])
        wait_for(lambda: site.measure("uniner_queue_texts") == 2)
        body = {"texts": ["c"], "types": ["person"]}
        response = site.client.post("/v1/extract", json=body)
        assert response.status_code == 429
        assert 1 <= int(response.headers["retry-after"]) <= 60
        assert response.json()["error"]["where"] == "queue"
        extractor.open.set()
        assert found(first.result()) == [[]]
        assert found(second.result()) == [[], []]
        assert site.client.post("/v1/extract", json=body).status_code == 200


def test_no_more_requests_are_taken_than_are_allowed_at_once() -> None:
    extractor = ToyExtractor()
    extractor.open.clear()
    with serve(extractor, Limits(requests=1)) as site, ThreadPoolExecutor(1) as thread:
        first = thread.submit(site.extract, ["first"], ["person"])
        assert extractor.begun.acquire(timeout=10)
        response = site.client.post("/v1/extract", json={"texts": ["a"], "types": ["person"]})
        assert response.status_code == 429
        assert response.headers["retry-after"] == "1"
        assert site.client.get("/healthz").status_code == 200
        extractor.open.set()
        assert first.result()


def test_a_client_that_leaves_takes_its_texts_with_it() -> None:
    extractor = ToyExtractor()
    extractor.open.clear()
    with serve(extractor) as site, ThreadPoolExecutor(1) as thread:
        first = thread.submit(site.extract, ["first"], ["person"])
        assert extractor.begun.acquire(timeout=10)
        body = {"texts": ["gone"] * 5, "types": ["person"]}
        for path in ("/v1/extract", "/v1/extract/stream"):
            with pytest.raises(httpx.ReadTimeout), httpx.Client(trust_env=False) as client:
                client.post(site.url + path, json=body, timeout=0.3)
        wait_for(lambda: site.measure("uniner_queue_texts") == 0)
        extractor.open.set()
        first.result()
        assert site.measure("uniner_withdrawn_texts_total") == 10
        gone = 'uniner_requests_total{route="/v1/extract",status="499"}'
        assert site.measure(gone) == 1
    assert extractor.sizes == [1]


def test_an_error_of_the_model_is_told_without_its_details_and_the_rest_goes_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with serve(ToyExtractor()) as site:
        response = site.client.post("/v1/extract", json={"texts": ["BROKEN"], "types": ["person"]})
        assert response.status_code == 500
        assert "ZeroDivision" not in response.text
        assert found(site.extract(["a person"], ["person"])) == [[("person", "person")]]
    assert "ZeroDivisionError" in caplog.text


def test_metrics_add_up() -> None:
    with serve(ToyExtractor()) as site:
        for number in range(1, 4):
            site.extract(["a person"] * number, ["person"])
        site.client.post("/v1/extract", content=b"{}")
        for path in ("/healthz", "/what", "/ever"):
            site.client.get(path)
        counted = {
            ("/v1/extract", 200): 3, ("/v1/extract", 415): 1, ("/healthz", 200): 1,
            ("other", 404): 2,
        }  # fmt: skip
        for (route, status), times in counted.items():
            name = f'uniner_requests_total{{route="{route}",status="{status}"}}'
            assert site.measure(name) == times
        assert site.measure('uniner_request_seconds_count{route="/v1/extract"}') == 4
        assert site.measure("uniner_texts_total") == site.measure("uniner_entities_total") == 6
        assert site.measure("uniner_characters_total") == 48
        assert site.measure("uniner_batch_texts_sum") == 6
        assert site.measure("uniner_queue_texts") == site.measure("uniner_requests_active") == 0
