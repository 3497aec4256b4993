"""A generative student within this process, whole: windows, types, thresholds, faults."""

import json
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from toy_llama import Toy, make_bytes, save_student
from uniner.chat.variants import Variant, ask
from uniner.records import ConfigError, Entity, InputError, Passage, Prediction, RecordError
from uniner.students.generative.answers import FreeAnswer
from uniner.students.generative.decoding import Decoding, Precision
from uniner.students.generative.extractor import GenerativeStudent, load_generative
from uniner.students.generative.settings import FILE, GenerativeSettings
from uniner.students.ground import CUT_OFF, NOT_A_MENTION, NOT_ASKED, NOT_IN_TEXT

SETTINGS: dict[Toy, GenerativeSettings] = {
    "llama": GenerativeSettings("toy llama", max_tokens=400, threshold=0.4),
    "bert": GenerativeSettings("toy bert", "prefix", "bare", max_tokens=160, threshold=0.4),
    "t5": GenerativeSettings("toy t5", "seq2seq", "bare", max_tokens=160, threshold=0.4),
}
TEXTS = [
    'Mira "M" Oslo [b. 1867] left\nfor Rome \\ é U.S. café 東京 😀.',
    "Ivo saw Mira.",
    "",
    "Oslo",
]
TYPES = ["person", "city", "a place where people live", "drug"]


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[Toy, Path]:
    made: dict[Toy, Path] = {}
    for toy, settings in SETTINGS.items():
        made[toy] = tmp_path_factory.mktemp(toy)
        save_student(made[toy], toy, settings, seed=3)
    return made


def load(folders: dict[Toy, Path], toy: Toy, **options: object) -> GenerativeStudent:
    decoding = replace(Decoding(answer_tokens=24), **options)  # type: ignore[arg-type]
    return load_generative(folders[toy], threads=1, decoding=decoding)


def round_scores(predictions: Sequence[Prediction]) -> list[list[Entity]]:
    """The entities, with scores that do not depend on how tensors were padded."""
    return [[replace(e, score=round(e.score or 0.0, 3)) for e in p.entities] for p in predictions]


@pytest.mark.parametrize("toy", SETTINGS)
def test_entities_are_what_the_text_says_where_they_stand(
    toy: Toy, folders: dict[Toy, Path]
) -> None:
    student = load(folders, toy)

    predictions = student.extract(TEXTS, TYPES, 0.2, nested=True)

    assert [prediction.passage.text for prediction in predictions] == TEXTS
    assert predictions[2].entities == ()
    assert any(prediction.entities for prediction in predictions)
    for prediction in predictions:
        for entity in prediction.entities:
            assert prediction.passage.text[entity.start : entity.end] == entity.text
            assert entity.type in TYPES
            assert entity.score is not None


@pytest.mark.parametrize("toy", SETTINGS)
def test_asking_for_all_types_gives_what_asking_for_each_gives(
    toy: Toy, folders: dict[Toy, Path]
) -> None:
    student = load(folders, toy)

    together = round_scores(student.extract(TEXTS, TYPES, 0.2, nested=True))

    alone: list[list[Entity]] = [[] for _ in TEXTS]
    for number, text in enumerate(TEXTS):
        for kind in TYPES:
            alone[number] += round_scores(student.extract([text], [kind], 0.2, nested=True))[0]
        alone[number].sort(key=lambda e: (e.start, -e.end, e.type))
    assert together == alone


@pytest.mark.parametrize("grounded", [True, False])
@pytest.mark.parametrize("toy", SETTINGS)
def test_memory_bounds_do_not_change_answers(
    toy: Toy, grounded: bool, folders: dict[Toy, Path]
) -> None:
    wide = load(folders, toy, grounded=grounded).extract(TEXTS, TYPES)
    narrow = load(folders, toy, grounded=grounded, cells=1).extract(TEXTS, TYPES)

    assert round_scores(wide) == round_scores(narrow)
    assert [p.faults for p in wide] == [p.faults for p in narrow]


@pytest.mark.parametrize("toy", SETTINGS)
@pytest.mark.parametrize(
    "text",
    [
        "Mira met Ivo in Oslo. " * 60,
        "mira" * 400,
        "Mira" + " " * 900 + "Ivo" + "\n" * 900 + "Oslo",
        "東京" * 300,
        "\ud800" * 200 + " Mira",
    ],
)
def test_long_texts_are_read_whole_in_windows_that_fit(
    toy: Toy, text: str, folders: dict[Toy, Path]
) -> None:
    student = load(folders, toy)
    asked = student._reader.ask(["person"])
    passages = [Passage("0", text)]

    reads = list(student._reader.read(passages, asked))
    predictions = student.extract(passages, ["person"], 0.0)

    covered = {at for read in reads for at in range(read.window.start, read.window.end)}
    assert {at for at, letter in enumerate(text) if not letter.isspace()} <= covered
    bound = student.settings.max_tokens
    assert all(len(r.tokens) + len(asked.queries[0]) + 24 <= bound for r in reads)
    assert predictions[0].passage is passages[0]


