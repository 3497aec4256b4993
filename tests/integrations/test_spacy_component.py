"""uniner in spaCy pipelines: spans with scores, nothing lost in silence, saved and loaded."""

import pickle
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Doc, DocBin, Span

from uniner.integrations import models
from uniner.integrations import spacy as component
from uniner.integrations.spacy import (
    CLASHING,
    CONTRACTED,
    EXPANDED,
    REPEATED,
    UNALIGNED,
    EntityFinder,
)
from uniner.records import Entity, Fault, InputError, Passage, Prediction, RecordError
from uniner.students.lexicon import Lexicon

TEXT = "Ada met Bo in New York."
SETTINGS = {
    "types": ("person", "city"),
    "model": None,
    "threshold": None,
    "nested": False,
    "spans_key": "sc",
    "align": "expand",
    "existing": "keep",
}
FOUND = [(0, 3, "person", 0.9), (8, 10, "person", 0.5), (14, 22, "city", 0.75)]


class Fake:
    """Finds what it is told to in every text that is long enough, and knows what it was asked."""

    name = "fake"

    def __init__(self, *found: tuple[int, int, str, float | None]) -> None:
        self.found = found
        self.batches: list[list[str]] = []

    def extract(
        self,
        texts: Sequence[str | Passage],
        types: Sequence[str],
        threshold: float | None = None,
        *,
        nested: bool = False,
    ) -> list[Prediction]:
        self.batches.append([str(text) for text in texts])
        if "fail" in texts:
            raise InputError("told to fail")
        return [self.predict(str(text)) for text in texts]

    def predict(self, text: str) -> Prediction:
        entities = [Entity(s, e, text[s:e], k, p) for s, e, k, p in self.found if e <= len(text)]
        faults = (Fault("person", "is not JSON", "?"),) if text == "faulty" else ()
        return Prediction(Passage("x", text), tuple(entities), faults)


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Fake:
    model = Fake(*FOUND)
    monkeypatch.setattr(component, "find_extractor", lambda _: model)
    return model


def make(**config: Any) -> Language:
    nlp = spacy.blank("en")
    nlp.add_pipe("uniner", config={"types": ["person", "city"], **config})
    return nlp


def spell(spans: Sequence[Span]) -> list[tuple[str, str, float | None]]:
    return [(span.text, span.label_, span._.score) for span in spans]


def test_entities_become_ents_with_scores(fake: Fake) -> None:
    doc = make()(TEXT)
    found = [("Ada", "person", 0.9), ("Bo", "person", 0.5), ("New York", "city", 0.75)]
    assert spell(doc.ents) == found
    assert doc._.uniner_notes == {}
    assert "sc" not in doc.spans


def test_nested_entities_become_spans_and_each_type_keeps_its_score(fake: Fake) -> None:
    fake.found = ((0, 3, "person", 0.9), (0, 3, "city", 0.5), (0, 7, "city", None))
    doc = make(nested=True, spans_key="all")(TEXT)
    assert spell(list(doc.spans["all"])) == [
        ("Ada", "person", 0.9), ("Ada", "city", 0.5), ("Ada met", "city", None),
    ]  # fmt: skip
    assert doc.ents == ()


def test_documents_are_read_in_batches_and_come_back_in_order(fake: Fake) -> None:
    texts = [TEXT, "Ada left.", "", "Bo."] * 3
    docs = list(make().pipe(texts, batch_size=5))
    assert [len(batch) for batch in fake.batches] == [5, 5, 2]
    assert [doc.text for doc in docs] == texts
    assert [len(doc.ents) for doc in docs] == [3, 1, 0, 1] * 3


@pytest.mark.parametrize(
    ("align", "words", "notes"),
    [
        ("expand", ["Mira"], {EXPANDED: 2, CLASHING: 1}),
        ("contract", [], {UNALIGNED: 2}),
        ("drop", [], {UNALIGNED: 2}),
    ],
)
def test_a_mention_within_a_token_is_dealt_with_as_told_and_counted(
    fake: Fake, align: str, words: list[str], notes: dict[str, int]
) -> None:
    fake.found = ((0, 2, "person", 0.9), (1, 3, "person", 0.5))
    with pytest.warns(UserWarning, match="see doc._.uniner_notes"):
        doc = make(align=align)("Mira sat.")
    assert [span.text for span in doc.ents] == words
    assert doc._.uniner_notes == notes


def test_a_mention_is_contracted_to_the_tokens_in_it(fake: Fake) -> None:
    fake.found = ((0, 7, "person", 0.9),)
    with pytest.warns(UserWarning, match=CONTRACTED):
        doc = make(align="contract")("Mira sat.")
    assert spell(doc.ents) == [("Mira", "person", 0.9)]


@pytest.mark.parametrize(
    ("existing", "labels", "notes"),
    [
        ("keep", ["GPE", "person", "city"], {CLASHING: 1}),
        ("replace", ["person", "person", "city"], {}),
    ],
)
@pytest.mark.filterwarnings("ignore:uniner. mention over another entity")
def test_entities_that_are_there_stay_or_go_as_told(
    fake: Fake, existing: str, labels: list[str], notes: dict[str, int]
) -> None:
    nlp = make(existing=existing)
    doc = nlp.make_doc(TEXT)
    doc.ents = (Span(doc, 0, 2, "GPE"),)
    doc = nlp.get_pipe("uniner")(doc)
    assert [span.label_ for span in doc.ents] == labels
    assert doc._.uniner_notes == notes


