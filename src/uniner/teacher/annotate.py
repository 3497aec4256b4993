"""A passage and its teachers in, an annotated passage and counted drops out."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from uniner.records import Annotated, ConfigError, Entity, Passage, Span
from uniner.teacher.clean import Drops, Reason, clean
from uniner.teacher.parse import Malformed, Parsed, Reading, parse_numbers, parse_reply
from uniner.teacher.prompts import Form, Mode, candidate_prompt, entity_prompt, verify_prompt
from uniner.teacher.recorded import Asked
from uniner.teacher.teacher import OVER_BUDGET, Answer, Failure, Prompt, Reply, Teacher

Find: TypeAlias = Callable[[str], Sequence[str]]
"""Gives phrases of a text that may be entities."""

Types: TypeAlias = dict[Span, dict[str, float]]
"""The types of each span, from the most specific to the most general, and their weights."""


@dataclass(frozen=True, slots=True)
class Method:
    """How passages are annotated; as it stands, with one answer of one teacher, as in the paper.

    Each teacher answers `samples` times; of several answers an entity keeps as its score the share
    that give it, and is dropped where that is below `agreement`. `candidates` finds phrases that
    the first teacher is asked about again where it left them out; with `verify` it is asked at
    last which of its entities are right.
    """

    mode: Mode = "type"
    form: Form = "list"
    samples: int = 1
    agreement: float = 0.0
    candidates: Find | None = None
    verify: bool = False

    def __post_init__(self) -> None:
        if self.samples < 1:
            raise ConfigError(f"samples must be at least 1, not {self.samples!r}")
        if not 0.0 <= self.agreement <= 1.0:
            raise ConfigError(f"agreement must be within 0 and 1, not {self.agreement!r}")

    def prompts(self, passage: Passage) -> list[Prompt]:
        """What every teacher is asked about a passage."""
        return [entity_prompt(passage, self.mode, self.form, n) for n in range(self.samples)]


class Annotation(NamedTuple):
    """A passage annotated, or None where no reply could be read; what was dropped and replied."""

    annotated: Annotated | None
    drops: Drops
    replies: tuple[tuple[Asked, Reply], ...] = ()


async def annotate(passage: Passage, teachers: Sequence[Teacher], method: Method) -> Annotation:
    """Ask for the entities of a passage and keep what is grounded (section 3.1 of the paper).

    Entities come in the order of (start, end); those of one span, one a type, in the teacher's
    order: the most specific type first, the most general last.
    """
    interview = Interview(passage, method)
    types = await interview.ask_entities(teachers)
    if types is not None and method.candidates is not None:
        await interview.ask_candidates(teachers[0], types, method.candidates)
    if types and method.verify:
        await interview.ask_verification(teachers[0], types)
    annotated = None if types is None else Annotated(passage, interview.entities(types))
    return Annotation(annotated, +interview.drops, tuple(interview.replies))


@dataclass(slots=True)
class Interview:
    """What is asked about one passage, what was replied, and what of that was dropped."""

    passage: Passage
    method: Method
    drops: Drops = field(default_factory=Counter)
    replies: list[tuple[Asked, Reply]] = field(default_factory=list)
    answers: int = 0

    async def ask(self, questions: Sequence[tuple[Teacher, Prompt]]) -> list[Answer]:
        """The answers to questions asked at once, in their order; replies are noted."""
        asking = [teacher.answer(prompt) for teacher, prompt in questions]
        answers = await asyncio.gather(*asking) if len(asking) > 1 else [await asking[0]]
        for number, answer in enumerate(answers):
            if isinstance(answer, Reply):
                kind = questions[number][1].kind
                self.replies.append((Asked(self.passage.id, kind, number), answer))
        return answers

    async def ask_entities(self, teachers: Sequence[Teacher]) -> Types | None:
        """What the readable answers say together; None where there is none."""
        prompts = self.method.prompts(self.passage)
        answers = await self.ask([(teacher, p) for teacher in teachers for p in prompts])
        found = self.read(answers)
        self.answers = len(found)
        return self.agree(combine(found)) if found else None

    def agree(self, types: Types) -> Types:
        """The types on which enough answers agree."""
        kept = {
            span: {name: w for name, w in weights.items() if w >= self.method.agreement}
            for span, weights in types.items()
        }
        self.drops[Reason.DISAGREED] += sum(map(len, types.values())) - sum(map(len, kept.values()))
        return {span: weights for span, weights in kept.items() if weights}

    async def ask_candidates(self, teacher: Teacher, types: Types, find: Find) -> None:
        """Add to `types` what the teacher says of phrases that it left out."""
        text = self.passage.text
        known = {text[span.start : span.end] for span in types}
        folded = {mention.casefold() for mention in known}
        phrases = [phrase for phrase in find(text) if phrase.casefold() not in folded]
        if not phrases:
            return
        prompt = candidate_prompt(self.passage, phrases, self.method.mode, self.method.form)
        answers = await self.ask([(teacher, prompt)])
        asked = set(phrases)
        for found in self.read(answers, known):
            for span, names in found.items():
                if text[span.start : span.end] in asked:
                    types.setdefault(span, dict.fromkeys(names, 1 / (self.answers + 1)))

    async def ask_verification(self, teacher: Teacher, types: Types) -> None:
        """Take out of `types` what the teacher does not stand by."""
        text = self.passage.text
        pairs = list(
            dict.fromkeys(
                (text[s.start : s.end], name) for s, names in types.items() for name in names
            )
        )
        prompt = verify_prompt(self.passage, pairs, self.method.form)
        (answer,) = await self.ask([(teacher, prompt)])
        right = Malformed("", "") if isinstance(answer, Failure) else parse_numbers(answer.raw)
        if isinstance(right, Malformed):
            self.drops[Reason.UNVERIFIED] += 1
            return
        stands = {pair for number, pair in enumerate(pairs, start=1) if number in set(right)}
        self.drops[Reason.REFUTED] += len(pairs) - len(stands)
        for span, names in list(types.items()):
            mention = text[span.start : span.end]
            types[span] = {name: w for name, w in names.items() if (mention, name) in stands}

    def read(
        self, answers: Sequence[Answer], beside: Iterable[str] = ()
    ) -> list[dict[Span, tuple[str, ...]]]:
        """The grounded types of each readable answer; what is dropped is counted.

        Mentions are looked for with those of the other answers, and those `beside`, in view.
        """
        readings: list[Reading] = []
        for answer in answers:
            match answer:
                case Reply():
                    readings.append(parse_reply(answer.raw))
                case Failure():
                    over = answer.why == OVER_BUDGET
                    self.drops[Reason.BUDGET if over else Reason.NO_REPLY] += 1
        parsed = [reading for reading in readings if isinstance(reading, Parsed)]
        if len(parsed) > 1:
            beside = {*beside, *(item.mention.strip() for one in parsed for item in one.items)}
        found = []
        for reading in readings:
            types, drops = clean(reading, self.passage.text, self.method.mode, beside)
            self.drops.update(drops)
            if types is not None:
                found.append(types)
        return found

    def entities(self, types: Types) -> tuple[Entity, ...]:
        """Types as entities; their weights are scores where several answers were weighed."""
        text = self.passage.text
        return tuple(
            Entity(*span, text[span.start : span.end], name, weight if self.answers > 1 else None)
            for span, names in sorted(types.items())
            for name, weight in names.items()
        )


def combine(found: Sequence[dict[Span, tuple[str, ...]]]) -> Types:
    """Each span's types with the share of the answers that give them.

    The order of one answer is kept; of several, types stand by how far on average they are from
    the most general one of an answer.
    """
    if len(found) == 1:
        return {span: dict.fromkeys(names, 1.0) for span, names in found[0].items()}
    heights: dict[Span, dict[str, list[int]]] = {}
    for types in found:
        for span, names in types.items():
            for height, name in enumerate(reversed(names)):
                heights.setdefault(span, {}).setdefault(name, []).append(height)
    return {
        span: {
            name: len(places) / len(found)
            for name, places in sorted(named.items(), key=lambda item: -sum(item[1]) / len(item[1]))
        }
        for span, named in sorted(heights.items())
    }