def test_a_flat_prediction_has_no_overlaps(folders: dict[Toy, Path]) -> None:
    student = load(folders, "llama")
    text = "Mira met Ivo in Oslo. " * 30

    flat = student.extract([text], TYPES, 0.0)[0].entities
    nested = student.extract([text], TYPES, 0.0, nested=True)[0].entities

    assert all(one.end <= other.start for one, other in pairwise(flat))
    assert len(flat) < len(nested)


def test_the_threshold_decides_whether_answers_begin(folders: dict[Toy, Path]) -> None:
    student = load(folders, "llama")

    found = [
        len(student.extract(TEXTS[:1], TYPES, least, nested=True)[0].entities)
        for least in (0.0, 1.0)
    ]

    assert found[0] >= len(TYPES)
    assert found[1] == 0


def test_the_settings_threshold_is_the_default(folders: dict[Toy, Path]) -> None:
    student = load(folders, "llama")

    assert student.name == "toy llama"
    assert student.extract(TEXTS, TYPES) == student.extract(TEXTS, TYPES, 0.4)


def test_answers_that_are_cut_off_are_closed_and_said_to_be(folders: dict[Toy, Path]) -> None:
    student = load(folders, "llama", answer_tokens=3)

    prediction = student.extract(["Mira met Ivo in Oslo."], TYPES, 0.0)[0]

    assert {fault.why for fault in prediction.faults} == {CUT_OFF}
    assert all(fault.raw.startswith(' ["') for fault in prediction.faults)


@pytest.mark.parametrize("toy", SETTINGS)
def test_free_answers_of_an_untrained_model_are_faults(toy: Toy, folders: dict[Toy, Path]) -> None:
    prediction = load(folders, toy, grounded=False).extract(TEXTS[:1], TYPES)[0]

    assert prediction.entities == ()
    assert [fault.type for fault in prediction.faults] == TYPES
    assert {fault.why for fault in prediction.faults} <= {CUT_OFF, "is not JSON"}


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
def test_models_run_in_half_precision(precision: Precision, folders: dict[Toy, Path]) -> None:
    student = load(folders, "llama", precision=precision)

    assert student.extract(["Mira met Ivo."], ["person"], 0.0)[0].entities


@pytest.mark.parametrize(
    ("texts", "types", "threshold", "message"),
    [
        ("Mira", ["person"], None, "wrap a single text"),
        (["Mira"], [], None, "name at least one"),
        (["Mira"], [" "], None, "type is empty"),
        (["Mira"], ["person"], 1.5, r"threshold 1.5 is not within"),
        (["Mira"], ["person of note " * 26], None, "leaves no room"),
    ],
)
def test_impossible_questions_are_refused(
    texts: Sequence[str],
    types: list[str],
    threshold: float | None,
    message: str,
    folders: dict[Toy, Path],
) -> None:
    with pytest.raises(RecordError, match=message):
        load(folders, "llama").extract(texts, types, threshold)


def test_a_folder_without_its_parts_is_named(tmp_path: Path, folders: dict[Toy, Path]) -> None:
    (tmp_path / FILE).write_text((folders["llama"] / FILE).read_text())
    with pytest.raises(InputError, match="tokenizer does not load"):
        load_generative(tmp_path)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (tmp_path / name).write_bytes((folders["llama"] / name).read_bytes())
    with pytest.raises(InputError, match="the model does not load"):
        load_generative(tmp_path)


def test_an_answer_of_pairs_is_read_type_by_type() -> None:
    text = "Ada met Bo in Oslo."
    pairs = [["Ada", "Person"], ["Bo", "person"], ["Oslo", "city"], ["Rome", "city"]]
    said = json.dumps([*pairs, ["Ada", "drug"], "Oslo"])
    tokenizer = make_bytes()
    question = ask("all-in-one", ["person", "city"], lambda _: None)[0]
    tokens = tokenizer.encode(said, add_special_tokens=False).ids

    found = FreeAnswer(text, tokenizer, 0, 999, tokens, over=True).read(question)

    assert [(e.text, e.type) for e in found.entities] == [
        ("Ada", "person"),
        ("Bo", "person"),
        ("Oslo", "city"),
    ]
    assert [(fault.type, fault.why, fault.raw) for fault in found.faults] == [
        ("city", NOT_IN_TEXT, "Rome"),
        ("drug", NOT_ASKED, "Ada"),
        ("person, city", NOT_A_MENTION, "Oslo"),
    ]


@pytest.mark.parametrize("variant", ["all-in-one", "ner", "definition"])
def test_a_student_is_asked_as_it_was_trained(variant: Variant, tmp_path: Path) -> None:
    settings = replace(SETTINGS["llama"], variant=variant, max_tokens=800)
    save_student(tmp_path, "llama", settings, seed=3)
    student = load_generative(tmp_path, threads=1, decoding=Decoding(answer_tokens=8))

    (prediction,) = student.extract(["Mira left Rome."], ["person", "city"], 0.2, nested=True)

    labels = {fault.type for fault in prediction.faults}
    if variant == "definition":
        assert labels <= {"person", "city"}
    else:
        assert labels == {"person, city"}, "one question, which an untrained model answers badly"


def test_an_impossible_bound_is_refused() -> None:
    with pytest.raises(ConfigError, match="at least 1"):
        Decoding(answer_tokens=0)
