"""Texts and answers that stream over HTTP."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from toy_api import SMALL, Site, ToyExtractor, serve


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
