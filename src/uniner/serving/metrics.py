"""What a server counts about itself, for Prometheus."""

from collections.abc import Callable, Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from uniner.records import Prediction

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256)


class Metrics:
    """Counts of one server; they start at zero with it."""

    def __init__(self) -> None:
        """Set everything to zero."""
        self.registry = CollectorRegistry()
        self._requests = self._counter("requests", "Requests answered.", "route", "status")
        self._seconds = Histogram(
            "uniner_request_seconds",
            "Seconds from a request's head to the end of its answer.",
            ["route"],
            buckets=SECONDS,
            registry=self.registry,
        )
        self._texts = self._counter("texts", "Texts that were answered.")
        self._characters = self._counter("characters", "Characters of texts that were answered.")
        self._entities = self._counter("entities", "Entities in answers.")
        self._faults = self._counter("faults", "Answers of a model that were of no use.")
        self._withdrawn = self._counter("withdrawn_texts", "Texts whose client left before a call.")
        self._batch_texts = Histogram(
            "uniner_batch_texts",
            "Texts in one call of the extractor.",
            buckets=SIZES,
            registry=self.registry,
        )
        self._batch_seconds = Histogram(
            "uniner_batch_seconds",
            "Seconds of one call of the extractor.",
            buckets=SECONDS,
            registry=self.registry,
        )

    def _counter(self, name: str, meaning: str, *labels: str) -> Counter:
        return Counter(f"uniner_{name}", meaning, labels, registry=self.registry)

    def watch(self, name: str, meaning: str, read: Callable[[], float]) -> None:
        """Show a number that is read whenever somebody asks."""
        Gauge(f"uniner_{name}", meaning, registry=self.registry).set_function(read)

    def count_request(self, route: str, status: int, seconds: float) -> None:
        """Count a request that is over."""
        self._requests.labels(route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def count_batch(self, texts: int, seconds: float) -> None:
        """Count a call of the extractor."""
        self._batch_texts.observe(texts)
        self._batch_seconds.observe(seconds)

    def count_answer(self, entities: int, predictions: Sequence[Prediction]) -> None:
        """Count what one text is answered with; its predictions are those of each call for it."""
        self._texts.inc()
        self._characters.inc(len(predictions[0].passage.text))
        self._entities.inc(entities)
        self._faults.inc(sum(len(prediction.faults) for prediction in predictions))

    def count_withdrawn(self, texts: int) -> None:
        """Count texts that nobody waits for any more."""
        self._withdrawn.inc(texts)

    def render(self) -> bytes:
        """Everything, in Prometheus' text format."""
        return generate_latest(self.registry)
