"""Many questions about many passages at once, for encoder-decoder models."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from transformers.modeling_outputs import BaseModelOutput

from uniner.students.encode import by_length
from uniner.students.generative.answers import Voice


@dataclass(frozen=True, slots=True)
class Relay:
    """An encoder-decoder model; the encoder reads a passage and one question, the decoder answers.

    What is encoded depends on the question, so that each pair is read by itself.
    """

    model: Any
    cells: int

    @torch.inference_mode()
    def answer(
        self, passages: Sequence[Sequence[int]], queries: Sequence[Sequence[int]], voice: Voice
    ) -> None:
        """Have `voice` answer every query about every passage; see `Engine.answer`."""
        inputs = [[*passage, *query] for passage in passages for query in queries]
        for group in by_length([len(tokens) for tokens in inputs], self.cells):
            self._answer([inputs[index] for index in group], group, voice)

    def _answer(self, inputs: Sequence[Sequence[int]], which: Sequence[int], voice: Voice) -> None:
        """Read some inputs and have `voice` give these answers."""
        device = self.model.device
        ids = torch.zeros(len(inputs), max(map(len, inputs)), dtype=torch.long)
        mask = torch.zeros_like(ids)
        for row, tokens in enumerate(inputs):
            ids[row, : len(tokens)] = torch.tensor(tokens)
            mask[row, : len(tokens)] = 1
        mask = mask.to(device)
        hidden = self.model.get_encoder()(input_ids=ids.to(device), attention_mask=mask)[0]
        fed = torch.full((len(inputs), 1), self.model.config.decoder_start_token_id, device=device)
        cache = None
        while which:
            output = self.model(
                encoder_outputs=BaseModelOutput(last_hidden_state=hidden),
                attention_mask=mask,
                decoder_input_ids=fed,
                cache=cache,
                use_cache=True,
            )
            said = voice.say(output.logits[:, -1], which)
            live = [row for row, token in enumerate(said) if token is not None]
            which = [which[row] for row in live]
            cache = output.cache
            if len(live) < len(said) and live:
                rows = torch.tensor(live, device=device)
                hidden, mask = hidden[rows], mask[rows]
                cache.batch_select_indices(rows)
            fed = torch.tensor([[said[row]] for row in live], device=device)
