"""Training of a generative student, on the trainer of transformers: one process or many."""

import hashlib
import json
import shutil
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch
from accelerate import PartialState
from torch.nn.functional import cross_entropy
from transformers import PrinterCallback, Trainer, TrainerCallback, TrainingArguments
from transformers.trainer_utils import get_last_checkpoint
from transformers.utils.logging import disable_progress_bar, set_verbosity_error

from uniner.chat.dialogue import Dialogue
from uniner.chat.repeating import make_repetitions
from uniner.chat.tokens import ChatTokenizer
from uniner.construction.narrator import Advance, Narrator
from uniner.records import ConfigError, Passage
from uniner.records.manifest import write_json
from uniner.students.generative.load import load_tokenizer, open_tokenizer
from uniner.students.generative.settings import FILE, GenerativeSettings, write_settings
from uniner.training.base import locate_base
from uniner.training.device import Device
from uniner.training.generative.config import GenerativeConfig
from uniner.training.generative.curve import CURVE, read_history, write_curve
from uniner.training.generative.data import (
    Collator,
    PairCollator,
    Rows,
    Source,
    plan_training,
)
from uniner.training.generative.network import load_network, merge_adapters
from uniner.training.generative.packing import IGNORED
from uniner.training.memory import keep_freed_memory

disable_progress_bar()  # type: ignore[no-untyped-call]
set_verbosity_error()  # type: ignore[no-untyped-call]

CHECKPOINTS, WEIGHTS, MODEL = "checkpoints", "weights", "model"
TRAINING, REPEATING = "training.json", "repeating"

SAVES = 10
"""How often a checkpoint is written, and the dev file asked, in the course of a training."""


def train_generative(
    sources: Sequence[Source],
    dev: Sequence[Dialogue],
    config: GenerativeConfig,
    out: Path,
    narrator: Narrator,
) -> Path:
    """Train on dialogues and write the model folder `out/model`, which is returned.

    Called again it goes on from the last checkpoint. On several processes, as `accelerate launch`
    starts them, each calls it. ConfigError where `out` holds another training.
    """
    state = PartialState(cpu=not torch.cuda.is_available())
    described = {
        "config": asdict(config),
        "sources": [[source.fingerprint, source.share] for source in sources],
    }
    if state.is_main_process:
        check_training(out, described)
    state.wait_for_everyone()
    if (out / MODEL / FILE).is_file():
        return out / MODEL
    if config.repeat:
        passages = [Passage(d.id, d.text) for source in sources for d in source.dialogues]
        base = learn_to_repeat(passages, config, out / REPEATING, narrator)
        config = replace(config, base=str(base), repeat=0)
    keep_freed_memory()
    torch.manual_seed(config.seed)
    chat = load_tokenizer(locate_base(config.base), config.template)
    rows = plan(sources, chat, config, narrator)
    held_out = plan([Source(dev, "dev")], chat, replace(config, epochs=1), narrator)
    if not len(rows):
        raise ConfigError("nothing is left to train on; raise max_tokens")
    trainer = make_trainer((rows, held_out), chat, config, out / CHECKPOINTS, narrator)
    if state.is_main_process:
        write_json(out / TRAINING, described)
    narrator.say(f"{len(rows):,} rows, {rows.tokens:,} tokens, {trainer.args.max_steps:,} steps")
    trainer.train(resume_from_checkpoint=find_checkpoint(out / CHECKPOINTS))
    trainer.save_model(str(out / WEIGHTS))
    if state.is_main_process:
        write_curve(out / CURVE, read_history(trainer.state.log_history))
        write_model(config, out)
    state.wait_for_everyone()
    return out / MODEL


def plan_repeating(config: GenerativeConfig) -> GenerativeConfig:
    """How a base learns to repeat, before it is trained as configured."""
    return replace(config, epochs=config.repeat, repeat=0, queries=0, variant="per-type", seed=0)


def learn_to_repeat(
    passages: Sequence[Passage], config: GenerativeConfig, out: Path, narrator: Narrator
) -> Path:
    """The folder of a base that has learnt to repeat what passages say; a stopped run goes on."""
    if not (out / MODEL / FILE).is_file():
        narrator.say("first the base learns to repeat what passages say")
    dialogues = list(make_repetitions(passages, seed=0))
    texts = hashlib.sha256("".join(dialogue.text for dialogue in dialogues).encode())
    source = Source(dialogues, texts.hexdigest())
    return train_generative([source], [], plan_repeating(config), out, narrator)


def is_first_process() -> bool:
    """Whether this is the only process of a training, or the one that speaks for all."""
    return bool(PartialState(cpu=not torch.cuda.is_available()).is_main_process)


def check_training(out: Path, described: Mapping[str, Any]) -> None:
    """ConfigError where something else is trained here."""
    path = out / TRAINING
    if path.is_file() and json.loads(path.read_text()) != described:
        raise ConfigError(f"{out}: holds another training; choose another --out or remove it")


def plan(
    sources: Sequence[Source], chat: ChatTokenizer, config: GenerativeConfig, narrator: Narrator
) -> Rows:
    """All rows of a training, with a word on what is left out."""
    rows, oversized = plan_training(sources, chat, config)
    if oversized:
        narrator.say(
            f"{oversized:,} exchanges are longer than {config.max_tokens} tokens: left out"
        )
    return rows


