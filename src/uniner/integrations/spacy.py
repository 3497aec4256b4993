"""A spaCy component: `nlp.add_pipe("uniner", config={"types": ["person", "drug"]})`.

Flat entities become `doc.ents`, nested ones `doc.spans[spans_key]`; `span._.score` is how sure the
model is. What could not become a span as it was found is counted in `doc._.uniner_notes`.
"""

import json
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Literal, TypeAlias, assert_never

from spacy.language import Language
from spacy.pipeline import Pipe
from spacy.tokens import Doc, Span

from uniner.integrations.models import find_extractor, warn_faults
from uniner.records import Entity, InputError
from uniner.students.extractor import check_call

Align: TypeAlias = Literal["expand", "contract", "drop"]
"""What becomes of a mention that starts or ends within a token."""
Existing: TypeAlias = Literal["keep", "replace"]
"""What becomes of the entities that a document has already."""

EXPANDED = "mention expanded to whole tokens"
CONTRACTED = "mention contracted to whole tokens"
UNALIGNED = "mention that does not align with tokens dropped"
CLASHING = "mention over another entity dropped"
REPEATED = "mention of a span that is there with its type left out"
NOTES, SCORES, SCORE = "uniner_notes", "uniner_scores", "score"
FILE = "uniner.json"


@dataclass(frozen=True, slots=True)
class Settings:
    """What the component is told; `model` is a name, folder or address, None the bundled one."""

    types: tuple[str, ...]
    model: str | None = None
    threshold: float | None = None
    nested: bool = False
    spans_key: str = "sc"
    align: Align = "expand"
    existing: Existing = "keep"

    def __post_init__(self) -> None:
        check_call([], self.types, self.threshold)


@Language.factory(
    "uniner",
    default_config={
        "model": None,
        "threshold": None,
        "nested": False,
        "spans_key": "sc",
        "align": "expand",
        "existing": "keep",
    },
    assigns=["doc.ents", "doc.spans", "span._.score"],
)
def make_uniner(  # noqa: PLR0913, PLR0917 -- spaCy gives each setting as an argument
    nlp: Language,
    name: str,
    types: list[str],
    model: str | None,
    threshold: float | None,
    nested: bool,
    spans_key: str,
    align: Align,
    existing: Existing,
) -> "EntityFinder":
    """The component; ConfigError, InputError or RecordError where a setting is no good."""
    settings = Settings(tuple(types), model, threshold, nested, spans_key, align, existing)
    return EntityFinder(name, settings)


class EntityFinder(Pipe):
    """Finds the entities of its types in documents, a batch at a time."""

    def __init__(self, name: str, settings: Settings) -> None:
        self.name = name
        self.settings = settings
        find_extractor(settings.model)
        set_extensions()

    @property
    def labels(self) -> tuple[str, ...]:
        """The types."""
        return self.settings.types

    def __call__(self, doc: Doc) -> Doc:
        """The document with its entities."""
        self.annotate([doc])
        return doc

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = 128) -> Iterator[Doc]:
        """The documents with their entities, in order; the model reads `batch_size` at a time."""
        waiting = iter(stream)
        while docs := [*islice(waiting, batch_size)]:
            try:
                self.annotate(docs)
            except Exception as error:  # which spaCy's handler raises, or counts, as it is told
                self.get_error_handler()(self.name, self, docs, error)
            else:
                yield from docs

    def annotate(self, docs: Sequence[Doc]) -> None:
        """Give the documents their entities."""
        asked = self.settings
        found = find_extractor(asked.model).extract(
            [doc.text for doc in docs], asked.types, asked.threshold, nested=asked.nested
        )
        warn_faults(found)
        for doc, prediction in zip(docs, found, strict=True):
            notes = set_entities(doc, prediction.entities, asked)
            if notes:
                doc._.set(NOTES, dict(notes))
            for what in notes:
                warnings.warn(f"uniner: {what}; see doc._.{NOTES}", stacklevel=2)

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        """Its settings; the model is known by its name alone."""
        return json.dumps(asdict(self.settings)).encode()

    def from_bytes(self, data: bytes, *, exclude: Iterable[str] = ()) -> "EntityFinder":
        """Itself with the settings that `to_bytes` gave."""
        try:
            row = json.loads(data)
            self.settings = Settings(**{**row, "types": tuple(row["types"])})
        except (ValueError, TypeError, KeyError) as error:
            raise InputError(
                f"{self.name}: not the settings of a uniner component ({error})"
            ) from None
        find_extractor(self.settings.model)
        return self

    def to_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> None:
        """Write its settings as a file in the folder `path`."""
        folder = Path(path)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / FILE).write_bytes(self.to_bytes())

    def from_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> "EntityFinder":
        """Itself with the settings of the folder `path`."""
        file = Path(path) / FILE
        if not file.is_file():
            raise InputError(f"{file}: no such file; it is part of a pipeline with uniner in it")
        return self.from_bytes(file.read_bytes())


