"""Load on `uniner serve` over loopback: requests a second and latency, beside the extractor itself.

    python benchmarks/serving.py
    python benchmarks/serving.py --requests 50 --concurrency 1,8 --batches 1,32 --json

Each cell is a server process of its own, with one thread for the model, and so many clients in this
process, each with one connection, one request at a time and one text a request. A cell ends after
so many requests or seconds, whichever comes first; the first request of each client is not timed.
Right before a cell, the same texts go through the extractor in this process, one a call: that would
be the rate if serving cost nothing. The ratio is one of processor time, so that it bears other work
on the machine; it needs Linux. Texts are passages of the bundled sample, the model is `mini`.
"""

import argparse
import http.client
import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import cycle, islice
from pathlib import Path
from statistics import quantiles
from typing import NamedTuple

from uniner.corpus import sample
from uniner.students.extractor import Extractor
from uniner.students.load import load_extractor

TYPES = ("person", "city", "organization", "date", "drug", "event", "product", "law")


class Cell(NamedTuple):
    """One load and what came of it; latencies in milliseconds."""

    batch: int
    wait: float
    concurrency: int
    rate: float
    p50: float
    p95: float
    p99: float
    own: float
    """Texts a second of the extractor without a server, right before."""
    ratio: float
    """Processor time of a text in that process, to its time in the server's."""
    texts_a_call: float


def parse_args() -> argparse.Namespace:
    """The options."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--requests", type=int, default=400, help="of a cell, at most")
    parser.add_argument("--seconds", type=float, default=6.0, help="of a cell, at most")
    parser.add_argument("--concurrency", default="1,4,16,64", help="clients at once")
    parser.add_argument("--batches", default="1,8,32", help="--batch-texts of the server")
    parser.add_argument("--wait", type=float, default=2.0, help="--batch-wait-ms of the server")
    parser.add_argument("--json", action="store_true", help="print JSON in place of a table")
    return parser.parse_args()


@contextmanager
def serve(batch: int, wait: float) -> Iterator[tuple[int, int]]:
    """A server process, by its number and its port."""
    options = ["--port", "0", "--threads", "1", "--batch-texts", str(batch)]
    process = subprocess.Popen(
        [sys.executable, "-m", "uniner", "serve", *options, "--batch-wait-ms", str(wait)],
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr is not None
        found = re.search(r"http://127\.0\.0\.1:(\d+)", process.stderr.readline())
        if found is None:
            raise SystemExit(process.stderr.read())
        yield process.pid, int(found[1])
    finally:
        process.terminate()
        process.wait(30)


class Load:
    """Clients that ask until the requests or the time are used up."""

    def __init__(self, port: int, bodies: Sequence[bytes], seconds: float) -> None:
        self.port = port
        self.bodies = iter(bodies)
        self.seconds = seconds
        self.end = float("inf")
        self.lock = threading.Lock()
        self.latencies: list[float] = []

    def run(self, concurrency: int) -> float:
        """Seconds that the requests of all clients took together."""
        barrier = threading.Barrier(concurrency + 1)
        clients = [threading.Thread(target=self._ask, args=(barrier,)) for _ in range(concurrency)]
        for client in clients:
            client.start()
        barrier.wait()
        started = time.perf_counter()
        self.end = started + self.seconds
        for client in clients:
            client.join()
        return time.perf_counter() - started

    def _ask(self, barrier: threading.Barrier) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        self._send(connection, make_body("Ada met Bo in Oslo."))
        barrier.wait()
        while time.perf_counter() < self.end:
            with self.lock:
                body = next(self.bodies, None)
            if body is None:
                break
            started = time.perf_counter()
            self._send(connection, body)
            self.latencies.append(1000 * (time.perf_counter() - started))
        connection.close()

    def _send(self, connection: http.client.HTTPConnection, body: bytes) -> None:
        connection.request("POST", "/v1/extract", body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        answer = response.read()
        if response.status != 200:
            raise SystemExit(f"{response.status}: {answer!r}")


def make_body(text: str) -> bytes:
    """A request about one text."""
    return json.dumps({"texts": [text], "types": TYPES}).encode()


def read_mean(port: int) -> float:
    """Texts of a call of the model, on average."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", "/metrics")
    text = connection.getresponse().read().decode()
    connection.close()
    total, count = (
        float(re.findall(rf"^uniner_batch_texts_{name} (\S+)$", text, re.MULTILINE)[0])
        for name in ("sum", "count")
    )
    return total / count


def read_processor(pid: int) -> float:
    """Seconds of processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure_own(extractor: Extractor, texts: Sequence[str], seconds: float) -> tuple[float, float]:
    """Texts a second of the extractor in this process, one a call, and processor time of one."""
    started, used, count = time.perf_counter(), time.process_time(), 0
    for text in texts:
        extractor.extract([text], TYPES)
        count += 1
        if time.perf_counter() - started > seconds:
            break
    return count / (time.perf_counter() - started), (time.process_time() - used) / count


def main() -> None:
    """Measure, then print a Markdown table."""
    args = parse_args()
    texts = list(islice(cycle([p.text for p in sample.read_passages("test")]), args.requests))
    bodies = [make_body(text) for text in texts]
    extractor = load_extractor(threads=1)
    extractor.extract(texts[:20], TYPES)
    cells = []
    for batch in map(int, args.batches.split(",")):
        for concurrency in map(int, args.concurrency.split(",")):
            print(f"measuring {concurrency} clients, batches of {batch}…", file=sys.stderr)
            own, own_used = measure_own(extractor, texts, args.seconds / 2)
            with serve(batch, args.wait) as (pid, port):
                load = Load(port, bodies, args.seconds)
                used = read_processor(pid)
                seconds = load.run(concurrency)
                used = read_processor(pid) - used
                count = len(load.latencies)
                cuts = quantiles(load.latencies, n=100, method="inclusive")
                shown = (count / seconds, cuts[49], cuts[94], cuts[98])
                ratio = own_used / (used / (count + concurrency))
                mean = read_mean(port)
            cells.append(Cell(batch, args.wait, concurrency, *shown, own, ratio, mean))
    if args.json:
        print(json.dumps([cell._asdict() for cell in cells], indent=2))
        return
    print("| `--batch-texts` | clients | texts a call | requests/s | in process | ratio |", end="")
    print(" p50 ms | p95 ms | p99 ms |\n|--:|--:|--:|--:|--:|--:|--:|--:|--:|")
    for c in cells:
        print(
            f"| {c.batch} | {c.concurrency} | {c.texts_a_call:.1f} | {c.rate:.0f} | {c.own:.0f} | "
            f"{c.ratio:.2f} | {c.p50:.0f} | {c.p95:.0f} | {c.p99:.0f} |"
        )


if __name__ == "__main__":
    main()