def make_trainer(
    rows: tuple[Rows, Rows],
    chat: ChatTokenizer,
    config: GenerativeConfig,
    folder: Path,
    narrator: Narrator,
) -> Trainer:
    """The trainer of a fresh network on these rows, with others to evaluate on."""
    network = load_network(config)
    pad = int(network.config.pad_token_id or 0)
    collator: Collator | PairCollator = Collator(pad, config.architecture == "prefix")
    if config.architecture == "seq2seq":
        collator = PairCollator(pad, int(network.config.decoder_start_token_id))
    trainer = Trainer(
        network,
        choose_arguments(config, folder, len(rows[0]), evaluate=len(rows[1]) > 0),
        data_collator=collator,
        train_dataset=rows[0],
        eval_dataset=rows[1] if len(rows[1]) else None,
        compute_loss_func=loss_of,
        callbacks=[Teller(narrator)],
    )
    trainer.remove_callback(PrinterCallback)
    return trainer


def choose_arguments(
    config: GenerativeConfig, folder: Path, rows: int, *, evaluate: bool
) -> TrainingArguments:
    """What the trainer is told; each of its epochs is the whole of a training."""
    device, processes = Device.best(), PartialState().num_processes
    at_once = config.rows or max(1, config.batch // processes)
    if config.batch % (at_once * processes):
        raise ConfigError(
            f"a batch of {config.batch} rows cannot be taken {at_once} at a time on {processes} "
            "processes; change batch or rows"
        )
    steps = -(-rows // config.batch)
    return TrainingArguments(
        output_dir=str(folder),
        per_device_train_batch_size=at_once,
        per_device_eval_batch_size=at_once,
        gradient_accumulation_steps=config.batch // (at_once * processes),
        max_steps=steps,
        learning_rate=config.rate,
        lr_scheduler_type="cosine",
        warmup_steps=round(config.warmup * steps),
        weight_decay=config.weight_decay,
        max_grad_norm=1.0,
        bf16=device.bf16 if config.precision == "auto" else config.precision == "bf16",
        use_cpu=device.name == "cpu",
        activation_checkpointing=config.checkpointing,
        train_sampling_strategy="sequential",
        logging_steps=max(1, min(10, steps // 20)),
        save_strategy="steps",
        save_steps=max(1, steps // SAVES),
        save_total_limit=1,
        eval_strategy="steps" if evaluate else "no",
        eval_steps=max(1, steps // SAVES),
        prediction_loss_only=True,
        label_names=["labels"],
        remove_unused_columns=False,
        report_to=[],
        disable_tqdm=True,
        dataloader_pin_memory=device.name == "cuda",
        seed=config.seed,
    )


def find_checkpoint(folder: Path) -> str | None:
    """The last checkpoint of a training that was stopped, if there is one."""
    if not folder.is_dir():
        return None
    found: str | None = get_last_checkpoint(str(folder))  # type: ignore[no-untyped-call]
    return found


def loss_of(
    outputs: Any, labels: torch.Tensor, num_items_in_batch: torch.Tensor | int | None = None
) -> torch.Tensor:
    """Mean cross-entropy over supervised tokens: all of a step's, where their number is given."""
    asked = labels != IGNORED
    logits = outputs.logits
    if logits.dim() == 3:  # those of a decoder that was not told what is asked
        logits = logits[asked]
    count = asked.sum() if num_items_in_batch is None else num_items_in_batch
    return cross_entropy(logits.float(), labels[asked], reduction="sum") / count


class Teller(TrainerCallback):
    """Tells a narrator how far the training is, with the loss of late."""

    def __init__(self, narrator: Narrator) -> None:
        self.narrator = narrator
        self.stack = ExitStack()
        self.advance: Advance | None = None
        self.note = ""

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Show a bar."""
        if state.is_local_process_zero:
            # Steps of an earlier run would make this one look faster than it is.
            left = state.max_steps - state.global_step
            self.advance = self.stack.enter_context(self.narrator.progress("training steps", left))

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Move it."""
        if self.advance:
            self.advance(1, self.note)

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:
        """Note the loss; say what the dev file gave."""
        if logs and "loss" in logs:
            self.note = f"loss {float(logs['loss']):.3f}"
        if logs and "eval_loss" in logs and state.is_local_process_zero:
            self.narrator.say(f"step {state.global_step:,}: dev loss {logs['eval_loss']:.4f}")

    def on_train_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Take it away."""
        self.stack.close()


def write_model(config: GenerativeConfig, out: Path) -> None:
    """The weights, adapters merged in, with tokenizer and settings as one model folder."""
    part = out / f"{MODEL}.part"
    shutil.rmtree(part, ignore_errors=True)
    if config.adaptation == "full":
        shutil.copytree(out / WEIGHTS, part)
        (part / "training_args.bin").unlink(missing_ok=True)
    else:
        merge_adapters(config, out / WEIGHTS).save_pretrained(part)
    open_tokenizer(locate_base(config.base)).save_pretrained(part)
    settings = GenerativeSettings(
        out.name, config.architecture, config.template, config.variant, config.max_tokens
    )
    write_settings(part, settings)
    part.rename(out / MODEL)
    shutil.rmtree(out / WEIGHTS)
