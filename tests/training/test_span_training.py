"""A small training run: it learns, can be stopped, and comes out the same again."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from toy_model import make_encoder, make_network, make_records
from uniner.corpus.taxonomy import Taxonomy
from uniner.records import Annotated, ConfigError, Passage
from uniner.training.config import SpanConfig
from uniner.training.examples import make_examples
from uniner.training.span import Progress, Source, Trainer

TAXONOMY = Taxonomy({"city": ("location",)}, {})
CONFIG = SpanConfig(
    max_width=4,
    hidden=8,
    epochs=3,
    batch=6,
    encoder_rate=3e-3,
    head_rate=2e-2,
    freeze_embeddings=False,
    average=0.8,
)


def make_trainer(config: SpanConfig = CONFIG, start: int = 0) -> Trainer:
    encoder = make_encoder()
    examples, _ = make_examples(make_records(), encoder, 4)
    return Trainer(
        make_network(start, drop=config.dropout), encoder, config, TAXONOMY, [Source(examples)]
    )


def weights(trainer: Trainer) -> dict[str, Tensor]:
    trainer.use_average()
    return {name: value.detach().clone() for name, value in trainer.network.named_parameters()}


def assert_alike(one: dict[str, Tensor], other: dict[str, Tensor]) -> None:
    assert one.keys() == other.keys()
    for name, value in one.items():
        assert torch.allclose(value, other[name], atol=1e-5), name


@pytest.mark.parametrize(
    "changes",
    [
        {"epochs": 8},
        {"epochs": 8, "negatives": "none"},
        {"epochs": 8, "negatives": "uniform", "negative_count": 2, "gamma": 0, "select": 0.0},
        {"epochs": 8, "freeze_embeddings": True, "lower": 1.0},
    ],
)
def test_the_loss_falls(changes: dict[str, object]) -> None:
    trainer = make_trainer(replace(CONFIG, **changes))  # type: ignore[arg-type]
    frozen = trainer.network.encoder.get_input_embeddings().weight.clone()  # type: ignore[operator]
    seen: list[Progress] = []
    trainer.run(on_step=seen.append)
    losses = {progress.epoch: progress.loss for progress in seen}
    assert losses[7] < 0.5 * losses[0]
    assert [progress.step for progress in seen] == list(range(1, 41))
    assert trainer.steps == len(seen) == 40
    now = trainer.network.encoder.get_input_embeddings().weight  # type: ignore[operator]
    assert torch.equal(now, frozen) == trainer.config.freeze_embeddings


def test_a_run_that_was_stopped_goes_on_as_if_it_had_not_been(tmp_path: Path) -> None:
    whole = make_trainer()
    whole.run()

    def stop(trainer: Trainer) -> None:
        raise InterruptedError

    path = tmp_path / "training.pt"
    for _ in range(2):
        with pytest.raises(InterruptedError):
            make_trainer(start=5 if path.exists() else 0).run(checkpoint=path, on_epoch=stop)
    resumed, epochs = make_trainer(start=5), []
    resumed.run(checkpoint=path, on_epoch=lambda trainer: epochs.append(trainer.epoch))
    assert epochs == [3]
    assert_alike(weights(whole), weights(resumed))
    assert [file.name for file in tmp_path.iterdir()] == ["training.pt"]

    finished = make_trainer(start=5)
    finished.run(checkpoint=path)
    assert_alike(weights(finished), weights(resumed))


def test_the_same_seed_gives_the_same_student_and_another_another() -> None:
    config = replace(CONFIG, epochs=1)
    runs = []
    for seed in (3, 3, 4):
        trainer = make_trainer(replace(config, seed=seed))
        trainer.run()
        runs.append(weights(trainer))
    assert_alike(runs[0], runs[1])
    assert not torch.allclose(runs[0]["first.weight"], runs[2]["first.weight"], atol=1e-5)


def test_a_checkpoint_of_another_recipe_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "training.pt"
    make_trainer(replace(CONFIG, epochs=1)).run(checkpoint=path)
    with pytest.raises(ConfigError, match=r"training\.pt: was trained with another recipe"):
        make_trainer().run(checkpoint=path)


def test_a_checkpoint_that_is_none_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "training.pt"
    path.write_bytes(b"half a file")
    with pytest.raises(ConfigError, match=r"training\.pt: not a checkpoint"):
        make_trainer().run(checkpoint=path)


def test_nothing_to_train_on_is_an_error() -> None:
    with pytest.raises(ConfigError, match="no passage to train on"):
        Trainer(make_network(), make_encoder(), CONFIG, TAXONOMY, [Source([])])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"epochs": 0}, "epochs must be at least 1"),
        ({"max_width": -1}, "max_width must be at least 1"),
        ({"dropout": 1.5}, "dropout must be within"),
        ({"negatives": "uniform"}, "needs student.negative_count"),
        ({"negatives": "some"}, "must be none, uniform or frequency"),
        ({"gamma": 2}, "gamma must be 0 or 1"),
    ],
)
def test_an_impossible_config_is_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        replace(CONFIG, **changes)  # type: ignore[arg-type]


def test_passages_without_entities_can_fill_a_batch_but_not_a_corpus() -> None:
    encoder = make_encoder()
    some, _ = make_examples(make_records()[:6], encoder, 4)
    none, _ = make_examples(
        [Annotated(Passage(str(i), "It rained."), ()) for i in range(12)], encoder, 4
    )
    trainer = Trainer(make_network(), encoder, CONFIG, TAXONOMY, [Source([*some, *none])])
    trainer.run()
    assert trainer.step == CONFIG.epochs * 3
    with pytest.raises(ConfigError, match="no training passage has an entity"):
        Trainer(make_network(), encoder, CONFIG, TAXONOMY, [Source(none)])
