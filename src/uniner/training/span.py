"""Trains the span student: like lengths together, averaged weights, resumable by epoch."""

import functools
import math
import os
import pickle
import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from uniner.chat.negatives import TypeSampler
from uniner.corpus.taxonomy import Taxonomy
from uniner.records import ConfigError
from uniner.students.encode import Batch, Encoder, by_length
from uniner.training.config import SpanConfig
from uniner.training.device import Device
from uniner.training.examples import Example
from uniner.training.network import SpanNetwork
from uniner.training.objective import Surfaces, find_targets, loss_of

TYPE_PIECES = 64
"""Sub-words learnt from of one type: names are shorter, and of a definition the start will do."""


@dataclass(frozen=True)
class Source:
    """Examples in which the same types were looked for; an epoch draws `count`, all for None.

    ConfigError where there is none, or none that has an entity.
    """

    examples: Sequence[Example]
    count: int | None = None

    def __post_init__(self) -> None:
        if not self.examples:
            raise ConfigError("there is no passage to train on; look at the annotated file")
        if not self.frequencies:
            raise ConfigError("no training passage has an entity; look at the annotated file")

    @property
    def drawn(self) -> int:
        """How many examples an epoch has."""
        return len(self.examples) if self.count is None else self.count

    @functools.cached_property
    def frequencies(self) -> Counter[str]:
        """How often each type occurs."""
        ladders = (ladder for example in self.examples for ladder in example.gold.values())
        return Counter(name for ladder in ladders for name in ladder)


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a run of training stands."""

    epoch: int
    step: int
    loss: float


def tensors(batch: Batch, device: str) -> dict[str, Tensor]:
    """A batch's arrays on `device`."""
    return {
        name: torch.from_numpy(getattr(batch, name)).to(device)
        for name in ("ids", "shapes", "mask", "firsts", "lasts")
    }


def encode_types(
    network: SpanNetwork, encoder: Encoder, names: Sequence[str], device: str
) -> Tensor:
    """Type vectors [N, H + 1] of names, like lengths padded together."""
    windows = [encoder.type_name(name, TYPE_PIECES) for name in names]
    order: list[int] = []
    parts = []
    for group in by_length([len(window.ids) for window in windows], 2048):
        batch = Batch([windows[index] for index in group], encoder.pad)
        arrays = tensors(batch, device)
        hidden = network.embed(arrays["ids"], arrays["shapes"], arrays["mask"])
        parts.append(network.types(hidden, arrays["mask"]))
        order.extend(group)
    back = torch.empty(len(order), dtype=torch.long)
    back[torch.tensor(order)] = torch.arange(len(order))
    return torch.cat(parts)[back.to(device)]


def existing_spans(words: np.ndarray[Any, Any], columns: int, max_width: int) -> tuple[Tensor, Any]:
    """Flat indices of the spans [B, W, K] that lie within their windows, and their row numbers."""
    ends = np.arange(columns)[:, None] + np.arange(max_width)
    valid = ends[None] < words[:, None, None]
    rows = np.full(valid.shape, -1, np.int64)
    rows[valid] = np.arange(int(valid.sum()))
    return torch.from_numpy(np.flatnonzero(valid)), rows


class Lesson(NamedTuple):
    """What one step learns from; further types to ask are drawn by `sampler`."""

    examples: Sequence[Example]
    sampler: TypeSampler


