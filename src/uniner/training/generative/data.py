"""Conversation files as what a trainer reads: rows of all epochs, planned beforehand."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch.utils.data import Dataset

from uniner.chat.dialogue import Dialogue, read_dialogues
from uniner.chat.tokens import ChatTokenizer
from uniner.corpus.split import split_of
from uniner.records import ConfigError
from uniner.records.manifest import hash_file
from uniner.training.generative.config import GenerativeConfig
from uniner.training.generative.packing import (
    IGNORED,
    Encoded,
    Layout,
    Row,
    Unit,
    build_row,
    collate,
    count_oversized,
    encode,
    group_lengths,
    plan_epoch,
)


@dataclass(frozen=True, slots=True)
class Source:
    """Dialogues, and the share of them that each epoch takes (2: each of them twice).

    `fingerprint` tells where they are from, such as a hash of their file.
    """

    dialogues: Sequence[Dialogue]
    fingerprint: str
    share: float = 1.0

    def __post_init__(self) -> None:
        if not self.share > 0:
            raise ConfigError(f"a share of {self.share!r} leaves nothing of a source")


@dataclass(frozen=True)
class Rows(Dataset[Row]):
    """The rows of a training in their order; a row is built when it is asked for."""

    encoded: Sequence[Encoded]
    plan: Sequence[Sequence[Unit]]
    isolated: bool

    def __len__(self) -> int:
        return len(self.plan)

    def __getitem__(self, index: int) -> Row:
        return build_row(self.plan[index], self.encoded, isolated=self.isolated)

    @property
    def tokens(self) -> int:
        """All tokens of all rows, without padding."""
        return sum(unit.length for row in self.plan for unit in row)


def read_source(path: Path, share: float, advance: Callable[[int], None]) -> Source:
    """The dialogues of a conversation file."""
    dialogues = []
    for _, dialogue in read_dialogues(path):
        dialogues.append(dialogue)
        advance(1)
    return Source(dialogues, hash_file(path), share)


def hold_out(sources: Sequence[Source]) -> tuple[list[Source], list[Dialogue]]:
    """The sources without the dialogues that the dev split has, and these."""
    kept, held_out = [], []
    for source in sources:
        splits = [split_of(dialogue.id) for dialogue in source.dialogues]
        pairs = list(zip(source.dialogues, splits, strict=True))
        kept.append(replace(source, dialogues=[d for d, split in pairs if split != "dev"]))
        held_out += [d for d, split in pairs if split == "dev"]
    return kept, held_out


def draw(sizes: Sequence[int], shares: Sequence[float], rng: random.Random) -> list[int]:
    """What an epoch takes: of each file's dialogues its share, numbered through all files."""
    taken: list[int] = []
    first = 0
    for size, share in zip(sizes, shares, strict=True):
        whole, part = divmod(round(share * size), max(1, size))
        numbers = range(first, first + size)
        taken += [*numbers] * whole + rng.sample(numbers, part)
        first += size
    return taken


def plan_training(
    sources: Sequence[Source], chat: ChatTokenizer, config: GenerativeConfig
) -> tuple[Rows, int]:
    """The rows of all epochs, and how many exchanges are left out as longer than a row."""
    encoded = [encode(dialogue, chat) for source in sources for dialogue in source.dialogues]
    paired = config.architecture == "seq2seq"
    layout = Layout(config.max_tokens, packed=config.packed and not paired, single=paired)
    sizes, shares = [len(s.dialogues) for s in sources], [s.share for s in sources]
    plan: list[list[Unit]] = []
    for epoch in range(config.epochs):
        rng = random.Random(f"{config.seed} {epoch}")
        taken = draw(sizes, shares, rng)
        rows = plan_epoch([encoded[number] for number in taken], layout, config.queries, rng)
        rows = [[unit._replace(dialogue=taken[unit.dialogue]) for unit in row] for row in rows]
        plan += rows if layout.packed else group_lengths(rows, config.batch, rng)
    oversized = count_oversized(encoded, config.max_tokens)
    return Rows(encoded, plan, config.isolated), oversized


@dataclass(frozen=True, slots=True)
class Collator:
    """Rows as the tensors of a decoder: it is asked only where there are labels."""

    pad: int
    prefix: bool

    def __call__(self, rows: Sequence[Row]) -> dict[str, Any]:
        batch = collate(rows, self.pad, prefix=self.prefix)
        labels = torch.from_numpy(batch.labels)
        return {
            "input_ids": torch.from_numpy(batch.ids),
            "attention_mask": torch.from_numpy(batch.mask),
            "position_ids": torch.from_numpy(batch.positions),
            "asked": labels != IGNORED,
            "labels": labels,
            "units": batch.units,
        }


@dataclass(frozen=True, slots=True)
class PairCollator:
    """Rows of one exchange each as the tensors of an encoder and its decoder."""

    pad: int
    start: int

    def __call__(self, rows: Sequence[Row]) -> dict[str, torch.Tensor]:
        asked = [row.ids[: first_label(row) + 1].tolist() for row in rows]
        said = [row.labels[row.labels != IGNORED].tolist() for row in rows]
        read, answers = pad_rows(asked, self.pad), pad_rows(said, IGNORED)
        shifted = answers.roll(1, 1)
        shifted[:, 0] = self.start
        return {
            "input_ids": read,
            "attention_mask": pad_rows([[1] * len(row) for row in asked], 0),
            "decoder_input_ids": shifted.masked_fill(shifted == IGNORED, self.pad),
            "labels": answers,
        }


def first_label(row: Row) -> int:
    """The position that is asked for the first token of the answer."""
    return int((row.labels != IGNORED).argmax())


def pad_rows(rows: Sequence[Sequence[int]], fill: int) -> torch.Tensor:
    """Rows of any length as one tensor [B, T]."""
    width = max(map(len, rows))
    return torch.tensor([[*row, *[fill] * (width - len(row))] for row in rows])
