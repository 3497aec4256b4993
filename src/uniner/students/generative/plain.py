"""Plain generation: whole prompts through Hugging Face `generate`, nothing shared or grounded."""

from collections.abc import Sequence
from typing import Any

import torch

from uniner.students.generative.load import HuggingFaceTokenizer


def complete(
    model: Any,
    tokenizer: HuggingFaceTokenizer,
    prompts: Sequence[str],
    max_new_tokens: int,
    batch: int = 8,
) -> list[str]:
    """What a causal or a seq2seq model says greedily to each whole prompt, without its marks.

    Prompts are encoded as they stand: special tokens are those that they spell, and a causal
    model's tokenizer adds none. At most `batch` prompts of like length are padded together.
    """
    seq2seq = bool(model.config.is_encoder_decoder)
    pad = next((n for n in (tokenizer.pad_token_id, tokenizer.eos_token_id) if n is not None), 0)
    end = [n for n in (tokenizer.eos_token_id, tokenizer.sep_token_id) if n is not None]
    encoded = [tokenizer(prompt, add_special_tokens=seq2seq).input_ids for prompt in prompts]
    order = sorted(range(len(prompts)), key=lambda index: len(encoded[index]))
    answers = [""] * len(prompts)
    for first in range(0, len(order), batch):
        chosen = order[first : first + batch]
        width = max(len(encoded[index]) for index in chosen)
        ids = torch.full((len(chosen), width), pad)
        mask = torch.zeros_like(ids)
        for row, index in enumerate(chosen):
            ids[row, width - len(encoded[index]) :] = torch.tensor(encoded[index])
            mask[row, width - len(encoded[index]) :] = 1
        with torch.inference_mode():
            said = model.generate(
                input_ids=ids.to(model.device),
                attention_mask=mask.to(model.device),
                max_new_tokens=max_new_tokens,
                do_sample=False,
                num_beams=1,
                pad_token_id=pad,
                eos_token_id=end,
            )
        fresh = said if seq2seq else said[:, width:]
        texts = tokenizer.batch_decode(fresh, skip_special_tokens=True)
        for index, text in zip(chosen, texts, strict=True):
            answers[index] = text
    return answers
