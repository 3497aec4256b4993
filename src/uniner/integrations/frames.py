"""Entities as a further column: of `datasets`, and of pandas and polars data frames.

A cell of that column is a list of `{"start", "end", "text", "type", "score"}`: empty where nothing
was found, null where the text is null.
"""

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeAlias, TypeVar

from uniner.integrations.models import Model, find_extractor, warn_faults
from uniner.records import ConfigError, Entity, Passage, RecordError
from uniner.students.extractor import check_call

Cell: TypeAlias = list[dict[str, Any]] | None
Frame = TypeVar("Frame")

CHUNK = 256
"""Texts that a model is given at a time."""


@dataclass(frozen=True, slots=True)
class BatchMap:
    """Finds the entities of a batch of columns, as `datasets.Dataset.map(batched=True)` calls it.

    It can be pickled where its model is given by name; so `num_proc` works then.
    """

    model: Model
    types: tuple[str, ...]
    text: str
    column: str
    threshold: float | None
    nested: bool

    def __post_init__(self) -> None:
        check_call([], self.types, self.threshold)

    def __call__(self, batch: Mapping[str, Iterable[str | None]]) -> dict[str, list[Cell]]:
        """The new column by its name; ConfigError as `check_columns` says."""
        self.check_columns([*batch])
        return {self.column: [*self.find(batch[self.text])]}

    def check_columns(self, known: Sequence[object]) -> None:
        """ConfigError where the column to read is not there, or the one to add is."""
        if self.text not in known:
            raise ConfigError(f"no column {self.text!r} to read; there are {[*known]!r:.200}")
        if self.column in known:
            raise ConfigError(f"column {self.column!r} is there already; name another one to add")

    def find(self, texts: Iterable[str | None]) -> Iterator[Cell]:
        """A cell for each text; RecordError where one is neither a text nor null."""
        extractor = find_extractor(self.model)
        waiting = enumerate(texts)
        while chunk := [*islice(waiting, CHUNK)]:
            passages = [passage for row, text in chunk if (passage := read_cell(row, text))]
            found = (
                extractor.extract(passages, self.types, self.threshold, nested=self.nested)
                if passages
                else []
            )
            warn_faults(found)
            cells = {one.passage.id: [*map(make_row, one.entities)] for one in found}
            yield from (None if text is None else cells.get(str(row), []) for row, text in chunk)


def read_cell(row: int, text: object) -> Passage | None:
    """What a cell has to be read; None where it is null or has nothing but white space."""
    if not isinstance(text, str | None):
        raise RecordError(f"row {row}: expected a text or null, got {text!r:.80}")
    return Passage(str(row), text) if text and text.strip() else None


def make_row(entity: Entity) -> dict[str, Any]:
    """An entity as a row whose keys are always the same."""
    return {
        "start": entity.start,
        "end": entity.end,
        "text": entity.text,
        "type": entity.type,
        "score": entity.score,
    }


def map_batch(
    model: Model,
    types: Sequence[str],
    *,
    text: str = "text",
    column: str = "entities",
    threshold: float | None = None,
    nested: bool = False,
) -> BatchMap:
    """What adds the entities of `types` in `text` as `column` to a batch of a data set.

    Give `map` the features too (`list_features`): from a first batch without any entity `datasets`
    would conclude that there never is one. RecordError as in `Extractor`.
    """
    return BatchMap(model, tuple(types), text, column, threshold, nested)


def add_entities(
    data: Frame,
    model: Model,
    types: Sequence[str],
    *,
    text: str = "text",
    column: str = "entities",
    threshold: float | None = None,
    nested: bool = False,
) -> Frame:
    """A data frame of pandas or polars, or a `datasets.Dataset`, with `column` added; rows stay.

    ConfigError where there is no column `text`, where `column` exists, or for other data.
    """
    how = map_batch(model, types, text=text, column=column, threshold=threshold, nested=nested)
    for name, (kind, add) in ADDERS.items():
        library = sys.modules.get(name)
        if library is not None and isinstance(data, getattr(library, kind)):
            added: Frame = add(library, data, how)
            return added
    known = ", ".join(f"{name}.{kind}" for name, (kind, _) in ADDERS.items())
    raise ConfigError(f"expected one of {known}, got {type(data).__qualname__}")


def add_to_pandas(pandas: Any, frame: Any, how: BatchMap) -> Any:
    """A copy with a column of Python lists, None where the text is missing; its index stays."""
    how.check_columns([*frame.columns])
    given, missing = frame[how.text], frame[how.text].isna()
    texts = (None if absent else text for text, absent in zip(given, missing, strict=True))
    cells = pandas.Series([*how.find(texts)], index=frame.index, dtype=object)
    added = frame.copy(deep=False)
    added[how.column] = cells
    return added


def add_to_polars(polars: Any, frame: Any, how: BatchMap) -> Any:
    """The frame with a column of lists of structs, typed even where nothing was found."""
    how.check_columns(frame.columns)
    fields = {
        "start": polars.Int64,
        "end": polars.Int64,
        "text": polars.String,
        "type": polars.String,
        "score": polars.Float64,
    }
    cells = [*how.find(frame[how.text])]
    return frame.with_columns(polars.Series(how.column, cells, polars.List(polars.Struct(fields))))


def add_to_dataset(_: Any, data: Any, how: BatchMap) -> Any:
    """The data set with a column of lists of objects."""
    how.check_columns(data.column_names)
    features = list_features(data.features, how.column)
    return data.map(how, batched=True, batch_size=CHUNK, features=features)


def list_features(features: Mapping[str, Any], column: str = "entities") -> Any:
    """The `datasets.Features` of a data set with `column` of entities added."""
    from datasets import Features, Value

    kinds = {"start": "int64", "end": "int64", "text": "string", "type": "string"}
    entity = {name: Value(kind) for name, kind in [*kinds.items(), ("score", "float64")]}
    return Features({**features, column: [entity]})


ADDERS: dict[str, tuple[str, Callable[[Any, Any, BatchMap], Any]]] = {
    "pandas": ("DataFrame", add_to_pandas),
    "polars": ("DataFrame", add_to_polars),
    "datasets": ("Dataset", add_to_dataset),
}
"""By library: the class that is known, and how a column is added to it."""