def set_extensions() -> None:
    """Make `span._.score` and `doc._.uniner_notes` known; a `score` of somebody else stays."""
    if not Doc.has_extension(NOTES):
        Doc.set_extension(NOTES, default={})
        Span.set_extension(SCORES, default=None)
    if not Span.has_extension(SCORE):
        Span.set_extension(SCORE, getter=read_score)
    elif Span.get_extension(SCORE)[2] is not read_score:
        warnings.warn(
            f"uniner: span._.{SCORE} is another's extension; scores by type are span._.{SCORES}",
            stacklevel=2,
        )


def read_score(span: Span) -> float | None:
    """The score of a span; None where uniner did not find it.

    spaCy keeps one value for all spans with the same characters, hence one score for each type.
    """
    score: float | None = (span._.get(SCORES) or {}).get(span.label_)
    return score


def set_entities(doc: Doc, entities: Sequence[Entity], how: Settings) -> Counter[str]:
    """Give a document its entities; returns what could not be set as it was found."""
    notes = Counter[str]()
    found = [span for entity in entities if (span := align(doc, entity, how.align, notes))]
    if how.nested:
        before = doc.spans.get(how.spans_key, [])
        kept = [*choose_existing(before, how.existing)]
        known = {(span.start, span.end, span.label) for span in kept}
        for span in found:
            if (key := (span.start, span.end, span.label)) in known:
                notes[REPEATED] += 1
                continue
            known.add(key)
            kept.append(span)
        doc.spans[how.spans_key] = kept
        return notes
    kept = [*choose_existing(doc.ents, how.existing)]
    taken = {token.i for span in kept for token in span}
    for span in sorted(found, key=lambda span: -(read_score(span) or 0.0)):
        if taken.isdisjoint(range(span.start, span.end)):
            taken.update(range(span.start, span.end))
            kept.append(span)
        else:
            notes[CLASHING] += 1
    doc.ents = tuple(kept)
    return notes


def choose_existing(spans: Iterable[Span], existing: Existing) -> Iterable[Span]:
    """Those of a document's spans that stay."""
    match existing:
        case "keep":
            return spans
        case "replace":
            return ()
        case _:
            assert_never(existing)


def align(doc: Doc, entity: Entity, how: Align, notes: Counter[str]) -> Span | None:
    """The tokens of an entity as a span with its score; None, and a note, where there are none."""
    start, end = entity.span
    span = doc.char_span(start, end, entity.type)
    if span is None:
        match how:
            case "expand":
                span, note = doc.char_span(start, end, entity.type, alignment_mode=how), EXPANDED
            case "contract":
                span, note = doc.char_span(start, end, entity.type, alignment_mode=how), CONTRACTED
            case "drop":
                note = UNALIGNED
            case _:
                assert_never(how)
        notes[note if span else UNALIGNED] += 1
    if span:
        scores: dict[str, Any] = span._.get(SCORES) or {}
        if (scores.get(entity.type) or 0.0) <= (entity.score or 0.0):
            span._.set(SCORES, {**scores, entity.type: entity.score})
    return span
