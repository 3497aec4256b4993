"""Generative students are trained, stopped, resumed, adapted and sharded."""

import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="training needs the extra train")
import torch
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, AutoModelForSeq2SeqLM

from toy_chat import make_dialogues, write_dialogues
from toy_llama import Toy, save_student
from uniner.chat.dialogue import Dialogue, Exchange
from uniner.construction.narrator import Advance, Silent
from uniner.evaluation.questions import Question
from uniner.records import ConfigError, Passage
from uniner.students.generative.extractor import GenerativeStudent
from uniner.students.generative.load import load_tokenizer
from uniner.students.generative.settings import Architecture, GenerativeSettings, read_settings
from uniner.training.generative.config import GenerativeConfig
from uniner.training.generative.curve import CURVE, plot_curve, read_curve
from uniner.training.generative.data import (
    Collator,
    Source,
    draw,
    hold_out,
    plan_training,
)
from uniner.training.generative.network import load_network
from uniner.training.generative.packing import (
    Layout,
    build_row,
    encode,
    plan_epoch,
)
from uniner.training.generative.trainer import REPEATING, loss_of, train_generative
from uniner.training.generative.tune import GIVEN, tune_threshold

RNG = random.Random(0)
SOURCE = Source(make_dialogues(), "toy")


def save(folder: Path, toy: Toy, architecture: Architecture) -> str:
    save_student(folder, toy, GenerativeSettings("toy", architecture, "bare"))
    return str(folder)


@pytest.fixture(scope="module")
def llama(tmp_path_factory: pytest.TempPathFactory) -> str:
    return save(tmp_path_factory.mktemp("llama"), "llama", "causal")


@pytest.fixture(scope="module")
def bert(tmp_path_factory: pytest.TempPathFactory) -> str:
    return save(tmp_path_factory.mktemp("bert"), "bert", "prefix")


def config_of(base: str, **changes: object) -> GenerativeConfig:
    config = GenerativeConfig(base, max_tokens=512, epochs=2, rate=3e-3, batch=4, template="bare")
    return replace(config, **changes)  # type: ignore[arg-type]


def train(config: GenerativeConfig, out: Path) -> Path:
    return train_generative([SOURCE], SOURCE.dialogues[:4], config, out, Silent())


@pytest.mark.parametrize("architecture", ["causal", "prefix"])
def test_a_student_learns_its_conversations(bert: str, architecture: str, tmp_path: Path) -> None:
    changes = {"architecture": architecture, "max_tokens": 80, "epochs": 12, "packed": False}
    model = train(config_of(bert, isolated=True, **changes), tmp_path / "run")
    curve = read_curve(tmp_path / "run" / CURVE)
    steps = list(curve.train)
    assert curve.train[steps[-1]] < 0.6 * curve.train[steps[0]]
    assert curve.dev[max(curve.dev)] < 0.6 * curve.train[steps[0]]
    assert read_settings(model).architecture == architecture
    assert read_settings(model).name == "run"
    weights = sorted(path.name for path in model.iterdir() if path.suffix in (".bin", ".pt"))
    assert not weights, "safetensors only"
    AutoModelForCausalLM.from_pretrained(model, use_safetensors=True)
    plot_curve(curve, tmp_path / "curve.svg")
    assert "dev" in (tmp_path / "curve.svg").read_text()


class Stopping(Silent):
    """A narrator who loses patience in the middle of a training."""

    @contextmanager
    def progress(self, label: str, total: int | None) -> Iterator[Advance]:
        done = 0

        def advance(amount: int, note: str = "") -> None:
            nonlocal done
            done += amount
            if label == "training steps" and done >= 5:
                raise KeyboardInterrupt

        yield advance


