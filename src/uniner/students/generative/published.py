"""Published UniNER weights: a Hugging Face folder that says nothing of how it is asked."""

from pathlib import Path

import torch

from uniner.students.generative.decoding import Decoding
from uniner.students.generative.extractor import GenerativeStudent
from uniner.students.generative.load import load_model, load_tokenizer
from uniner.students.generative.settings import GenerativeSettings


def open_published(folder: Path, threads: int | None = None) -> GenerativeStudent:
    """The student of a folder with a causal model that knows the `uniner` template."""
    if threads is not None:
        torch.set_num_threads(threads)
    settings, decoding = GenerativeSettings(f"uniner@{folder.resolve().name}"), Decoding()
    tokenizer = load_tokenizer(folder, settings.template)
    model = load_model(folder, settings.architecture, decoding.dtype, decoding.device)
    return GenerativeStudent(settings, tokenizer, model, decoding)
