"""The bundled sample corpus: invented passages, a teacher's raw replies, a taxonomy of types."""

import gzip
import json
from collections.abc import Iterator
from functools import cache
from importlib import resources
from typing import Any

from uniner.corpus.split import Split, split_of
from uniner.corpus.taxonomy import Taxonomy, definition_from_json, parse_hierarchy
from uniner.records import Passage
from uniner.records.store import passage_from_json


def read_passages(split: Split | None = None) -> Iterator[Passage]:
    """The passages of a split, or all, in the order of their ids."""
    for row in read_rows("passages.jsonl.gz"):
        passage = passage_from_json(row)
        if split is None or split_of(passage.id) == split:
            yield passage


def read_replies() -> Iterator[dict[str, Any]]:
    """The teacher's raw replies, `{"id", "reply", "model"}`, one a passage."""
    return read_rows("replies.jsonl.gz")


@cache
def load_taxonomy() -> Taxonomy:
    """The relations and definitions of the sample's types."""
    definitions = map(definition_from_json, read_rows("definitions.jsonl"))
    return Taxonomy(
        parents=parse_hierarchy(read_lines("hierarchy.txt")),
        definitions={known.type: known for known in definitions},
    )


def read_rows(name: str) -> Iterator[dict[str, Any]]:
    """The JSON objects of a bundled file."""
    for line in read_lines(name):
        row: dict[str, Any] = json.loads(line)
        yield row


def read_lines(name: str) -> list[str]:
    """The lines of a bundled file, unpacked where it is compressed."""
    content = resources.files(__name__).joinpath(name).read_bytes()
    text = (gzip.decompress(content) if name.endswith(".gz") else content).decode()
    return text.removesuffix("\n").split("\n")