def test_a_training_that_was_stopped_ends_as_if_it_had_not_been(llama: str, tmp_path: Path) -> None:
    config = config_of(llama, epochs=4, packed=False)
    whole = train(config, tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        train_generative([SOURCE], [], config, tmp_path / "run", Stopping())
    assert not (tmp_path / "run" / "model").exists()
    resumed = train(config, tmp_path / "run")
    one, other = (load_file(model / "model.safetensors") for model in (whole, resumed))
    assert one.keys() == other.keys()
    for name in one:
        torch.testing.assert_close(one[name], other[name])


def test_a_base_learns_to_repeat_first_and_once(bert: str, tmp_path: Path) -> None:
    config = config_of(bert, architecture="prefix", repeat=2, epochs=1, max_tokens=80)
    model = train(config, tmp_path / "run")
    first = tmp_path / "run" / REPEATING
    described = json.loads((first / "training.json").read_text())["config"]
    assert (described["epochs"], described["repeat"], described["base"]) == (2, 0, bert)
    losses = [*read_curve(first / CURVE).train.values()]
    assert losses[-1] < losses[0]

    # What comes after is as if that base had been given.
    plain = replace(config, base=str(first / "model"), repeat=0)
    expected = load_file(train(plain, tmp_path / "plain") / "model.safetensors")
    found = load_file(model / "model.safetensors")
    assert all(found[name].equal(value) for name, value in expected.items())
    assert json.loads((tmp_path / "run" / "training.json").read_text())["config"]["repeat"] == 2


def test_a_folder_of_another_training_is_refused(llama: str, tmp_path: Path) -> None:
    train(config_of(llama, epochs=1), tmp_path / "run")
    with pytest.raises(ConfigError, match="holds another training"):
        train(config_of(llama, epochs=1, rate=1e-4), tmp_path / "run")


@pytest.mark.parametrize(("base", "architecture"), [("llama", "causal"), ("bert", "prefix")])
@pytest.mark.parametrize("isolated", [True, False])
def test_what_shares_a_row_does_not_see_one_another(
    base: str, architecture: str, isolated: bool, request: pytest.FixtureRequest
) -> None:
    folder = request.getfixturevalue(base)
    config = config_of(folder, architecture=architecture, isolated=isolated, max_tokens=80)
    network = load_network(config).eval()
    chat = load_tokenizer(folder, "bare")
    encoded = [encode(dialogue, chat) for dialogue in SOURCE.dialogues[:2]]
    units = [unit for row in plan_epoch(encoded, Layout(400, packed=False), 0, RNG) for unit in row]
    together = build_row(units, encoded, isolated=isolated)
    apart = [build_row([unit], encoded, isolated=isolated) for unit in units]
    collator = Collator(0, architecture == "prefix")

    def logits(rows: list) -> torch.Tensor:  # type: ignore[type-arg]
        batch = collator(rows)
        batch.pop("labels")
        with torch.no_grad():
            found: torch.Tensor = network(**batch).logits
        return found

    each = torch.cat([logits([row]) for row in apart])
    torch.testing.assert_close(logits([together]), each, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(logits(apart), each, rtol=1e-4, atol=1e-4)


def test_low_rank_additions_are_merged_into_the_model(llama: str, tmp_path: Path) -> None:
    config = config_of(llama, adaptation="lora", lora_rank=4, rate=1e-2, packed=False)
    model = train(config, tmp_path / "run")
    before = load_file(Path(llama) / "model.safetensors")
    after = load_file(model / "model.safetensors")
    assert before.keys() == after.keys()
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert changed
    assert all("_proj" in name for name in changed), "embeddings and norms are frozen"
    curve = read_curve(tmp_path / "run" / CURVE)
    assert curve.train[max(curve.train)] < curve.train[min(curve.train)]


def test_four_bit_training_says_what_it_lacks(llama: str, tmp_path: Path) -> None:
    pytest.importorskip("peft")
    if torch.cuda.is_available():
        pytest.skip("with a GPU it may lack nothing")
    with pytest.raises(ConfigError, match="does not load"):
        train(config_of(llama, adaptation="qlora"), tmp_path / "run")


def test_an_encoder_and_decoder_learn_too(tmp_path: Path) -> None:
    base = save(tmp_path / "t5", "t5", "seq2seq")
    config = config_of(base, architecture="seq2seq", epochs=4, batch=8, checkpointing=True)
    model = train(config, tmp_path / "run")
    curve = read_curve(tmp_path / "run" / CURVE)
    assert curve.train[max(curve.train)] < 0.7 * curve.train[min(curve.train)]
    AutoModelForSeq2SeqLM.from_pretrained(model, use_safetensors=True)


def test_rows_longer_than_a_base_reads_are_refused_before_anything_is_written(
    bert: str, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match="reads 256 tokens: max_tokens cannot be 512"):
        train(config_of(bert, architecture="prefix"), tmp_path / "run")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("base", "architecture", "message"),
    [("llama", "seq2seq", "choose 'causal' or 'prefix'"), ("none", "causal", "does not load")],
)
def test_a_base_that_does_not_fit_is_refused(
    base: str, architecture: str, message: str, llama: str, tmp_path: Path
) -> None:
    folder = llama if base == "llama" else str(tmp_path / "none")
    with pytest.raises(ConfigError, match=message):
        load_network(config_of(folder, architecture=architecture))


def test_shares_say_how_much_of_each_file_an_epoch_takes(llama: str) -> None:
    taken = draw([10, 4], [0.5, 2.0], RNG)
    assert len([n for n in taken if n < 10]) == len({n for n in taken if n < 10}) == 5
    assert sorted(n for n in taken if n >= 10) == [10, 10, 11, 11, 12, 12, 13, 13]
    with pytest.raises(ConfigError, match="leaves nothing"):
        Source([], "none", 0.0)
    chat = load_tokenizer(llama, "bare")
    rare = Source([Dialogue("x", "x", (Exchange("a long question " * 40, "[]"),))], "rare")
    rows, oversized = plan_training([SOURCE, rare], chat, config_of(llama, epochs=1))
    assert oversized == 1
    held = {unit.dialogue for row in rows.plan for unit in row}
    assert held == set(range(len(SOURCE.dialogues)))


def test_the_dev_split_is_held_out_by_id() -> None:
    kept, dev = hold_out([SOURCE])
    names = [dialogue.id for dialogue in (*kept[0].dialogues, *dev)]
    assert sorted(names) == sorted(dialogue.id for dialogue in SOURCE.dialogues)
    assert 0 < len(dev) < len(kept[0].dialogues)


def test_logits_of_all_positions_give_the_same_loss() -> None:
    labels = torch.tensor([[-100, 2, 1, -100]])
    logits = torch.randn(1, 4, 5, generator=torch.Generator().manual_seed(0))

    class Output:
        def __init__(self, values: torch.Tensor) -> None:
            self.logits = values

    whole, chosen = Output(logits), Output(logits[labels != -100])
    torch.testing.assert_close(loss_of(whole, labels), loss_of(chosen, labels))
    expected = torch.nn.functional.cross_entropy(logits[0, 1:3], labels[0, 1:3])
    torch.testing.assert_close(loss_of(whole, labels), expected)
    torch.testing.assert_close(loss_of(whole, labels, 4), expected / 2)


def test_two_processes_with_sharded_weights_learn_as_one_does(llama: str, tmp_path: Path) -> None:
    data = write_dialogues(tmp_path / "data.json", list(SOURCE.dialogues))
    options = [str(data), "--family", "generative", "--base", llama]
    for change in ("epochs=2", "batch=4", "rate=1e-3", "max_tokens=512", "precision=float32"):
        options += ["--set", change]
    python = {**os.environ, "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}
    launch = "-m accelerate.commands.launch --num_processes 2 --num_machines 1 --use_fsdp"
    launch += " --fsdp_version 2 --fsdp_auto_wrap_policy TRANSFORMER_BASED_WRAP"
    launch += " --fsdp_state_dict_type FULL_STATE_DICT --fsdp_cpu_ram_efficient_loading false"
    launch += " --mixed_precision no --dynamo_backend no --main_process_port 0"
    worker = str(Path(__file__).with_name("fsdp_worker.py"))
    for name, command in (("one", ["-m", "uniner"]), ("two", [*launch.split(), worker])):
        arguments = [sys.executable, *command, "train", *options, "--out", str(tmp_path / name)]
        done = subprocess.run(arguments, env=python, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-3000:]
    one, two = (read_curve(tmp_path / name / CURVE) for name in ("one", "two"))
    assert list(one.train) == list(two.train)
    for curve_one, curve_two in ((one.train, two.train), (one.dev, two.dev)):
        for step, loss in curve_one.items():
            assert curve_two[step] == pytest.approx(loss, abs=1e-3), f"step {step}"
    weights = [
        load_file(tmp_path / name / "model" / "model.safetensors") for name in ("one", "two")
    ]
    for name in weights[0]:
        torch.testing.assert_close(weights[0][name], weights[1][name], rtol=1e-3, atol=1e-4)
    manifest = json.loads((tmp_path / "two" / "training.json").read_text())
    assert manifest["config"]["base"] == llama


def test_a_threshold_is_chosen_in_the_context_of_each_question(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_student(tmp_path, "llama", GenerativeSettings("toy", "causal", "bare"))
    named: list[str] = []
    in_context = GenerativeStudent.for_dataset

    def tell(student: GenerativeStudent, name: str) -> GenerativeStudent:
        named.append(name)
        return in_context(student, name)

    monkeypatch.setattr(GenerativeStudent, "for_dataset", tell)
    passage = Passage("a", "Mira met Ivo.")
    tune_threshold(
        tmp_path,
        [Question(passage, ("person",), (), name) for name in ("trips", "", "boats")],
        Silent(),
    )
    assert named == ["trips", "boats"]
    given = json.loads((tmp_path / GIVEN).read_text())
    assert given["questions"] == 3
    assert read_settings(tmp_path).threshold == float(next(iter(given["strict_f1"])))
