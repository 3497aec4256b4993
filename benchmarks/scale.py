"""What a passage takes on its way through `uniner annotate`: the figures of docs/scale.md.

    python benchmarks/scale.py

The passages are those of the bundled sample with at least 192 tokens, each made distinct by a
number; a server on this machine, bound to another core, gives the sample's replies at once.
"""

import json
import os
import pickle
import tempfile
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import cycle, islice
from multiprocessing import Process, SimpleQueue
from pathlib import Path

from timing import peak_memory
from uniner.construction.annotating import list_files, make_batch, write_batches
from uniner.construction.cost import estimate
from uniner.construction.desk import Plan, open_desk
from uniner.construction.narrator import ignore
from uniner.construction.ordered import iterate
from uniner.corpus import sample
from uniner.records import Passage
from uniner.records.store import read_passages, write_records
from uniner.teacher.endpoint import Endpoint
from uniner.teacher.journal import merge_parts, open_journal, parts_of
from uniner.teacher.parse import parse_reply
from uniner.teacher.prompts import entity_prompt
from uniner.teacher.teacher import Reply
from uniner.text.tokens import TokenCounter

LONG, PASSAGES, WORKERS, BLOCK = 192, 6_000, 128, 2_048
PARTS, REPLIES = 8, 200_000


class Server(BaseHTTPRequestHandler):
    """Gives the reply to the passage whose number ends the prompt."""

    protocol_version = "HTTP/1.1"
    replies: list[str]

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        number = int(body["messages"][-1]["content"].rsplit("#", 1)[1])
        message = {"role": "assistant", "content": self.replies[number % len(self.replies)]}
        usage = {"prompt_tokens": 300, "completion_tokens": 600}
        choices = [{"index": 0, "finish_reason": "stop", "message": message}]
        content = json.dumps({"model": "m", "choices": choices, "usage": usage}).encode()
        head = (
            f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(content)}"
        )
        self.wfile.write(head.encode() + b"\r\n\r\n" + content)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


def serve(core: int, replies: list[str], ports: "SimpleQueue[int]") -> None:
    """The server, in a process of its own."""
    bind(core)
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Own", (Server,), {"replies": replies}))
    ports.put(server.server_port)
    server.serve_forever()


def bind(core: int) -> None:
    """Use one core alone, the one with this number from the last."""
    if hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, [cores[-1 - core % len(cores)]])


def show(title: str, figure: float, unit: str) -> None:
    print(f"| {title} | {figure:,.{0 if figure >= 100 else 1}f} {unit} |", flush=True)


def show_tokens(passages: list[Passage], replies: dict[str, str], which: str) -> None:
    """Average tokens of passages, prompts and replies, and what replies would be with one type."""
    count = TokenCounter.bundled().count
    prompts = [entity_prompt(passage, "type", "list") for passage in passages]
    items = [parse_reply(replies[passage.id]) for passage in passages]
    one_type = [
        ", ".join(f'("{item.mention}", "{item.types[0]}")' for item in getattr(parsed, "items", ()))
        for parsed in items
    ]
    for title, texts in {
        "passage": [passage.text for passage in passages],
        "prompt": [f"{prompt.system} {prompt.user}" for prompt in prompts],
        "reply": [replies[passage.id] for passage in passages],
        "reply, were there one type a mention": one_type,
    }.items():
        show(f"{title}, {which}", sum(map(count, texts)) / len(texts), "tokens")


def rate(run: Callable[[], object], amount: int) -> float:
    """How many a second."""
    started = time.perf_counter()
    run()
    return amount / (time.perf_counter() - started)


def measure(folder: Path, long: list[Passage], url: str) -> None:
    """Everything that is timed."""
    path, files = folder / "passages.jsonl", list_files(folder / "annotated.jsonl")
    write_records(
        path,
        (
            Passage(f"{number}", f"{passage.text} #{number}", passage.domain, passage.source)
            for number, passage in enumerate(islice(cycle(long), PASSAGES))
        ),
    )
    plan = Plan((Endpoint(url, "m", workers=WORKERS, price_asked=1, price_answered=1),))
    with open_desk(plan, files.journal, print) as desk:
        show("check input", rate(lambda: list(read_passages(path)), PASSAGES), "passages/s")
        show("estimate", rate(lambda: estimate(desk, read_passages(path)), PASSAGES), "passages/s")
        batches: list[bytes] = []

        def annotate() -> None:
            found = iterate(desk.annotate(read_passages(path)), desk.close)
            while block := list(islice(found, BLOCK)):
                batches.append(pickle.dumps(make_batch(block, ".jsonl")))

        show("ask, keep, parse, clean and align", rate(annotate, PASSAGES), "passages/s")
        replies = [reply for _, reply in desk.journal.read()] if desk.journal else []
        writing = rate(
            lambda: write_batches(files, map(pickle.loads, batches), desk, ignore), PASSAGES
        )
        show("write", writing, "passages/s")
    for name in (path, files.annotated, files.replies, files.journal):
        show(name.name, name.stat().st_size / PASSAGES, "bytes a passage")
    show("most memory of this process", peak_memory(), "MB")
    measure_merge(folder / "merged.journal", replies)


def measure_merge(path: Path, replies: list[Reply]) -> None:
    """How fast the parts of a journal become one."""
    named = (
        (f"{n * 0x9E3779B97F4A7C15 % 2**128:032x}", reply) for n, reply in enumerate(cycle(replies))
    )
    for part in range(PARTS):
        with open_journal(parts_of(path) / f"{part}.journal") as journal:
            journal.absorb(islice(named, REPLIES // PARTS))
    with open_journal(path) as journal:
        show(f"merge {PARTS} journals", rate(lambda: merge_parts(journal), REPLIES), "replies/s")


def main() -> None:
    """Measure, and print a Markdown table."""
    replies = {row["id"]: row["reply"] for row in sample.read_replies()}
    passages = list(sample.read_passages())
    count = TokenCounter.bundled().count
    long = [passage for passage in passages if count(passage.text) >= LONG]
    print("| | |\n|---|--:|")
    show_tokens(passages, replies, "all of the sample")
    show_tokens(long, replies, f"{len(long)} of at least {LONG} tokens")
    ports: SimpleQueue[int] = SimpleQueue()
    server = Process(target=serve, args=(1, [replies[p.id] for p in long], ports), daemon=True)
    server.start()
    bind(0)
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder), long, f"http://127.0.0.1:{ports.get()}/v1")
    server.kill()


if __name__ == "__main__":
    main()
