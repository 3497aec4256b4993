"""`uniner serve` as a process: it says where it is, and a signal ends it when its work is done."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx
import pytest

SLOW = """
import sys, time
import uniner.students.load as load
from uniner.students.lexicon import Lexicon

class Slow(Lexicon):
    def extract(self, *args, **more):
        print("begun", file=sys.stderr, flush=True)
        time.sleep(0.7)
        return super().extract(*args, **more)

student = Slow({("ada",): {"person": 1.0}}, {"person": 1}, "slow")
load.load_extractor = lambda model, threads: student
from uniner.cli import main
main()
"""
"""A server whose model takes its time, so that a signal comes in the midst of a call."""
ANSWER = [{"entities": [{"start": 0, "end": 3, "text": "Ada", "type": "person", "score": 1.0}]}]


class Process:
    """A server process, its address, and the lines that it has written."""

    def __init__(self, command: Sequence[str], environment: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, *command, "serve", "--port", "0"],
            stderr=subprocess.PIPE, text=True, env={**os.environ, **environment},
        )  # fmt: skip
        self.lines: list[str] = []
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        self.url = re.findall(r"http://\S+:\d+", self.wait_line("stop it with Ctrl-C"))[0]

    def _read(self) -> None:
        assert self.process.stderr is not None
        self.lines.extend(iter(self.process.stderr.readline, ""))

    def wait_line(self, part: str) -> str:
        """The first line with a part, once it is written."""
        end = time.monotonic() + 20
        while time.monotonic() < end:
            for line in [*self.lines]:
                if part in line:
                    return line
            time.sleep(0.01)
        raise AssertionError(self.lines)

    def extract(self) -> httpx.Response:
        """The response to a small request."""
        body = {"texts": ["Ada slept."], "types": ["person"]}
        return httpx.post(f"{self.url}/v1/extract", json=body, timeout=20, trust_env=False)


@contextmanager
def start(command: Sequence[str] = ("-c", SLOW), **environment: str) -> Iterator[Process]:
    """A server that is killed at the end, if it has not ended by itself."""
    server = Process(command, environment)
    try:
        yield server
    finally:
        server.process.kill()
        server.process.wait()
        server.reader.join(5)
        assert server.process.stderr is not None
        server.process.stderr.close()


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_when_what_it_has_taken_is_answered(sign: signal.Signals) -> None:
    with start() as server, ThreadPoolExecutor(2) as threads:
        taken = threads.submit(server.extract)
        server.wait_line("begun")
        server.process.send_signal(sign)
        time.sleep(0.2)
        refused = server.extract()
        assert refused.status_code == 503
        assert refused.headers["connection"] == "close"
        assert refused.json()["error"]["where"] == "server"
        assert httpx.get(f"{server.url}/healthz", trust_env=False).status_code == 503
        assert taken.result().json()["results"] == ANSWER
        assert server.process.wait(10) == 0
    assert [line for line in server.lines if "begun" not in line] == server.lines[:1]


def test_a_second_signal_does_not_wait_for_the_queue() -> None:
    with start() as server, ThreadPoolExecutor(9) as threads:
        taken = [threads.submit(server.extract)]
        server.wait_line("begun")
        body = {"texts": ["Ada"] * 200, "types": ["person"]}
        post = httpx.Client(trust_env=False, timeout=20).post
        taken.append(threads.submit(post, f"{server.url}/v1/extract", json=body))
        time.sleep(0.2)
        for _ in range(2):
            server.process.send_signal(signal.SIGTERM)
            time.sleep(0.2)
        started = time.monotonic()
        server.process.wait(10)
        assert time.monotonic() - started < 3
        assert taken[1].exception() is not None or taken[1].result().status_code >= 500


def test_a_stream_that_could_go_on_for_ever_ends_with_an_error_line() -> None:
    more = threading.Event()

    def lines() -> Iterator[bytes]:
        yield b'{"types": ["person"]}\n"Ada slept."\n'
        more.wait(10)

    with start() as server, ThreadPoolExecutor(1) as thread:
        headers = {"Content-Type": "application/x-ndjson"}
        url = f"{server.url}/v1/extract/stream"
        streamed = thread.submit(
            httpx.post, url, content=lines(), headers=headers, timeout=20, trust_env=False
        )
        server.wait_line("begun")
        server.process.send_signal(signal.SIGTERM)
        time.sleep(1)
        more.set()
        answer, ending = map(json.loads, streamed.result().text.splitlines())
        assert answer == ANSWER[0]
        assert "stopping" in ending["error"]["message"]
        assert server.process.wait(10) == 0


def test_the_bundled_model_is_served_with_a_key_from_the_environment() -> None:
    with start(("-m", "uniner"), UNINER_SERVE_KEY="secret") as server:
        assert "mini at http://127.0.0.1:" in server.lines[0]
        assert server.extract().status_code == 401
        told = {"Authorization": "Bearer secret"}
        body = {"texts": ["Ada Lovelace lived in London."], "types": ["person"]}
        url = f"{server.url}/v1/extract"
        response = httpx.post(url, json=body, headers=told, trust_env=False)
        assert response.json()["results"][0]["entities"][0]["text"] == "Ada Lovelace"
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(10) == 0
        assert "secret" not in "".join(server.lines)