@pytest.mark.filterwarnings("ignore:uniner. mention of a span")
def test_a_group_of_spans_that_is_there_stays_or_goes_as_told(fake: Fake) -> None:
    for existing, size in (("keep", 4), ("replace", 3)):
        nlp = make(existing=existing, nested=True)
        doc = nlp.make_doc(TEXT)
        doc.spans["sc"] = [Span(doc, 0, 2, "GPE"), Span(doc, 0, 1, "person")]
        doc = nlp.get_pipe("uniner")(doc)
        assert len(doc.spans["sc"]) == size
        assert doc._.uniner_notes == ({REPEATED: 1} if existing == "keep" else {})


def test_scores_travel_with_documents(fake: Fake) -> None:
    nlp = make()
    stored = DocBin(store_user_data=True, docs=[nlp(TEXT), nlp("Ada sat.")]).to_bytes()
    first, second = DocBin().from_bytes(stored).get_docs(nlp.vocab)
    assert [score for *_, score in spell(first.ents)] == [0.9, 0.5, 0.75]
    joined = Doc.from_docs([second, first])
    assert [score for *_, score in spell(joined.ents)] == [0.9, 0.9, 0.5, 0.75]


def test_faults_in_answers_are_a_warning(fake: Fake) -> None:
    fake.found = ()
    with pytest.warns(UserWarning, match=r"1 fault in answers: is not JSON \(1\)"):
        make()("faulty")


def test_what_goes_wrong_goes_to_the_handler_of_spacy(fake: Fake) -> None:
    nlp = make()
    with pytest.raises(InputError, match="told to fail"):
        list(nlp.pipe([TEXT, "fail"]))
    seen: list[str] = []
    count: Any = lambda name, proc, docs, error: seen.append(f"{name}: {error}")  # noqa: E731
    nlp.set_error_handler(count)
    assert [doc.text for doc in nlp.pipe([TEXT, "fail", "Ada."], batch_size=1)] == [TEXT, "Ada."]
    assert seen == ["uniner: told to fail"]


@pytest.mark.parametrize(
    ("config", "error", "message"),
    [
        ({"types": []}, RecordError, "no entity types"),
        ({"threshold": 2}, RecordError, "threshold 2"),
        ({"model": "./nowhere"}, InputError, "no such model"),
        ({"align": "guess"}, Exception, "align"),
    ],
)
def test_a_bad_setting_is_told_when_the_pipe_is_added(
    config: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        make(**config)


def test_the_settings_are_saved_and_loaded(fake: Fake, tmp_path: Path) -> None:
    nlp = make(threshold=0.25, nested=True)
    nlp.to_disk(tmp_path / "nlp")
    loaded = spacy.load(tmp_path / "nlp")
    other = make(types=["river"]).from_bytes(nlp.to_bytes())
    pickled = pickle.loads(pickle.dumps(nlp.get_pipe("uniner")))
    for pipe in (loaded.get_pipe("uniner"), other.get_pipe("uniner"), pickled):
        assert isinstance(pipe, EntityFinder)
        assert asdict(pipe.settings) == {**SETTINGS, "threshold": 0.25, "nested": True}
    doc = loaded(TEXT)
    assert doc.spans["sc"][2].text == "New York"
    with pytest.raises(InputError, match=r"uniner\.json: no such file"):
        pickled.from_disk(tmp_path)
    with pytest.raises(InputError, match="not the settings of a uniner component"):
        pickled.from_bytes(b"{}")


def test_another_extension_called_score_is_left_alone(
    fake: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    make()
    monkeypatch.setattr("spacy.tokens.underscore.Underscore.span_extensions", {})
    monkeypatch.setattr("spacy.tokens.underscore.Underscore.doc_extensions", {})
    Span.set_extension("score", default=7)
    with pytest.warns(UserWarning, match="is another's extension"):
        nlp = make()
    ents = nlp(TEXT).ents
    assert ents[0]._.score == 7
    assert ents[0]._.uniner_scores == {"person": 0.9}


def test_a_forked_process_loads_its_own_model(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[str | None] = []

    def load(model: str | None) -> Lexicon:
        loaded.append(model)
        return Lexicon({("ada",): {"person": 1.0}}, {"person": 1})

    monkeypatch.setattr(models, "load_extractor", load)
    models.load_once.cache_clear()
    for process in (1, 1, 2):
        monkeypatch.setattr("os.getpid", lambda process=process: process)
        models.find_extractor("some")
    models.load_once.cache_clear()
    assert loaded == ["some", "some"]


def test_the_entry_point_makes_the_factory_known(tmp_path: Path) -> None:
    info = tmp_path / "point-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: point\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[spacy_factories]\nuniner = uniner.integrations.spacy:make_uniner\n"
    )
    run = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import spacy; "
        "nlp = spacy.blank('en'); nlp.add_pipe('uniner', config={'types': ['city']}); "
        "print([e.text for e in nlp('She moved from Paris to Rome.').ents])"
    )
    done = subprocess.run(
        [sys.executable, "-c", run], capture_output=True, text=True, check=False, timeout=100
    )
    assert (done.stdout, done.returncode) == ("['Paris', 'Rome']\n", 0), done.stderr
