"""Tokenizers, templates and models of Hugging Face folders, as generative students use them."""

from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import torch
from jinja2 import TemplateError
from tokenizers import Tokenizer
from transformers import AutoModelForCausalLM, AutoModelForSeq2SeqLM, AutoTokenizer

from uniner.chat.dialogue import READ
from uniner.chat.template import Template, TemplateName, find_template
from uniner.chat.tokens import ChatTokenizer
from uniner.records import ConfigError, InputError
from uniner.students.generative.settings import Architecture

CONTEXT, QUESTION, ANSWER = "Xcontext0X", "Xquestion0X", "Xanswer0X"
"""Stand for what is put into a chat template; no template says them by itself."""

TODAY = "01 Jan 2025"
"""The date for templates that name one: training and inference must read the same."""

HuggingFaceTokenizer: TypeAlias = Any
"""A `PreTrainedTokenizerFast`, whose classes are not typed."""


class Marks(NamedTuple):
    """The special tokens of a base model that begin a text (or "") and end a turn."""

    start: str
    end: str


def special_marks(tokenizer: HuggingFaceTokenizer) -> Marks:
    """The marks of a tokenizer; ConfigError where nothing can end a turn."""
    start = tokenizer.bos_token or tokenizer.cls_token or ""
    end = tokenizer.eos_token or tokenizer.sep_token
    if not end:
        raise ConfigError("the tokenizer has neither an EOS nor a SEP token, so no answer can end")
    return Marks(start, end)


def base_template(tokenizer: HuggingFaceTokenizer) -> Template:
    """The template that the base model's own chat template amounts to; ConfigError without one."""
    if not getattr(tokenizer, "chat_template", None):
        raise ConfigError("the tokenizer has no chat template; choose another than 'base'")
    turns = (("user", CONTEXT), ("assistant", READ), ("user", QUESTION), ("assistant", ANSWER))
    messages = [{"role": role, "content": content} for role, content in turns]
    try:
        whole = tokenizer.apply_chat_template(messages, tokenize=False, date_string=TODAY)
    except (TemplateError, ValueError, TypeError) as error:
        raise ConfigError(f"the chat template does not render ({error})") from None
    order = [whole.find(content) for _, content in turns]
    if -1 in order or order != sorted(order):
        raise ConfigError("the chat template leaves out a turn; choose another than 'base'")
    end = special_marks(tokenizer).end
    known = {str(token) for token in tokenizer.added_tokens_decoder.values() if token.special}
    marks = [mark for mark in known if mark in whole]
    read = order[1] + len(READ)
    answer = order[3] + len(ANSWER)
    before, after = split_at_mark(whole[read : order[2]], marks, end)
    lead = whole[order[2] + len(QUESTION) : order[3]]
    closing, _ = split_at_mark(whole[answer:], marks, end)
    blanks = lead[len(lead.rstrip(" ")) :]  # they belong to the answer's first token
    return Template(
        "base",
        whole[: order[0]] + "{context}" + whole[order[0] + len(CONTEXT) : read] + before,
        after + "{question}" + lead.rstrip(" "),
        f"{blanks}{{answer}}{closing}",
        tuple(sorted({*marks, end})),
    )


def split_at_mark(text: str, marks: list[str], end: str) -> tuple[str, str]:
    """`text` up to its first mark, that included, and the rest; `end` is put where it has none."""
    found = [(text.index(mark), -len(mark), mark) for mark in marks if mark in text]
    if not found:
        return end, text
    at, _, mark = min(found)
    return text[: at + len(mark)], text[at + len(mark) :]


def open_tokenizer(source: str | Path) -> HuggingFaceTokenizer:
    """The fast tokenizer of a model folder or a hub name; InputError where there is none."""
    try:
        tokenizer = AutoTokenizer.from_pretrained(str(source), trust_remote_code=False)
    except Exception as error:  # transformers and tokenizers raise many kinds
        raise InputError(f"{source}: its tokenizer does not load ({error})") from None
    if not isinstance(getattr(tokenizer, "backend_tokenizer", None), Tokenizer):
        raise InputError(f"{source}: its tokenizer has no tokenizer.json; use a model with one")
    return tokenizer


def load_tokenizer(source: str | Path, template: TemplateName) -> ChatTokenizer:
    """What encodes dialogues for the model of a folder or hub name, with one of the templates."""
    tokenizer = open_tokenizer(source)
    if template == "base":
        bound = base_template(tokenizer)
    else:
        bound = find_template(template, *special_marks(tokenizer))
    return ChatTokenizer(tokenizer.backend_tokenizer, bound)


def load_model(
    folder: str | Path, architecture: Architecture, dtype: torch.dtype, device: str
) -> torch.nn.Module:
    """A model ready for inference; InputError where the folder holds none of its kind.

    `device` is one of torch's, or `auto`: a GPU where there is one.
    """
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    kind = AutoModelForSeq2SeqLM if architecture == "seq2seq" else AutoModelForCausalLM
    # Eager attention takes bool masks for numbers, so sdpa is asked for by name.
    options = {} if architecture == "seq2seq" else {"attn_implementation": "sdpa"}
    try:
        model: torch.nn.Module = kind.from_pretrained(
            str(folder), dtype=dtype, use_safetensors=True, trust_remote_code=False, **options
        )
        return model.to(device).eval()
    except Exception as error:  # transformers, safetensors and torch raise many kinds
        raise InputError(f"{folder}: the model does not load ({error})") from None
