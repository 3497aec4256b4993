"""Passages and teachers become grounded annotations; no passage is lost on the way."""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from uniner.corpus import sample
from uniner.records import ConfigError, Entity, Passage
from uniner.teacher.annotate import Annotation, Method, annotate, combine
from uniner.teacher.clean import Drops, Reason
from uniner.teacher.recorded import Asked, recorded
from uniner.teacher.teacher import OVER_BUDGET, Answer, Failure, Prompt, Reply, Teacher

PASSAGE = Passage("p", "New York is not York.")
LEEDS = Passage("p", "Leeds is not York.")
YORK = '[["York", ["town", "city"]]]'


@dataclass
class Scripted:
    """A teacher that says what a function says of a prompt, and remembers the prompts."""

    say: Callable[[Prompt], str | None]
    asked: list[Prompt] = field(default_factory=list)

    def key_of(self, prompt: Prompt) -> str:
        return repr(prompt)

    async def answer(self, prompt: Prompt) -> Answer:
        self.asked.append(prompt)
        await asyncio.sleep(0.001 * (3 - prompt.sample))
        raw = self.say(prompt)
        return Failure(prompt.id, "timeout") if raw is None else Reply(prompt.id, raw, "m")


def run(method: Method, *teachers: Teacher, passage: Passage = LEEDS) -> Annotation:
    return asyncio.run(annotate(passage, teachers, method))


def ask(raw: str | None) -> Annotation:
    """The annotation from one answer."""
    return run(Method(), Scripted(lambda _: raw), passage=PASSAGE)


def entities_of(annotation: Annotation) -> list[tuple[str, str, float | None]]:
    assert annotation.annotated is not None
    return [(e.text, e.type, e.score) for e in annotation.annotated.entities]


def test_entities_stand_in_reading_order_and_their_types_from_specific_to_general() -> None:
    annotated, drops, replies = ask(
        '[["York", ["town", "city", "location"]], ["New York", ["city", "location"]]]'
    )
    assert annotated is not None
    assert annotated.entities == (
        Entity(0, 8, "New York", "city"),
        Entity(0, 8, "New York", "location"),
        Entity(16, 20, "York", "town"),
        Entity(16, 20, "York", "city"),
        Entity(16, 20, "York", "location"),
    )
    assert not drops
    assert [asked for asked, _ in replies] == [Asked("p")]


def test_the_passages_own_letters_are_kept() -> None:
    assert entities_of(ask('[["new york", "city"]]')) == [("New York", "city", None)]


def test_without_a_readable_reply_there_is_no_annotation_to_learn_a_falsehood_from() -> None:
    assert ask(None) == (None, {Reason.NO_REPLY: 1}, ())
    annotated, drops, replies = ask("Sorry")
    assert (annotated, drops, len(replies)) == (None, {Reason.MALFORMED: 1}, 1)


def test_a_prompt_that_money_did_not_allow_is_told_from_one_without_a_reply() -> None:
    class Broke(Scripted):
        async def answer(self, prompt: Prompt) -> Answer:
            return Failure(prompt.id, OVER_BUDGET)

    assert run(Method(), Broke(lambda _: "")).drops == {Reason.BUDGET: 1}


def test_an_empty_list_is_an_annotation_without_entities() -> None:
    assert entities_of(ask("[]")) == []


def test_of_several_answers_an_entity_keeps_the_share_that_give_it() -> None:
    replies = [YORK, '[["York", "city"], ["Leeds", "city"]]', "nothing", '[["York", "city"]]']
    teacher = Scripted(lambda prompt: replies[prompt.sample])
    annotation = run(Method(samples=4), teacher)
    assert entities_of(annotation) == [
        ("Leeds", "city", 1 / 3),
        ("York", "town", 1 / 3),
        ("York", "city", 1.0),
    ]
    assert annotation.drops == {Reason.MALFORMED: 1}
    assert [prompt.sample for prompt in teacher.asked] == [0, 1, 2, 3]
    assert [(asked.sample, reply.raw) for asked, reply in annotation.replies] == list(
        enumerate(replies)
    )
    kept = run(Method(samples=4, agreement=0.5), teacher)
    assert entities_of(kept) == [("York", "city", 1.0)]
    assert kept.drops == {Reason.MALFORMED: 1, Reason.DISAGREED: 2}


def test_a_longer_mention_of_any_answer_takes_the_place_of_one_inside_it_in_all() -> None:
    replies = [YORK, '[["New York", "city"]]']
    teacher = Scripted(lambda prompt: replies[prompt.sample])
    annotation = run(Method(samples=2), teacher, passage=PASSAGE)
    assert annotation.annotated is not None
    assert [entity.span for entity in annotation.annotated.entities] == [(0, 8), (16, 20), (16, 20)]


