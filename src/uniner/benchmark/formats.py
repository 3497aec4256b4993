"""Every format that a data set's files may have, by the name that the catalog gives it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from uniner.benchmark.document import Document, Reading
from uniner.benchmark.readers import (
    ace,
    brat,
    clef,
    columns,
    conversations,
    csv_spans,
    i2b2,
    i2b2_concepts,
    ie_instructions,
    instructions,
    ontonotes,
    pubtator,
    rows,
    scientific,
    standoff_tsv,
)


@dataclass(frozen=True, slots=True)
class Format:
    """How files of a format are read, and the dataclass that holds what the reader must be told."""

    read: Callable[[Sequence[Path], Any, Reading], Iterator[Document]]
    options: type[Any]


FORMATS: dict[str, Format] = {
    "ace": Format(ace.read, ace.AceOptions),
    "brat": Format(brat.read, brat.BratOptions),
    "clef": Format(clef.read, clef.ClefOptions),
    "columns": Format(columns.read, columns.ColumnOptions),
    "conversations": Format(conversations.read, conversations.ConversationOptions),
    "csv_spans": Format(csv_spans.read, csv_spans.CsvSpanOptions),
    "i2b2": Format(i2b2.read, i2b2.I2b2Options),
    "i2b2_concepts": Format(i2b2_concepts.read, i2b2_concepts.ConceptOptions),
    "ie_instructions": Format(ie_instructions.read, ie_instructions.InstructionOptions),
    "instructions": Format(instructions.read, instructions.PromptOptions),
    "ontonotes": Format(ontonotes.read, ontonotes.OntonotesOptions),
    "pubtator": Format(pubtator.read, pubtator.PubtatorOptions),
    "rows": Format(rows.read, rows.RowOptions),
    "scientific": Format(scientific.read, scientific.ScientificOptions),
    "standoff_tsv": Format(standoff_tsv.read, standoff_tsv.StandoffOptions),
}
