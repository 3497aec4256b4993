"""Instruction JSON lines: a prompt that quotes a text and lists types, an answer of pairs.

A row is `{"id", "messages": [{"role": "user", "content"}, {"role": "assistant", "content"}]}`. The
prompt holds `Text: '…'` (once, or the same several times) and `[type, type, …]`; the answer is
`mention: type; mention: type; ` in the order of the text, and empty where nothing is mentioned.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, assert_never

from uniner.benchmark.document import Document, Reading
from uniner.benchmark.readers.records import read_objects
from uniner.records import RecordError
from uniner.records.types import check_characters

TEXT = re.compile(r"""Text: '(.*?) ?'(?=$|["\n.]|Please)""", re.DOTALL)
"""A quoted text: what follows its closing quote is a line's or sentence's end, or the form asked.

The texts are tokenized, so that a quote within one has a blank or a letter after it.
"""

TYPES = re.compile(r"\[([^\[\]]+?, [^\[\]]+)\]")


@dataclass(frozen=True, slots=True)
class PromptOptions:
    """Whether a label is the whole type (`art_film`) or the part before its first `_` (`art`)."""

    labels: Literal["fine", "coarse"] = "fine"


def read(paths: Sequence[Path], options: PromptOptions, reading: Reading) -> Iterator[Document]:
    """One document for each row: the mentions of every listed type, without offsets."""
    for path in paths:
        prefix = f"{path.stem}-" if len(paths) > 1 else ""
        for number, row in read_objects(path, reading):
            try:
                prompt, answer = read_turns(row)
                text, types = split_prompt(prompt)
                mentions = merge_labels(split_answer(answer, types), options)
            except RecordError as error:
                reading.refuse(f"{path}:{number}", str(error))
                continue
            if not text.strip():
                reading.note("document without text skipped")
                continue
            yield Document(f"{prefix}{number - 1}", text, None, mentions)


def read_turns(row: Mapping[str, Any]) -> tuple[str, str]:
    """What the user and the assistant say in a row."""
    match row.get("messages"):
        case [
            {"role": "user", "content": str(prompt)},
            {"role": "assistant", "content": str(answer)},
        ]:
            check_characters(prompt, "the prompt")
            check_characters(answer, "the answer")
            return prompt, answer
        case other:
            raise RecordError(f"expected 'messages' of a user and an assistant, got {other!r:.80}")


def split_prompt(prompt: str) -> tuple[str, tuple[str, ...]]:
    """The text and the types of a prompt; the list of types is looked for outside of the text."""
    texts = set(TEXT.findall(prompt))
    if len(texts) != 1:
        raise RecordError(f"expected one \"Text: '…'\" in the prompt, found {len(texts)}")
    lists = TYPES.findall(TEXT.sub("", prompt))
    if len(lists) != 1:
        raise RecordError(f"expected one list '[type, type, …]' in the prompt, found {len(lists)}")
    [text], [types] = texts, lists
    return text, tuple(types.split(", "))


def split_answer(answer: str, types: Sequence[str]) -> dict[str, list[str]]:
    """The mentions of each type; a mention may hold colons and semicolons, a type is known.

    RecordError where a part of the answer is no mention with one of the types.
    """
    kinds = "|".join(re.escape(kind) for kind in sorted(types, key=len, reverse=True))
    pair = re.compile(rf"(.+?): ({kinds})(?:; ?|$)", re.DOTALL)
    found: dict[str, list[str]] = {kind: [] for kind in types}
    position, length = 0, len(answer.rstrip())
    while position < length:
        item = pair.match(answer, position)
        if item is None:
            raise RecordError(f"expected 'mention: type; …', got {answer[position:]!r:.80}")
        found[item[2]].append(item[1])
        position = item.end()
    return found


def merge_labels(
    mentions: Mapping[str, Sequence[str]], options: PromptOptions
) -> dict[str, tuple[str, ...]]:
    """The mentions by the label that is asked for; types that share one are put together."""
    merged: dict[str, tuple[str, ...]] = {}
    for kind, names in mentions.items():
        match options.labels:
            case "fine":
                label = kind
            case "coarse":
                label = kind.partition("_")[0]
            case _:
                assert_never(options.labels)
        merged[label] = (*merged.get(label, ()), *names)
    return merged
