"""The HTTP API on a port of this machine, around an extractor that does as it is told."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx

from toy_server import free_port
from uniner.records import Entity, Passage, Prediction
from uniner.serving.api import build_app
from uniner.serving.limits import Limits, Pace
from uniner.serving.server import Server, open_socket
from uniner.serving.service import Service
from uniner.students.extractor import Extractor, check_call

SMALL = Limits(body_bytes=2000, texts=4, types=3, characters=50, requests=3)
SCORES = {"sure": 0.9, "likely": 0.6, "unsure": 0.3}


@dataclass
class ToyExtractor:
    """Finds each word that is a type's name, with the score that the word before it stands for.

    It goes on only while `open`, and notes its calls. A text with `BROKEN` breaks it.
    """

    name: str = "toy"
    open: threading.Event = field(default_factory=threading.Event)
    calls: list[tuple[tuple[str, ...], tuple[str, ...]]] = field(default_factory=list)
    begun: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def __post_init__(self) -> None:
        self.open.set()

    def extract(
        self,
        texts: Sequence[str | Passage],
        types: Sequence[str],
        threshold: float | None = None,
        *,
        nested: bool = False,
    ) -> list[Prediction]:
        """One prediction per text, in order."""
        passages, names = check_call(texts, types, threshold)
        self.calls.append((tuple(p.text for p in passages), tuple(names)))
        self.begun.release()
        assert self.open.wait(20), "nobody opened the extractor"
        if any("BROKEN" in passage.text for passage in passages):
            raise ZeroDivisionError("broken")
        least = 0.5 if threshold is None else threshold
        return [Prediction(p, tuple(find(p.text, names, least))) for p in passages]

    @property
    def sizes(self) -> list[int]:
        """How many texts each call had."""
        return [len(texts) for texts, _ in self.calls]


def find(text: str, names: Sequence[str], least: float) -> Iterator[Entity]:
    """Words that name a type, with the score of the word before."""
    before, at = "", 0
    for word in text.split(" "):
        score = SCORES.get(before, 1.0)
        if word in names and score >= least:
            yield Entity(at, at + len(word), word, word, score)
        before, at = word, at + len(word) + 1


@dataclass(frozen=True)
class Site:
    """A server that runs, and a client of it."""

    url: str
    service: Service
    server: Server
    client: httpx.Client

    def extract(self, texts: Sequence[str], types: Sequence[object], **more: object) -> object:
        """The results for texts, which must be answered well."""
        body = {"texts": list(texts), "types": list(types), **more}
        response = self.client.post("/v1/extract", json=body)
        assert response.status_code == 200, response.text
        return response.json()["results"]

    def measure(self, name: str) -> float:
        """A number of /metrics, by its name and labels."""
        lines = self.client.get("/metrics").text.splitlines()
        found = [line.rpartition(" ")[2] for line in lines if line.startswith(f"{name} ")]
        return float(found[0]) if found else 0.0


@dataclass
class ScoredToy(ToyExtractor):
    """One that says from which score on it keeps what it finds."""

    threshold: float = 0.35


@contextmanager
def serve(
    extractor: Extractor,
    limits: Limits | None = None,
    pace: Pace | None = None,
    *,
    key: str | None = None,
    origins: Sequence[str] = (),
    page: Callable[[], str] | None = None,
) -> Iterator[Site]:
    """A site as long as the block lasts."""
    service = Service(extractor, limits, pace, key)
    listening = threading.Event()
    server = Server(build_app(service, origins=origins, page=page), 5, listening.set)
    port = free_port()
    bound = open_socket("127.0.0.1", port)
    thread = threading.Thread(target=server.run, args=([bound],), daemon=True)
    thread.start()
    assert listening.wait(10)
    url = f"http://127.0.0.1:{port}"
    try:
        with httpx.Client(base_url=url, timeout=20, trust_env=False) as client:
            yield Site(url, service, server, client)
    finally:
        if isinstance(extractor, ToyExtractor):
            extractor.open.set()
        server.should_exit = True
        thread.join(10)
        bound.close()
    assert not thread.is_alive()


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
