"""Examples from published conversations: gold strings for each type, without offsets."""

from pathlib import Path

from uniner.benchmark.catalog import Dataset
from uniner.benchmark.examples import Example
from uniner.chat.answer import Malformed, parse_answer_2023
from uniner.chat.queries import Query, read_queries
from uniner.records import InputError, Passage, RecordError


def read(path: Path, dataset: Dataset) -> list[Example]:
    """Queries that follow each other about one passage become one example.

    A type asked again starts the next example: some passages occur twice.
    """
    examples: list[Example] = []
    first: Query | None = None
    gold: dict[str, tuple[str, ...]] = {}
    for number, query in read_queries(path):
        kind = dataset.rename.get(query.type, query.type)
        if query.type in dataset.drop:
            continue
        if first and (query.text != first.text or kind in gold):
            examples.append(build_example(first, gold, dataset, path))
            first, gold = None, {}
        first = first or query
        gold[kind] = read_gold(query.answer, f"{path}: record {number}")
    if first:
        examples.append(build_example(first, gold, dataset, path))
    return examples


def read_gold(answer: str, where: str) -> tuple[str, ...]:
    """The mentions of a gold answer, read as the published scorer reads it."""
    parsed = parse_answer_2023(answer)
    if isinstance(parsed, Malformed):
        raise InputError(f"{where}: the answer {parsed.why}: {answer!r:.60}")
    mentions = tuple(item for item in parsed.items if isinstance(item, str))
    if len(mentions) < len(parsed.items):
        raise InputError(f"{where}: expected mentions in the answer, got {answer!r:.60}")
    return mentions


def build_example(
    first: Query, gold: dict[str, tuple[str, ...]], dataset: Dataset, path: Path
) -> Example:
    """The example of one run of queries, called after its first record."""
    passage = Passage(first.id, first.text, dataset.domain, dataset.name)
    try:
        return Example(passage, tuple(gold), tuple(gold.values()))
    except RecordError as error:
        raise InputError(f"{path}: {error}") from None
