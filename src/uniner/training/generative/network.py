"""The network of a generative student: a base model as a language model, and its adapters."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, PeftModel, get_peft_model, prepare_model_for_kbit_training
from torch import nn
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    AutoModelForSeq2SeqLM,
    BitsAndBytesConfig,
    PreTrainedModel,
)

from uniner.records import ConfigError
from uniner.students.generative.settings import Architecture
from uniner.training.base import locate_base
from uniner.training.generative.attention import BY_UNIT
from uniner.training.generative.config import GenerativeConfig

LORA_DROPOUT = 0.05

DROPOUTS = (
    *("hidden_dropout_prob", "attention_probs_dropout_prob", "attention_dropout"),
    *("resid_pdrop", "embd_pdrop", "attn_pdrop", "dropout_rate"),
)
"""What dropout is called in one model or another."""


def load_network(config: GenerativeConfig) -> PreTrainedModel | PeftModel:
    """The base model as a language model, adapted as asked, ready to be trained."""
    network = open_base(config)
    if config.architecture != "seq2seq":
        select_asked(network)
    return network if config.adaptation == "full" else adapt(network, config)


def open_base(config: GenerativeConfig) -> PreTrainedModel:
    """The base model with its language-model head; never runs its code.

    An encoder such as BERT becomes a decoder with the same weights; a head that it has not is new.
    Weights that are trained are held in float32, frozen ones as they are on disk or in 4 bits.
    """
    place = locate_base(config.base)
    paired = config.architecture == "seq2seq"
    options: dict[str, Any] = {
        "trust_remote_code": False,
        "attn_implementation": "sdpa" if paired else BY_UNIT,
        "dtype": torch.float32 if config.adaptation == "full" else "auto",
    }
    if config.adaptation == "qlora":
        options["quantization_config"] = BitsAndBytesConfig(  # type: ignore[no-untyped-call]
            load_in_4bit=True,
            bnb_4bit_quant_type="nf4",
            bnb_4bit_use_double_quant=True,
            bnb_4bit_compute_dtype=torch.bfloat16,
        )
    try:
        known = AutoConfig.from_pretrained(place, trust_remote_code=False)
        check_architecture(config.architecture, bool(known.is_encoder_decoder), config.base)
        check_length(config, getattr(known, "max_position_embeddings", None))
        for name in DROPOUTS:
            if hasattr(known, name):
                setattr(known, name, config.dropout)
        if not paired and getattr(known, "is_decoder", None) is False:
            known.is_decoder = True
        kind = AutoModelForSeq2SeqLM if paired else AutoModelForCausalLM
        network = kind.from_pretrained(place, config=known, **options)
    except (OSError, ValueError, ImportError) as error:
        first = str(error).strip().splitlines()[0]
        raise ConfigError(f"base model {config.base!r} does not load ({first})") from None
    assert isinstance(network, PreTrainedModel)
    return network


def check_architecture(architecture: Architecture, paired: bool, base: str) -> None:
    """ConfigError unless a base model, which has an encoder or not, can be used this way."""
    if paired != (architecture == "seq2seq"):
        fitting = "'seq2seq'" if paired else "'causal' or 'prefix'"
        raise ConfigError(f"{base} cannot be trained as {architecture!r}; choose {fitting}")


def check_length(config: GenerativeConfig, most: int | None) -> None:
    """ConfigError where rows would be longer than a base model reads."""
    if most is not None and config.max_tokens > most:
        raise ConfigError(
            f"{config.base} reads {most:,} tokens: max_tokens cannot be {config.max_tokens:,}"
        )


def adapt(network: PreTrainedModel, config: GenerativeConfig) -> PeftModel:
    """The network with low-rank additions to all its linear layers, which alone are trained."""
    if config.adaptation == "qlora":
        network = prepare_model_for_kbit_training(  # type: ignore[no-untyped-call]
            network, use_gradient_checkpointing=config.checkpointing
        )
    elif config.checkpointing:
        network.enable_input_require_grads()  # type: ignore[no-untyped-call]
    lora = LoraConfig(
        r=config.lora_rank,
        lora_alpha=2 * config.lora_rank,
        lora_dropout=LORA_DROPOUT,
        target_modules="all-linear",
        task_type="SEQ_2_SEQ_LM" if config.architecture == "seq2seq" else "CAUSAL_LM",
    )
    adapted = get_peft_model(network, lora)
    assert isinstance(adapted, PeftModel)
    return adapted


def select_asked(network: PreTrainedModel) -> None:
    """Let the head see only positions that the argument `asked` [B, T] names, where it is given.

    Most tokens are of passages and questions; over a whole vocabulary their logits would cost more
    than the rest of the network. The logits are then [N, V], in reading order.
    """
    head = find_head(network)
    chosen: list[torch.Tensor] = []

    def take(_: nn.Module, args: Any, kwargs: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        chosen[:] = [kwargs.pop("asked")] if "asked" in kwargs else []
        return args, kwargs

    def select(_: nn.Module, args: tuple[torch.Tensor, ...]) -> tuple[torch.Tensor, ...] | None:
        return (args[0][chosen[0]], *args[1:]) if chosen else None

    network.register_forward_pre_hook(take, with_kwargs=True)
    head.register_forward_pre_hook(select)


def find_head(network: PreTrainedModel) -> nn.Module:
    """The child of a language model that makes logits of hidden states."""
    output = network.get_output_embeddings()  # type: ignore[no-untyped-call]
    for child in network.children():
        if child is not network.base_model and any(part is output for part in child.modules()):
            return child
    raise ConfigError(f"{type(network).__name__} has no head of its own; choose a causal LM")


def merge_adapters(config: GenerativeConfig, adapters: Path) -> PreTrainedModel:
    """The base model with trained adapters in its weights, which are as precise as on disk."""
    base = open_base(replace(config, adaptation="lora"))
    merged = PeftModel.from_pretrained(base, str(adapters)).merge_and_unload()
    assert isinstance(merged, PreTrainedModel)
    return merged
