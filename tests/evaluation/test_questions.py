"""Questions like a user's: some of a passage's types, filled up with types that are not there."""

from hypothesis import given
from hypothesis import strategies as st

from uniner.corpus.taxonomy import Taxonomy
from uniner.evaluation.questions import Question, ask, pair_flat
from uniner.records import Annotated, Entity, Passage, Prediction

TAXONOMY = Taxonomy({"poet": ("person",), "city": ("place",), "river": ("place",)}, {})
TYPES = ["poet", "person", "city", "river", "place", "drug", "song", "award"]
TEXT = "Mira left Oslo"
PLACES = [(0, 4), (5, 9), (10, 14)]

ENTITIES = st.lists(
    st.builds(
        lambda place, kind: Entity(place[0], place[1], TEXT[place[0] : place[1]], kind),
        st.sampled_from(PLACES),
        st.sampled_from(TYPES),
    ),
    max_size=5,
)
RECORDS = st.lists(
    st.builds(lambda entities: Annotated(Passage("p", TEXT), tuple(entities)), ENTITIES),
    max_size=6,
)


@given(RECORDS, st.integers(1, 6), st.integers(0, 3))
def test_no_type_is_asked_that_may_be_true_of_something_present(
    records: list[Annotated], size: int, seed: int
) -> None:
    questions = ask(records, TAXONOMY.related, size=size, seed=seed)
    assert questions == ask(records, TAXONOMY.related, size=size, seed=seed)
    asked_of = {id(question.passage): question for question in questions}
    for record in records:
        question = asked_of.get(id(record.passage))
        if question is None:
            continue
        present = {entity.type for entity in record.entities}
        absent = set(question.types) - present
        assert not any(absent & TAXONOMY.related(name) for name in present)
        assert 1 <= len(question.types) == len(set(question.types)) <= size
        assert question.entities == tuple(e for e in record.entities if e.type in question.types)


def test_about_half_of_the_present_types_are_asked_and_frequent_ones_fill_up() -> None:
    common = Annotated(Passage("c", TEXT), (Entity(0, 4, "Mira", "drug"),))
    rare = Annotated(Passage("r", TEXT), (Entity(0, 4, "Mira", "song"),))
    questions = ask([common] * 300 + [rare], TAXONOMY.related, size=1)
    present = sum(question.types == ("drug",) for question in questions)
    assert 110 < present < 190


def test_of_one_span_the_most_specific_type_is_the_right_flat_answer() -> None:
    poet, person, city = (
        Entity(0, 4, "Mira", "poet"),
        Entity(0, 4, "Mira", "person"),
        Entity(10, 14, "Oslo", "city"),
    )
    question = Question(Passage("p", TEXT), ("person", "poet", "city"), (poet, person, city))
    assert question.flat == (poet, city)
    [pair] = pair_flat([question], [Prediction(question.passage, (city,))])
    assert (pair.gold, pair.predicted) == ((poet, city), (city,))
