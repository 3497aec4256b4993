"""Published conversations: the gold strings of each type that is asked of a text, no offsets."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from uniner.benchmark.document import Document, Reading
from uniner.chat.answer import Malformed, parse_answer_2023
from uniner.chat.dialogue import dialogue_from_json, read_list
from uniner.chat.queries import Query, list_queries
from uniner.records import RecordError
from uniner.records.types import check_characters


@dataclass(frozen=True, slots=True)
class ConversationOptions:
    """These files leave nothing to choose."""


def read(
    paths: Sequence[Path], options: ConversationOptions, reading: Reading
) -> Iterator[Document]:
    """One document for each run of queries about one text, named by the first of them.

    A type asked again starts the next document: some texts occur twice.
    """
    for path in paths:
        prefix = f"{path.stem}-" if len(paths) > 1 else ""
        first: Query | None = None
        gold: dict[str, tuple[str, ...]] = {}
        for query, mentions in read_answered(path, reading):
            if first and (query.text != first.text or query.type in gold):
                yield Document(prefix + first.id, first.text, None, gold)
                first, gold = None, {}
            first = first or query
            gold[query.type] = mentions
        if first:
            yield Document(prefix + first.id, first.text, None, gold)


def read_answered(path: Path, reading: Reading) -> Iterator[tuple[Query, tuple[str, ...]]]:
    """Every query of a file with the mentions of its answer; a malformed record is refused."""
    seen: set[str] = set()
    for number, row in read_list(path):
        where = f"{path}: record {number}"
        try:
            answered = [
                (query, read_gold(query)) for query in list_queries(dialogue_from_json(row))
            ]
        except RecordError as error:
            reading.refuse(where, str(error))
            continue
        for query, mentions in answered:
            if query.id in seen:
                reading.refuse(where, f"expected an id of its own, got {query.id!r} again")
            elif not query.text.strip():
                reading.note("query about an empty text skipped")
            else:
                seen.add(query.id)
                yield query, mentions


def read_gold(query: Query) -> tuple[str, ...]:
    """The mentions of a gold answer, read as the published scorer reads it."""
    check_characters(query.text + query.type, "the text or the type")
    parsed = parse_answer_2023(query.answer)
    if isinstance(parsed, Malformed):
        raise RecordError(f"the answer {parsed.why}: {query.answer!r:.60}")
    mentions = tuple(item for item in parsed.items if isinstance(item, str))
    if len(mentions) < len(parsed.items):
        raise RecordError(f"expected mentions in the answer, got {query.answer!r:.60}")
    check_characters("".join(mentions), "the answer")
    return mentions
