"""The HTTP API over real sockets: what it answers, what it refuses, and what it counts."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from toy_api import ScoredToy, Site, ToyExtractor, serve
from uniner.serving.limits import Limits, Pace
from uniner.students.load import load_extractor

SMALL = Limits(body_bytes=2000, texts=4, types=3, characters=50, requests=3)


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with serve(ToyExtractor(), SMALL) as running:
        yield running


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until something is so, which it must be soon."""
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def found(results: object) -> list[list[tuple[str, str]]]:
    """The texts and types of entities, a list a text."""
    assert isinstance(results, list)
    return [[(e["text"], e["type"]) for e in result["entities"]] for result in results]


def test_entities_come_with_offsets_types_and_scores(site: Site) -> None:
    assert site.extract(["a sure person in a city", "no"], ["person", "city"]) == [
        {
            "entities": [
                {"start": 7, "end": 13, "text": "person", "type": "person", "score": 0.9},
                {"start": 19, "end": 23, "text": "city", "type": "city", "score": 1.0},
            ]
        },
        {"entities": []},
    ]


def test_offsets_count_whole_characters(site: Site) -> None:
    text = "\U0001f469\u200d\U0001f52c e\u0301 \U0001f600 person"
    ((entity,),) = [r["entities"] for r in site.extract([text], ["person"])]  # type: ignore[attr-defined]
    assert text[entity["start"] : entity["end"]] == "person"
    assert entity["start"] == 9


def test_a_definition_is_what_the_model_is_asked_with_and_the_name_is_what_comes_back() -> None:
    extractor = ToyExtractor()
    with serve(extractor) as site:
        types = [{"name": "who", "definition": "person"}, "city"]
        assert found(site.extract(["a person in a city"], types)) == [
            [("person", "who"), ("city", "city")]
        ]
    assert extractor.calls[0][1] == ("person", "city")


@pytest.mark.parametrize(
    ("more", "types", "expected"),
    [
        ({}, ["a", "b"], ["a"]),  # the model's own, 0.5
        ({"threshold": 0.3}, ["a", "b"], ["a", "b"]),
        ({"threshold": 0.95}, ["a", "b"], []),
        ({"threshold": 0.95}, [{"name": "a", "threshold": 0.5}, "b"], ["a"]),
        ({}, [{"name": "b", "threshold": 0.2}, "a"], ["a", "b"]),
        ({}, [{"name": "a", "threshold": 0.7}, {"name": "b", "threshold": 0.2}], ["b"]),
        ({"nested": True}, [{"name": "a", "threshold": 0.7}, {"name": "b", "threshold": 1}], []),
    ],
)
def test_thresholds_hold_for_all_types_or_for_one(
    site: Site, more: dict[str, object], types: list[object], expected: list[str]
) -> None:
    ((entities),) = found(site.extract(["likely a unsure b"], types, **more))
    assert [name for name, _ in entities] == expected