def test_several_teachers_vote_and_their_answers_are_numbered_one_after_another() -> None:
    first, second = Scripted(lambda _: YORK), Scripted(lambda _: '[["Leeds", "city"]]')
    annotation = run(Method(samples=2), first, second)
    assert entities_of(annotation) == [
        ("Leeds", "city", 0.5),
        ("York", "town", 0.5),
        ("York", "city", 0.5),
    ]
    assert [asked.sample for asked, _ in annotation.replies] == [0, 1, 2, 3]
    assert [reply.raw for _, reply in annotation.replies][:2] == [YORK, YORK]


def test_ladders_of_several_answers_merge_from_specific_to_general() -> None:
    found = [{(0, 1): ("senator", "person")}, {(0, 1): ("person",)}]
    found.append({(0, 1): ("poet", "writer", "person")})
    merged = combine(found)  # type: ignore[arg-type]
    assert list(merged[0, 1]) == ["poet", "senator", "writer", "person"]  # type: ignore[index]


def test_phrases_that_were_left_out_are_asked_about_and_only_these_are_added() -> None:
    def say(prompt: Prompt) -> str:
        return YORK if prompt.kind == "entities" else '[["Leeds", "city"], ["not", "word"]]'

    teacher = Scripted(say)
    method = Method(candidates=lambda text: ["Leeds", "york"])
    annotation = run(method, teacher)
    assert entities_of(annotation) == [
        ("Leeds", "city", None),
        ("York", "town", None),
        ("York", "city", None),
    ]
    assert [prompt.kind for prompt in teacher.asked] == ["entities", "candidates"]
    assert "Leeds" in teacher.asked[1].user.replace(LEEDS.text, "")
    assert [asked.kind for asked, _ in annotation.replies] == ["entities", "candidates"]


def test_nothing_is_asked_again_where_nothing_was_left_out_or_no_answer_was_read() -> None:
    teacher = Scripted(lambda _: YORK)
    run(Method(candidates=lambda text: ["York"]), teacher)
    assert len(teacher.asked) == 1
    failing = Scripted(lambda _: None)
    run(Method(candidates=lambda text: ["York"], verify=True), failing)
    assert len(failing.asked) == 1


@pytest.mark.parametrize(
    ("verdict", "kept", "drops"),
    [
        ("[2]", [("York", "city", None)], {Reason.REFUTED: 1}),
        ("[]", [], {Reason.REFUTED: 2}),
        ("[1, 2, 7]", [("York", "town", None), ("York", "city", None)], {}),
        ("Well.", [("York", "town", None), ("York", "city", None)], {Reason.UNVERIFIED: 1}),
        (None, [("York", "town", None), ("York", "city", None)], {Reason.UNVERIFIED: 1}),
    ],
)
def test_what_the_teacher_does_not_stand_by_goes(
    verdict: str | None, kept: list[tuple[str, str, None]], drops: dict[Reason, int]
) -> None:
    teacher = Scripted(lambda prompt: YORK if prompt.kind == "entities" else verdict)
    annotation = run(Method(verify=True), teacher)
    assert entities_of(annotation) == kept
    assert annotation.drops == drops


def test_replies_that_were_kept_replay_the_whole_interview() -> None:
    replies = {"entities": YORK, "candidates": '[["Leeds", "city"]]', "verification": "[1]"}
    method = Method(samples=2, candidates=lambda text: ["Leeds"], verify=True)
    first = run(method, Scripted(lambda prompt: replies[prompt.kind]))
    rows = [
        {"id": asked.id, "reply": reply.raw, "kind": asked.kind, "sample": asked.sample}
        for asked, reply in first.replies
    ]
    again = run(method, recorded(rows))
    assert again.annotated == first.annotated
    assert again.drops == first.drops


def test_definitions_are_types_in_their_own_words() -> None:
    raw = '[("York", "A city in the north of England.")]'
    (entity,) = entities_of(run(Method(mode="definition"), Scripted(lambda _: raw)))
    assert entity[1].startswith("A city in the north of England")


@pytest.mark.parametrize(
    ("values", "message"), [({"samples": 0}, "samples"), ({"agreement": 1.5}, "agreement")]
)
def test_impossible_methods_are_refused(values: dict[str, float], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        Method(**values)  # type: ignore[arg-type]


def test_the_whole_sample_goes_through_and_no_passage_is_lost() -> None:
    passages = list(sample.read_passages())
    teacher = [recorded(sample.read_replies())]

    async def annotate_all() -> list[Annotation]:
        return [await annotate(passage, teacher, Method()) for passage in passages]

    found = asyncio.run(annotate_all())
    annotated = [one.annotated for one in found if one.annotated is not None]
    assert [one.passage for one in annotated] == passages
    entities = [(one.passage.id, entity) for one in annotated for entity in one.entities]
    assert len(passages) == 6685
    assert len({(id, entity.span) for id, entity in entities}) == 82621
    assert len(entities) == 173762
    assert len({entity.type for _, entity in entities}) == 15109
    drops: Drops = sum((one.drops for one in found), Counter())
    assert drops == {Reason.INSIDE_WORD: 4}