class Trainer:
    """A network under training; `run` can be stopped after any epoch and continued.

    No step mixes sources: nobody has looked for the types of one in the passages of another.
    """

    def __init__(
        self,
        network: SpanNetwork,
        encoder: Encoder,
        config: SpanConfig,
        taxonomy: Taxonomy,
        sources: Sequence[Source],
    ) -> None:
        self.device = Device.best()
        self.network, self.encoder, self.config = network.to(self.device.name), encoder, config
        self.related, self.sources = functools.cache(taxonomy.related), list(sources)
        self.samplers = [TypeSampler(config.negatives, s.frequencies) for s in self.sources]
        self.surfaces = Surfaces(taxonomy, config.alias, config.definition)
        if config.freeze_embeddings:
            network.encoder.get_input_embeddings().weight.requires_grad_(False)  # type: ignore[operator]
        self.optimizer = torch.optim.AdamW(list(self._groups()), betas=(0.9, 0.98))
        self.rates = [group["lr"] for group in self.optimizer.param_groups]
        self.average = {
            name: value.detach().clone()
            for name, value in network.named_parameters()
            if value.requires_grad
        }
        self.epoch, self.step = 0, 0
        sizes = [math.ceil(source.drawn / config.batch) for source in self.sources]
        self.steps = config.epochs * sum(sizes)

    def _groups(self) -> Iterator[dict[str, Any]]:
        config = self.config
        for in_encoder in (True, False):
            for decayed in (True, False):
                yield {
                    "params": [
                        value
                        for name, value in self.network.named_parameters()
                        if value.requires_grad
                        and name.startswith("encoder.") == in_encoder
                        and (value.ndim > 1) == decayed
                    ],
                    "lr": config.encoder_rate if in_encoder else config.head_rate,
                    "weight_decay": config.weight_decay if decayed else 0.0,
                }

    def run(
        self,
        *,
        checkpoint: Path | None = None,
        on_step: Callable[[Progress], None] = lambda _: None,
        on_epoch: Callable[["Trainer"], None] = lambda _: None,
    ) -> None:
        """Train to the last epoch; with a checkpoint, start from it and write it every epoch."""
        if checkpoint and checkpoint.is_file():
            self.restore(checkpoint)
        while self.epoch < self.config.epochs:
            rng = random.Random(f"{self.config.seed}:{self.epoch}")
            torch.manual_seed(self.config.seed * 1000 + self.epoch)
            self.network.reseed(self.config.seed * 1000 + self.epoch)
            self.network.train()
            losses = 0.0
            for count, lesson in enumerate(self._plan(rng), start=1):
                losses += self._learn(lesson, rng)
                on_step(Progress(self.epoch, self.step, losses / count))
            self.epoch += 1
            if checkpoint:
                self._save(checkpoint)
            on_epoch(self)

    def _plan(self, rng: random.Random) -> list[Lesson]:
        """An epoch's steps: examples of like lengths together, in any order."""
        size = self.config.batch
        lessons = []
        for source, sampler in zip(self.sources, self.samplers, strict=True):
            examples = rng.sample(source.examples, source.drawn)
            for start in range(0, len(examples), size * 16):
                pool = sorted(examples[start : start + size * 16], key=lambda e: len(e.window.ids))
                lessons += [Lesson(pool[i : i + size], sampler) for i in range(0, len(pool), size)]
        rng.shuffle(lessons)
        return lessons

    def _learn(self, lesson: Lesson, rng: random.Random) -> float:
        config, factor = self.config, self._schedule()
        for group, rate in zip(self.optimizer.param_groups, self.rates, strict=True):
            group["lr"] = rate * factor
        with self.device.autocast():
            loss = self._loss(lesson, rng)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimizer.step()
        self.step += 1
        decay = min(config.average, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            for name, value in self.network.named_parameters():
                if name in self.average:
                    self.average[name].lerp_(value, 1 - decay)
        return float(loss.detach())

    def _schedule(self) -> float:
        done, warmup = self.step / self.steps, max(1.0, self.config.warmup * self.steps)
        return min(1.0, (self.step + 1) / warmup) * (0.02 + 0.98 * max(0.0, 1 - done))

    def _allowed(self, examples: Sequence[Example], types: Sequence[str], drawn: int) -> Tensor:
        """Which types [B, N] each passage is asked: its own, and the last `drawn` ones."""
        column = {name: index for index, name in enumerate(types)}
        allowed = torch.zeros(len(examples), len(types), dtype=torch.bool)
        allowed[:, len(types) - drawn :] = True
        for row, example in enumerate(examples):
            for ladder in example.gold.values():
                allowed[row, [column[name] for name in ladder]] = True
        return allowed

    def _loss(self, lesson: Lesson, rng: random.Random) -> Tensor:
        config, (examples, sampler) = self.config, lesson
        windows = [
            example.lowered if rng.random() < config.lower else example.window
            for example in examples
        ]
        present = list(
            dict.fromkeys(
                name for example in examples for ladder in example.gold.values() for name in ladder
            )
        )
        drawn = sampler.draw(config.negative_count, set(present).__contains__, rng)
        types = present + drawn
        if not types:  # passages without entities still teach what is none
            types = rng.sample(sampler.names, 1)
        batch = Batch(windows, self.encoder.pad)
        arrays = tensors(batch, self.device.name)
        vectors = encode_types(
            self.network,
            self.encoder,
            [self.surfaces.choose(name, rng) for name in types],
            self.device.name,
        )
        hidden = self.network.embed(arrays["ids"], arrays["shapes"], arrays["mask"])
        spans = self.network.spans(hidden, arrays["firsts"], arrays["lasts"])
        kept, rows = existing_spans(batch.words, spans.shape[1], config.max_width)
        logits = self.network.scores(
            spans.flatten(0, 2)[kept.to(self.device.name)], vectors
        ).float()
        if config.negatives != "frequency":  # there, what other passages are asked serves as well
            allowed = self._allowed(examples, types, len(drawn))
            passages = torch.from_numpy(np.nonzero(rows >= 0)[0])
            logits = logits.masked_fill(~allowed[passages].to(logits.device), -100.0)
        targets = find_targets(examples, rows, types, self.related, rng)
        return loss_of(logits, targets, gamma=config.gamma, select=config.select)

    def use_average(self) -> None:
        """Put the averaged weights in place of the last ones."""
        self._put(self.average)

    @contextmanager
    def averaged(self) -> Iterator[SpanNetwork]:
        """The network with the averaged weights, as long as the block lasts."""
        last = {
            name: value.detach().clone()
            for name, value in self.network.named_parameters()
            if name in self.average
        }
        self.use_average()
        try:
            yield self.network
        finally:
            self._put(last)

    @torch.no_grad()
    def _put(self, weights: Mapping[str, Tensor]) -> None:
        for name, value in self.network.named_parameters():
            if name in weights:
                value.copy_(weights[name])

    def _save(self, path: Path) -> None:
        part = path.with_suffix(".part")
        torch.save(
            {
                "config": asdict(self.config),
                "epoch": self.epoch,
                "step": self.step,
                "network": self.network.state_dict(),
                "average": self.average,
                "optimizer": self.optimizer.state_dict(),
            },
            part,
        )
        os.replace(part, path)  # noqa: PTH105 - both are paths in one folder; atomic

    def restore(self, path: Path) -> None:
        """Go on from where a checkpoint was written; ConfigError where it is another run's."""
        try:
            state = torch.load(path, map_location=self.device.name, weights_only=True)
            config = state["config"]
        except (pickle.UnpicklingError, RuntimeError, EOFError, KeyError, TypeError):
            raise ConfigError(f"{path}: not a checkpoint of a training; remove it") from None
        if config != asdict(self.config):
            raise ConfigError(
                f"{path}: was trained with another recipe; remove it or choose another --out"
            )
        self.network.load_state_dict(state["network"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.average.update(state["average"])
        self.epoch, self.step = state["epoch"], state["step"]