@pytest.mark.parametrize(
    ("body", "status", "where", "says"),
    [
        (b"", 400, "body", "empty"),
        (b"{", 400, "body", "not JSON"),
        (b'"\xff"', 400, "body", "0xff"),
        (b"[" * 1900, 400, "body", "deeply"),
        (b'{"texts": ["a"], "texts": ["b"]}', 400, "body", "twice"),
        (b'{"texts": ["a"], "types": ["x"], "threshold": NaN}', 400, "body", "NaN"),
        (b'{"texts": ["a"], "types": ["x"], "threshold": -Infinity}', 400, "body", "Infinity"),
        (b'{"texts": ["a"], "types": ["x"], "threshold": 1e999}', 422, "threshold", "[0, 1]"),
        (b'{"t": %s}' % (b"9" * 1800), 400, "body", "1,800 digits"),
        (b'{"texts": ["a"], "types": ["x"], "threshold": %s}' % (b"9" * 900), 422, "threshold", ""),
        (b'{"texts": ["a"], "types": ["x"], "threshold": true}', 422, "threshold", "number"),
        (b'{"texts": ["a"], "types": ["x"], "threshold": 0.001}', 422, "threshold", "0.01"),
        (b'{"texts": ["a"], "types": ["x"], "nested": 1}', 422, "nested", "true nor false"),
        (b'{"texts": ["a"], "types": ["x"], "treshold": 1}', 422, "treshold", "not known"),
        (b"[1]", 422, "body", "object"),
        (b'{"types": ["x"]}', 422, "texts", "missing"),
        (b'{"texts": [], "types": ["x"]}', 422, "texts", "empty"),
        (b'{"texts": "a", "types": ["x"]}', 422, "texts", "list"),
        (b'{"texts": ["a", ""], "types": ["x"]}', 422, "texts[1]", "empty"),
        (b'{"texts": ["a", 3], "types": ["x"]}', 422, "texts[1]", "string"),
        (b'{"texts": ["\\ud83d"], "types": ["x"]}', 422, "texts[0]", "half a character"),
        (b'{"texts": ["a"], "types": []}', 422, "types", "empty"),
        (b'{"texts": ["a"], "types": [" "]}', 422, "types[0]", "blank"),
        (b'{"texts": ["a"], "types": ["\\udc00"]}', 422, "types[0]", "half a character"),
        (b'{"texts": ["a"], "types": ["x", " x"]}', 422, "types[1]", "already, as types[0]"),
        (b'{"texts": ["a"], "types": [{"name": "x", "threshold": 2}]}', 422, "", "[0, 1]"),
        (b'{"texts": ["a"], "types": [{"definition": "x"}]}', 422, "types[0].name", "missing"),
        (b'{"texts": ["a"], "types": [{"name": "y", "definition": "x"}, "x"]}', 422, "", "same"),
        (b'{"texts": ["a"], "types": ["%s"]}' % (b"x" * 401), 422, "types[0]", "400"),
        (b'{"texts": ["a","b","c","d","e"], "types": ["x"]}', 422, "texts", "at most 4"),
        (b'{"texts": ["a"], "types": ["x","y","z","w"]}', 422, "types", "at most 3"),
        (b'{"texts": ["%s"], "types": ["x"]}' % (b"a" * 51), 422, "texts[0]", "at most 50"),
        (b" " * 2001, 413, "body", "at most 2,000"),
    ],
)
def test_what_cannot_be_answered_is_refused_with_the_place_and_the_reason(
    site: Site, body: bytes, status: int, where: str, says: str
) -> None:
    for path in ("/v1/extract", "/v1/extract/stream"):
        response = site.client.post(
            path, content=body, headers={"Content-Type": "application/json"}
        )
        error = response.json()["error"]
        assert (response.status_code, set(error)) == (status, {"message", "where"}), error
        assert where in error["where"]
        assert says in error["message"]


@pytest.mark.parametrize(
    ("headers", "where"),
    [
        ({"Content-Type": "text/plain"}, "Content-Type"),
        ({"Content-Type": "application/json; charset=latin-1"}, "Content-Type"),
        ({}, "Content-Type"),
        ({"Content-Type": "application/json", "Content-Encoding": "gzip"}, "Content-Encoding"),
    ],
)
def test_other_kinds_of_bodies_are_not_read(
    site: Site, headers: dict[str, str], where: str
) -> None:
    response = site.client.post("/v1/extract", content=b"{}", headers=headers)
    assert response.status_code == 415
    assert response.json()["error"]["where"] == where


def test_a_body_that_hides_its_length_is_bounded_too(site: Site) -> None:
    chunks = (b" " * 1000 for _ in range(100))
    headers = {"Content-Type": "application/json"}
    response = site.client.post("/v1/extract", content=chunks, headers=headers)
    assert response.status_code == 413


def test_paths_and_methods_that_are_not_there_are_said_so(site: Site) -> None:
    for method, path, status in (
        ("GET", "/v1/extract", 405),
        ("GET", "/v1/extract/", 404),
        ("GET", "/docs", 404),
        ("POST", "/nope%F0%9F%98%80", 404),
    ):
        response = site.client.request(method, path)
        assert response.status_code == status
        assert "/openapi.json" in response.json()["error"]["message"]
    assert site.client.get("/v1/extract").headers["allow"] == "POST"


