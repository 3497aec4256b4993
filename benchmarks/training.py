"""Speed of training a generative student: rows packed, padded, and padded with their like.

    python benchmarks/training.py
    python benchmarks/training.py --sizes small --precision bfloat16 --device cuda --peak 989

Rows come from conversations over the bundled sample, as `uniner build` makes them, up to `--limit`
questions each. Tokens are counted without padding, and each step goes forward, back and through the
optimizer. With `--peak`, the bf16 teraflops a second that the processor is said to do, the share of
these that training makes use of is printed too: 6 flops a weight and token, and attention's own.
"""

import argparse
import json
import random
import time
from collections.abc import Sequence
from itertools import cycle
from typing import Any, NamedTuple

import torch

from generation import END, SIZES, START, make_model, train_tokenizer
from uniner.chat.dialogue import Dialogue, Exchange
from uniner.chat.queries import ask_type
from uniner.chat.template import find_template
from uniner.chat.tokens import ChatTokenizer
from uniner.corpus.sample import read_passages, read_replies
from uniner.teacher.parse import Malformed, parse_reply
from uniner.training.generative.attention import BY_UNIT
from uniner.training.generative.data import Collator
from uniner.training.generative.network import select_asked
from uniner.training.generative.packing import (
    Encoded,
    Layout,
    Unit,
    build_row,
    encode,
    group_lengths,
    measure,
    plan_epoch,
)
from uniner.training.generative.trainer import loss_of


class Speed(NamedTuple):
    """Tokens that are no padding and all tokens a second, and teraflops a second."""

    useful: float
    all: float
    flops: float


def parse_args() -> argparse.Namespace:
    """The options."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--sizes", default="tiny,small", help=f"of {', '.join(SIZES)}")
    parser.add_argument("--passages", type=int, default=400)
    parser.add_argument("--limit", type=int, default=8, help="questions about a passage")
    parser.add_argument("--max-tokens", type=int, default=1024)
    parser.add_argument("--step", type=int, default=8192, help="about so many tokens at once")
    parser.add_argument("--steps", type=int, default=4)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--precision", default="float32", help="of matrix products")
    parser.add_argument("--peak", type=float, default=0.0)
    args = parser.parse_args()
    args.sizes = args.sizes.split(",")
    return args


def read_dialogues(count: int) -> list[Dialogue]:
    """Passages of the sample with what the recorded teacher said of them, type by type."""
    texts = {passage.id: passage.text for passage in read_passages()}
    dialogues = []
    for row in read_replies():
        reply = parse_reply(row["reply"])
        if isinstance(reply, Malformed):
            continue
        found: dict[str, list[str]] = {}
        for item in reply.items:
            for name in item.types:
                found.setdefault(name, []).append(item.mention)
        asked = tuple(Exchange(ask_type(n), json.dumps(m)) for n, m in found.items())
        dialogues.append(Dialogue(row["id"], texts[row["id"]], asked))
        if len(dialogues) == count:
            break
    return dialogues


def make_batches(encoded: Sequence[Encoded], args: argparse.Namespace) -> dict[str, list[Any]]:
    """Batches of about the same number of tokens, laid out in each of the three ways."""
    rng = random.Random(0)
    padded = plan_epoch(encoded, Layout(args.max_tokens, packed=False), args.limit, rng)
    packed = plan_epoch(encoded, Layout(args.max_tokens), args.limit, random.Random(0))
    at_once = max(1, args.step // args.max_tokens)
    several = max(1, args.step // (sum(map(measure, padded)) // len(padded)))
    return {
        "padded, as they come": split(padded, several),
        "padded, like with like": split(group_lengths(padded, several, rng), several),
        "packed": split(packed, at_once),
    }


def split(rows: Sequence[list[Unit]], size: int) -> list[Sequence[list[Unit]]]:
    """Whole batches of so many rows."""
    return [rows[start : start + size] for start in range(0, len(rows) - size + 1, size)]


def train(model: Any, encoded: Sequence[Encoded], batches: list[Any], args: Any) -> Speed:
    """The speed of some steps, after one to warm up."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, fused=True)
    collator = Collator(0, prefix=False)
    dtype = getattr(torch, args.precision)
    weights = sum(p.numel() for p in model.parameters())
    attended = 12 * model.config.num_hidden_layers * model.config.hidden_size
    useful = tokens = 0
    flops, started = 0.0, 0.0
    for number, units in zip(range(args.steps + 1), cycle(batches)):
        if number == 1:
            useful, tokens, flops, started = 0, 0, 0.0, now(args.device)
        rows = [build_row(row, encoded, isolated=False) for row in units]
        batch = collator(rows)
        batch.update({k: v.to(args.device) for k, v in batch.items() if hasattr(v, "to")})
        labels = batch.pop("labels")
        with torch.autocast(args.device, dtype, enabled=dtype != torch.float32):
            loss = loss_of(model(**batch, use_cache=False), labels)
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        optimizer.zero_grad()
        useful += sum(len(row.ids) for row in rows)
        tokens += labels.numel()
        flops += labels.numel() * (6 * weights + attended * labels.shape[1])
    seconds = now(args.device) - started
    return Speed(useful / seconds, tokens / seconds, flops / seconds / 1e12)


def now(device: str) -> float:
    """Seconds, when everything asked for is done."""
    if device == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter()


def main() -> None:
    """Train in every layout and print how fast."""
    args = parse_args()
    torch.set_num_threads(args.threads)
    dialogues = read_dialogues(args.passages)
    tokenizer = train_tokenizer([dialogue.text for dialogue in dialogues])
    chat = ChatTokenizer(tokenizer, find_template("uniner", START, END))
    encoded = [encode(dialogue, chat) for dialogue in dialogues]
    layouts = make_batches(encoded, args)
    peak = " share of peak |" if args.peak else ""
    print(f"| model | rows | useful tokens/s | all tokens/s | against packed |{peak}")
    print(f"|---|---|--:|--:|--:|{'--:|' * bool(args.peak)}")
    for size in args.sizes:
        speeds = {}
        for name, batches in layouts.items():
            model = make_model(size, tokenizer.get_vocab_size(), args.device, "float32").train()
            select_asked(model)
            model.set_attn_implementation(BY_UNIT)
            speeds[name] = train(model, encoded, batches, args)
        for name, speed in speeds.items():
            ratio = speeds["packed"].useful / speed.useful
            cells = [size, name, f"{speed.useful:,.0f}", f"{speed.all:,.0f}", f"{ratio:.2f}×"]
            if args.peak:
                cells.append(f"{100 * speed.flops / args.peak:.1f} %")
            print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
