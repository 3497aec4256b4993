"""The span student at work: numpy and onnxruntime, one pass over the text for all types."""

import math
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

from uniner.records import Entity, InputError, Passage, Prediction, RecordError, Span
from uniner.students.checkpoint import read_settings
from uniner.students.decode import Floats, Found, choose, find
from uniner.students.encode import Batch, Encoded, Encoder, by_length, cut_words
from uniner.students.extractor import check_call
from uniner.text.passages import Window, cut, merge
from uniner.text.words import split_words

BATCH_PIECES = 1024
"""Padded sub-words scored together: enough to keep the cores busy, little enough for the cache."""

SPREAD = 1.2
"""How much longer than the shortest a text of a batch may be: what is padded costs time too."""

OVERLAP_PIECES = 48

CHUNK_WINDOWS = 256
"""Windows read before they are scored: enough to sort by length, few enough to forget again."""


class Read(NamedTuple):
    """One window of a text, ready to be scored."""

    text: int
    window: Window
    words: list[Span]
    arrays: Encoded


class SpanStudent:
    """Scores every span of a text against every asked type; type vectors are computed once."""

    def __init__(self, folder: Path, *, threads: int | None = None) -> None:
        """Load a model folder; `threads` None lets onnxruntime use every core."""
        self.settings = read_settings(folder)
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        # Each graph has threads of its own: one graph's, still spinning, would slow the next one's.
        options.add_session_config_entry("session.force_spinning_stop", "1")
        options.enable_mem_pattern = False  # a plan is kept for every shape, and shapes never end
        if threads is not None:
            options.intra_op_num_threads = threads
        try:
            self._encoder, self._types, self._spans = (
                onnxruntime.InferenceSession(
                    str(folder / f"{name}.onnx"), options, providers=["CPUExecutionProvider"]
                )
                for name in ("encoder", "types", "spans")
            )
            tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        except Exception as error:  # onnxruntime and tokenizers raise classes of their own
            raise InputError(f"{folder}: the model does not load ({error})") from None
        self.encoder = Encoder(tokenizer)
        self._known: dict[str, Floats] = {}

    @property
    def name(self) -> str:
        """What reports call it."""
        return self.settings.name

    @property
    def threshold(self) -> float:
        """The lowest score kept where a call names none."""
        return self.settings.threshold

    def extract(
        self,
        texts: Sequence[str | Passage],
        types: Sequence[str],
        threshold: float | None = None,
        *,
        nested: bool = False,
    ) -> list[Prediction]:
        """One prediction per text, in order; see `Extractor`."""
        passages, names = check_call(texts, types, threshold)
        least = self._logit(self.threshold if threshold is None else threshold)
        vectors = self.type_vectors(names)
        windows: list[list[Window]] = [[] for _ in passages]
        entities: list[list[list[Entity]]] = [[] for _ in passages]
        reads = self._read(passages)
        while chunk := list(islice(reads, CHUNK_WINDOWS)):
            found = self._score(chunk, vectors, least, nested=nested)
            for read, spans in zip(chunk, found, strict=True):
                text = passages[read.text].text
                windows[read.text].append(read.window)
                entities[read.text].append([self._entity(text, read, s, names) for s in spans])
        return [
            Prediction(passage, merge(cuts, lists, nested=nested))
            for passage, cuts, lists in zip(passages, windows, entities, strict=True)
        ]

    def type_vectors(self, names: Sequence[str]) -> Floats:
        """Vectors [N, H + 1] of entity types; each distinct name is encoded once and kept.

        Each by itself: int8 arithmetic rounds by the largest number in a batch, so that a vector
        would else depend on which types were asked with it, and so would every score.
        """
        if len(self._known) > 20_000:
            self._known.clear()
        for name in names:
            if name not in self._known:
                [self._known[name]] = self.embed_names([name])
        return np.stack([self._known[name] for name in names])

    def embed_names(self, names: Sequence[str]) -> Floats:
        """Vectors [N, H + 1] of many names, several at a time: to compare names, not to score."""
        arrays = [self.encoder.type_name(name) for name in names]
        for name, array in zip(names, arrays, strict=True):
            if len(array.ids) > self.settings.max_pieces:
                raise RecordError(
                    f"entity type {name[:40]!r}… has {len(array.ids)} sub-words and {self.name} "
                    f"reads {self.settings.max_pieces}; shorten it"
                )
        found: dict[int, Floats] = {}
        for group in by_length([len(a.ids) for a in arrays], BATCH_PIECES):
            batch = Batch([arrays[index] for index in group], self.encoder.pad)
            vectors = self._types.run(None, {"hidden": self._embed(batch), "mask": batch.mask})[0]
            found.update(zip(group, vectors, strict=True))
        return np.stack([found[index] for index in range(len(names))])

    def _embed(self, batch: Batch) -> Floats:
        feeds = {"ids": batch.ids, "shapes": batch.shapes, "mask": batch.mask}
        hidden: Floats = self._encoder.run(None, feeds)[0]
        return hidden

    def _logit(self, probability: float) -> float:
        bounded = min(max(probability, 1e-9), 1 - 1e-9)
        wanted = math.log(bounded / (1 - bounded))
        return (wanted - self.settings.offset) / self.settings.slope

    def _read(self, passages: Sequence[Passage]) -> Iterator[Read]:
        special = len(self.encoder.prefix) + len(self.encoder.suffix)
        room = self.settings.max_pieces - special
        overlap = min(OVERLAP_PIECES, room // 4)
        for number, passage in enumerate(passages):
            words = split_words(passage.text)
            costs = self.encoder.costs(passage.text, words)
            for window in cut(words, passage.text, room, overlap, costs):
                spans = words[window.first : window.last]
                arrays = self.encoder.window(cut_words(passage.text, spans))
                yield Read(number, window, spans, arrays)

    def _score(
        self, reads: Sequence[Read], vectors: Floats, least: float, *, nested: bool
    ) -> list[list[Found]]:
        results: list[list[Found]] = [[] for _ in reads]
        for group in by_length([len(read.arrays.ids) for read in reads], BATCH_PIECES, SPREAD):
            batch = Batch([reads[index].arrays for index in group], self.encoder.pad)
            feeds = {
                "hidden": self._embed(batch),
                "firsts": batch.firsts,
                "lasts": batch.lasts,
                "types": vectors,
            }
            logits = self._spans.run(None, feeds)[0]
            for span in choose(find(logits, batch.words, least), nested=nested):
                results[group[span.row]].append(span)
        return results

    def _entity(self, text: str, read: Read, span: Found, names: Sequence[str]) -> Entity:
        start, end = read.words[span.first].start, read.words[span.last].end
        logit = self.settings.slope * span.logit + self.settings.offset
        score = 1 / (1 + math.exp(-logit)) if logit > -30 else 0.0
        return Entity(start, end, text[start:end], names[span.type], score)