def test_small_pages_say_what_is_served(site: Site) -> None:
    assert site.client.get("/").json()["openapi"] == "/openapi.json"
    assert site.client.get("/healthz").json() == {"status": "ok"}
    (model,) = site.client.get("/v1/models").json()["models"]
    assert (model["name"], model["threshold"], model["limits"]["texts"]) == ("toy", None, 4)
    schema = site.client.get("/openapi.json").json()
    assert schema["components"]["schemas"]["Inquiry"]["properties"]["texts"]["maxItems"] == 4


def test_a_model_with_a_threshold_of_its_own_says_which() -> None:
    with serve(ScoredToy()) as other:
        assert other.client.get("/v1/models").json()["models"][0]["threshold"] == 0.35


def test_a_page_may_stand_at_the_root() -> None:
    with serve(ToyExtractor(), key="k", page=lambda: "<h1>é</h1>") as other:
        response = other.client.get("/")
    assert (response.status_code, response.text) == (200, "<h1>é</h1>")
    assert response.headers["content-type"] == "text/html; charset=utf-8"


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


def test_a_key_is_asked_for_where_there_is_one() -> None:
    with serve(ToyExtractor(), key="open-sesame") as site:
        body = {"texts": ["a person"], "types": ["person"]}
        for headers, status in (
            ({}, 401),
            ({"Authorization": "Bearer wrong"}, 401),
            ({"Authorization": "Basic open-sesame"}, 401),
            ({"X-API-Key": "op\xe9n"}, 401),
            ({"Authorization": "Bearer open-sesame"}, 200),
            ({"X-API-Key": "open-sesame"}, 200),
        ):
            told = {name: value.encode("latin-1") for name, value in headers.items()}
            response = site.client.post("/v1/extract", json=body, headers=told)  # type: ignore[arg-type]
            assert response.status_code == status, headers
        assert "open-sesame" not in response.text
        assert site.client.get("/metrics").status_code == 401
        assert site.client.get("/v1/models").headers["www-authenticate"] == "Bearer"
        assert site.client.get("/healthz").status_code == 200


def test_pages_of_other_origins_may_use_it_only_where_they_are_named(site: Site) -> None:
    asks = {"Origin": "https://a.example", "Access-Control-Request-Method": "POST"}
    allowed = "access-control-allow-origin"
    assert allowed not in site.client.options("/v1/extract", headers=asks).headers
    with serve(ToyExtractor(), key="k", origins=["https://a.example"]) as other:
        response = other.client.options("/v1/extract", headers=asks)
        assert (response.status_code, response.headers[allowed]) == (200, "https://a.example")
        refused = other.client.post("/v1/extract", headers={"Origin": "https://a.example"})
        assert (refused.status_code, refused.headers[allowed]) == (401, "https://a.example")
        asks["Origin"] = "https://b.example"
        assert allowed not in other.client.options("/v1/extract", headers=asks).headers


def test_a_stream_answers_each_text_before_the_next_one_is_sent() -> None:
    sent = threading.Semaphore(0)

    def lines() -> Iterator[bytes]:
        yield b'{"types": ["person"]}\n'
        for text in ('"a person"', '{"id": "2", "text": "the person"}', '"none"'):
            yield text.encode() + b"\n"
            assert sent.acquire(timeout=10), "no answer came before the next text"

    starts = []
    with serve(ToyExtractor()) as site:
        for line in stream_both_ways(site, lines()):
            starts.append([e["start"] for e in json.loads(line)["entities"]])
            sent.release()
    assert starts == [[2], [4], []]


def stream_both_ways(site: Site, lines: Iterator[bytes]) -> Iterator[bytes]:
    """The lines of a streamed answer, read while the request is still being sent.

    httpx sends all of it before it reads.
    """
    host, port = site.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(
            b"POST /v1/extract/stream HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
            b"Content-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n"
        )

        def send() -> None:
            for line in lines:
                connection.sendall(b"%x\r\n%s\r\n" % (len(line), line))
            connection.sendall(b"0\r\n\r\n")

        sender = threading.Thread(target=send, daemon=True)
        sender.start()
        with connection.makefile("rb") as answer:
            while answer.readline().strip():
                pass
            while size := int(answer.readline(), 16):
                yield answer.read(size)
                answer.readline()
        sender.join(10)


