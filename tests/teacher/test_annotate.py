"""Passages and a teacher become grounded annotations; no passage is lost on the way."""

from collections import Counter

from uniner.corpus import sample
from uniner.records import Entity, Passage
from uniner.teacher.annotate import annotate, annotate_passage
from uniner.teacher.clean import Drops, Reason
from uniner.teacher.recorded import recorded
from uniner.teacher.teacher import Failure, Reply

PASSAGE = Passage("p", "New York is not York.")


def test_entities_stand_in_reading_order_and_their_types_from_specific_to_general() -> None:
    raw = '[["York", ["town", "city", "location"]], ["New York", ["city", "location"]]]'
    annotated, drops = annotate_passage(PASSAGE, Reply("p", raw, "m"))
    assert annotated is not None
    assert annotated.entities == (
        Entity(0, 8, "New York", "city"),
        Entity(0, 8, "New York", "location"),
        Entity(16, 20, "York", "town"),
        Entity(16, 20, "York", "city"),
        Entity(16, 20, "York", "location"),
    )
    assert not drops


def test_the_passages_own_letters_are_kept() -> None:
    annotated, _ = annotate_passage(PASSAGE, Reply("p", '[["new york", "city"]]', "m"))
    assert annotated is not None
    assert annotated.entities == (Entity(0, 8, "New York", "city"),)


def test_without_a_readable_reply_there_is_no_annotation_to_learn_a_falsehood_from() -> None:
    assert annotate_passage(PASSAGE, Failure("p", "timeout")) == (None, {Reason.NO_REPLY: 1})
    assert annotate_passage(PASSAGE, Reply("p", "Sorry", "m")) == (None, {Reason.MALFORMED: 1})


def test_an_empty_list_is_an_annotation_without_entities() -> None:
    annotated, drops = annotate_passage(PASSAGE, Reply("p", "[]", "m"))
    assert annotated is not None
    assert (annotated.entities, drops) == ((), {})


def test_the_whole_sample_goes_through_and_no_passage_is_lost() -> None:
    passages = list(sample.read_passages())
    found = list(annotate(passages, recorded(sample.read_replies())))
    annotated = [one.annotated for one in found if one.annotated is not None]
    assert [one.passage for one in annotated] == passages
    entities = [(one.passage.id, entity) for one in annotated for entity in one.entities]
    assert len(passages) == 6685
    assert len({(id, entity.span) for id, entity in entities}) == 82621
    assert len(entities) == 173762
    assert len({entity.type for _, entity in entities}) == 15109
    drops: Drops = sum((one.drops for one in found), Counter())
    assert drops == {Reason.INSIDE_WORD: 4}
