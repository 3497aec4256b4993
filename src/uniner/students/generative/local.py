"""A backend that is a Hugging Face model in this process; it can be held to no grammar."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from jinja2 import TemplateError

from uniner.records import ConfigError, InputError
from uniner.students.backend import Prompt, Request, Said
from uniner.students.generative.load import HuggingFaceTokenizer, load_model, open_tokenizer
from uniner.students.generative.plain import complete
from uniner.students.generative.settings import Architecture
from uniner.teacher.completion import Unanswered


@dataclass(slots=True)
class Local:
    """A causal or seq2seq model and its tokenizer."""

    model: Any
    tokenizer: HuggingFaceTokenizer
    batch: int = 8

    def complete(self, requests: Sequence[Request]) -> list[Said | Unanswered]:
        """One answer a request, in order; ConfigError for a chat that no template renders."""
        prompts = [self._render(request.prompt) for request in requests]
        said: list[Said | Unanswered] = [Unanswered("")] * len(requests)
        for most in sorted({request.max_tokens for request in requests}):
            chosen = [n for n, request in enumerate(requests) if request.max_tokens == most]
            texts = complete(
                self.model, self.tokenizer, [prompts[n] for n in chosen], most, self.batch
            )
            for number, text in zip(chosen, texts, strict=True):
                said[number] = self._finish(text, requests[number])
        return said

    def _render(self, prompt: Prompt) -> str:
        if isinstance(prompt, str):
            # As a server does; an encoder-decoder's tokenizer adds its marks by itself.
            start = self.tokenizer.bos_token or ""
            leads = self.model.config.is_encoder_decoder or prompt.startswith(start)
            return prompt if leads else start + prompt
        turns = [{"role": turn.role, "content": turn.content} for turn in prompt]
        try:
            text: str = self.tokenizer.apply_chat_template(
                turns, tokenize=False, add_generation_prompt=True
            )
        except (TemplateError, ValueError, TypeError) as error:
            raise ConfigError(f"the model's chat template does not render ({error})") from None
        return text

    def _finish(self, text: str, request: Request) -> Said:
        ends = [at for mark in request.stop if (at := text.find(mark)) >= 0]
        if ends:
            return Said(text[: min(ends)])
        spent = len(self.tokenizer(text, add_special_tokens=False).input_ids)
        return Said(text, whole=spent < request.max_tokens)


def open_local(folder: Path, threads: int | None = None) -> Local:
    """The model of a folder, on a GPU where there is one; InputError where it is none."""
    if threads is not None:
        torch.set_num_threads(threads)
    on_gpu = torch.cuda.is_available()
    dtype = torch.bfloat16 if on_gpu else torch.float32
    architecture: Architecture = "seq2seq" if is_encoder_decoder(folder) else "causal"
    model = load_model(folder, architecture, dtype, "cuda" if on_gpu else "cpu")
    return Local(model, open_tokenizer(folder))


def is_encoder_decoder(folder: Path) -> bool:
    """Whether a model folder holds an encoder-decoder."""
    path = folder / "config.json"
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from None
    except ValueError as error:
        raise InputError(f"{path}: not the configuration of a model ({error})") from None
    return isinstance(config, dict) and bool(config.get("is_encoder_decoder"))