def test_a_stream_keeps_the_order_and_shares_calls_whatever_its_length() -> None:
    extractor = ToyExtractor()
    texts = [f"{'x' * (n % 7)} person" for n in range(500)]
    body = "\n".join([json.dumps({"types": ["person"]}), *map(json.dumps, texts)])
    headers = {"Content-Type": "application/x-ndjson"}
    with serve(extractor) as site:
        response = site.client.post("/v1/extract/stream", content=body, headers=headers)
        rows = [json.loads(line) for line in response.text.splitlines()]
        assert site.measure("uniner_texts_total") == 500
    assert [row["entities"][0]["start"] for row in rows] == [n % 7 + 1 for n in range(500)]
    assert len(extractor.calls) < 250


def test_a_stream_reads_no_further_than_its_window_while_nothing_is_answered() -> None:
    extractor = ToyExtractor()
    extractor.open.clear()
    sent = []

    def lines() -> Iterator[bytes]:
        yield b'{"types": ["person"]}\n'
        for number in range(400):
            sent.append(number)
            yield json.dumps("x" * 50_000).encode() + b"\n"

    with serve(extractor) as site, ThreadPoolExecutor(1) as thread:
        reading = thread.submit(lambda: sum(1 for _ in stream_both_ways(site, lines())))
        assert extractor.begun.acquire(timeout=10)
        time.sleep(0.3)
        held = site.measure("uniner_queue_texts")
        assert held * 50_000 <= 400_000
        assert len(sent) < 400
        extractor.open.set()
        assert reading.result(20) == 400


def test_a_stream_that_goes_wrong_ends_with_an_error_line(
    caplog: pytest.LogCaptureFixture,
) -> None:
    headers = {"Content-Type": "application/x-ndjson"}
    head = b'{"types": ["person"]}\n"a person"\n'
    with serve(ToyExtractor(), SMALL) as site:
        for tail, where in (
            (b'3\n"late"', "line 3"),
            (b'\n{"id": "x"}', "line 4"),
            (b'"\xff"', "line 3"),
            (b'"' + b"x" * 51 + b'"', "line 3"),
            (b'"' + b"x" * 3000, "line 3"),
            (b'"BROKEN"\n"late"', "server"),
        ):
            response = site.client.post("/v1/extract/stream", content=head + tail, headers=headers)
            good, bad = map(json.loads, response.text.splitlines())
            assert (response.status_code, len(good["entities"])) == (200, 1)
            assert bad["error"]["where"] == where
    assert "ZeroDivisionError" in caplog.text


def test_a_stream_that_begins_wrong_is_refused_whole(site: Site) -> None:
    headers = {"Content-Type": "application/x-ndjson"}
    for body, where in ((b"", "body"), (b'{"types": []}\n"a"', "types"), (b"3\n", "body")):
        response = site.client.post("/v1/extract/stream", content=body, headers=headers)
        assert 400 <= response.status_code < 500
        assert response.json()["error"]["where"] == where


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


def test_the_bundled_model_answers_over_http_as_it_does_in_process() -> None:
    texts = [
        "Ada Lovelace \U0001f469\U0001f3fd\u200d\U0001f4bb met Bj\u006f\u0308rn in Z\u00fcrich.",
        "Nothing.",
    ]
    types = ["person", "city"]
    extractor = load_extractor(threads=1)
    expected = extractor.extract(texts, types)
    with serve(extractor) as site:
        results = site.extract(texts, types)
    assert found(results) == [[(e.text, e.type) for e in p.entities] for p in expected]
    assert any(entity == ("Ada Lovelace", "person") for entity in found(results)[0])
    for text, result in zip(texts, results, strict=True):  # type: ignore[call-overload]
        assert all(text[e["start"] : e["end"]] == e["text"] for e in result["entities"])
