"""Speed of generative students in one process: passages read once, answers held to them.

    python benchmarks/generation.py
    python benchmarks/generation.py --sizes tiny --passages 4 --repeat 1

The first table sets the engine, which reads a passage once for all its types, beside one call of
Hugging Face `generate` per passage and type. The second sets answers held to the passage beside
free ones, per token. The models are Llamas with random weights, the texts the bundled sample's.

Random weights end no answer, so that both sides follow one script, drawn from a seed: an answer is
empty with a probability of 0.8, as most are, and otherwise goes on to `--tokens` tokens. An empty
answer is one step for the engine, which sees that the list is closed, and two for `generate`, which
waits for the mark that ends a turn.
"""

import argparse
import json
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, LogitsProcessor, LogitsProcessorList

from uniner.chat.queries import ask_type
from uniner.chat.template import find_template
from uniner.chat.tokens import ChatTokenizer
from uniner.chat.variants import Question
from uniner.corpus.sample import read_passages
from uniner.students.generative.answers import FreeAnswer, FreeVoice, HeldAnswer, HeldVoice
from uniner.students.generative.constraint import Form, Rules, Turn, learn_form
from uniner.students.generative.engine import Engine
from uniner.students.generative.quotes import read_quotes

TYPES = ["person", "city", "country", "company", "date", "disease"]
TYPES += ["drug", "film", "book", "award", "team", "language"]
START, END = "<s>", "</s>"
THING = Question("thing", ("thing",), paired=False)
SIZES = {"tiny": (256, 4, 1024), "small": (768, 8, 2560), "base": (1024, 8, 4096)}
"""Hidden size, layers and inner size."""


class Task(NamedTuple):
    """What is asked: passages and queries as tokens, and which answers are to be open."""

    texts: list[str]
    passages: list[list[int]]
    queries: list[list[int]]
    open: list[bool]
    tokens: int
    chat: ChatTokenizer
    form: Form


class Size(NamedTuple):
    """What was measured with a model: million weights, seconds a passage, seconds a token."""

    name: str
    weights: float
    engine: float
    plain: float
    held: float
    free: float


def parse_args() -> argparse.Namespace:
    """The options."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--sizes", default="tiny,small", help=f"of {', '.join(SIZES)}")
    parser.add_argument("--passages", type=int, default=16, help="how many are read at once")
    parser.add_argument("--tokens", type=int, default=24, help="tokens of an answer not empty")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--repeat", type=int, default=3, help="keep the best of so many runs")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--precision", default="float32")
    parser.add_argument("--busy", action="store_true", help="count the process's own time only")
    parser.add_argument("--json", action="store_true", help="print JSON in place of tables")
    args = parser.parse_args()
    args.sizes = args.sizes.split(",")
    if unknown := set(args.sizes) - set(SIZES):
        parser.error(f"no such sizes: {', '.join(sorted(unknown))}")
    return args


def train_tokenizer(texts: Sequence[str]) -> Tokenizer:
    """A byte-level BPE tokenizer of 16,000 tokens that knows lists as well as the texts."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=16_000,
        special_tokens=[END, START],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    lists = (f" [] {json.dumps(text.split())}" for text in texts)
    tokenizer.train_from_iterator((*texts, *lists), trainer)
    return tokenizer


def make_task(count: int, tokens: int, share: float) -> Task:
    """Passages of the sample, the longest of them, and a script with this share of open answers."""
    texts = [passage.text for passage in read_passages()]
    chat = ChatTokenizer(train_tokenizer(texts), find_template("uniner", START, END))
    chosen = sorted(texts, key=len)[-count:]
    rng = random.Random(0)
    return Task(
        chosen,
        [chat.encode_prefix(text) for text in chosen],
        [chat.encode_query(ask_type(name)) for name in TYPES],
        [rng.random() < share for _ in range(count * len(TYPES))],
        tokens,
        chat,
        learn_form(chat),
    )


def make_model(size: str, vocabulary: int, device: str, precision: str) -> Any:
    """A Llama with random weights."""
    torch.manual_seed(0)
    hidden, layers, inner = SIZES[size]
    config = LlamaConfig(
        vocab_size=vocabulary,
        hidden_size=hidden,
        intermediate_size=inner,
        num_hidden_layers=layers,
        num_attention_heads=hidden // 64,
        max_position_embeddings=4096,
        bos_token_id=None,
        eos_token_id=0,
    )
    model = LlamaForCausalLM(config).to(getattr(torch, precision))
    return model.to(device).eval()


@dataclass(slots=True)
class Scripted:
    """A held answer that is empty or goes on to its limit, whatever the model would have."""

    answer: HeldAnswer
    open: bool

    @property
    def options(self) -> Any:
        """What may be said next."""
        return self.answer.options

    def hear(self, chances: npt.NDArray[np.float64]) -> int | None:
        """Say an option, but none that the script rules out."""
        places = self.options.turns
        if places[Turn.MORE].size and places[Turn.END].size:
            chances[places[Turn.END if self.open else Turn.MORE]] = 0.0
            chances[places[Turn.OPEN]] = 0.0
        self.answer.listed.clear()  # repeats would end it
        return self.answer.hear(chances)


class Forced(LogitsProcessor):
    """Makes `generate` follow the script of one answer."""

    def __init__(self, first: int, end: int, prompt: int, *, open: bool) -> None:
        self.first, self.end, self.prompt, self.open = first, end, prompt, open

    def __call__(self, input_ids: torch.LongTensor, scores: torch.FloatTensor) -> Any:
        """The logits, with the first token's and the end mark's as the script has them."""
        said = input_ids.shape[1] - self.prompt
        if said == 0:
            scores[:, self.first] = 1e9
        scores[:, self.end] = -1e9 if self.open or said == 0 else 2e9
        return scores


def run_engine(model: Any, task: Task) -> int:
    """Every answer through the engine, held to its passage; the tokens said."""
    rules = [
        Rules(read_quotes(text, task.form.surface, task.chat.tokenizer), task.form)
        for text in task.texts
    ]
    asked = [rule for rule in rules for _ in TYPES]
    answers = [
        Scripted(HeldAnswer(rule, 0.5, task.tokens), open)
        for rule, open in zip(asked, task.open, strict=True)
    ]
    voice: Any = HeldVoice(answers)  # type: ignore[arg-type]
    Engine(model, bidirectional=False).answer(task.passages, task.queries, voice)
    for answer in answers:
        answer.answer.read(THING)
    return sum(len(answer.answer.tokens) for answer in answers)


def run_free(model: Any, task: Task) -> int:
    """Every answer through the engine, held to nothing; the tokens said."""
    answers = [
        FreeAnswer(text, task.chat.tokenizer, -1, task.tokens) for text in task.texts for _ in TYPES
    ]
    Engine(model, bidirectional=False).answer(task.passages, task.queries, FreeVoice(answers))
    for answer in answers:
        answer.read(THING)
    return sum(len(answer.tokens) for answer in answers)


def run_plain(model: Any, task: Task) -> int:
    """Every answer through a call of `generate` for it alone; the tokens said."""
    said = 0
    names = {open: '["' if open else "[]" for open in (True, False)}
    firsts = {open: task.form.surface.tokens[f" {name}".encode()] for open, name in names.items()}
    script = iter(task.open)
    for passage in task.passages:
        for query in task.queries:
            prompt, open = [*passage, *query], next(script)
            ids = torch.tensor([prompt], device=model.device)
            forced = Forced(firsts[open], task.chat.end, len(prompt), open=open)
            with torch.inference_mode():
                output = model.generate(
                    ids,
                    attention_mask=torch.ones_like(ids),
                    max_new_tokens=task.tokens,
                    do_sample=False,
                    pad_token_id=task.chat.end,
                    logits_processor=LogitsProcessorList([forced]),
                )
            task.chat.tokenizer.decode(output[0, len(prompt) :].tolist())
            said += output.shape[1] - len(prompt)
    return said


def measure(
    run: Callable[[Any, Task], int], model: Any, task: Task, *, busy: bool
) -> tuple[float, int]:
    """Seconds of a run, and the tokens said in it."""
    clock = time.process_time if busy else time.perf_counter
    start = clock()
    said = run(model, task)
    return clock() - start, said


def compare(size: str, task: Task, all_open: Task, args: argparse.Namespace) -> Size:
    """Measure everything with one model; what is compared takes turns, as machines have moods."""
    model = make_model(size, task.chat.tokenizer.get_vocab_size(), args.device, args.precision)
    weights = sum(weight.numel() for weight in model.parameters()) / 1e6
    seconds = dict.fromkeys(("engine", "plain", "held", "free"), float("inf"))
    for _ in range(args.repeat):
        for name, run, asked, units in (
            ("engine", run_engine, task, len(task.passages)),
            ("plain", run_plain, task, len(task.passages)),
            ("held", run_engine, all_open, 0),
            ("free", run_free, all_open, 0),
        ):
            spent, said = measure(run, model, asked, busy=args.busy)
            seconds[name] = min(seconds[name], spent / (units or said))
    return Size(size, weights, **seconds)


def main() -> None:
    """Measure, then print."""
    args = parse_args()
    torch.set_num_threads(args.threads)
    task, all_open = (make_task(args.passages, args.tokens, share) for share in (0.2, 1.0))
    sizes = [compare(size, task, all_open, args) for size in args.sizes]
    if args.json:
        print(json.dumps([size._asdict() for size in sizes], indent=2))
        return
    length = sum(map(len, task.passages)) / len(task.passages)
    print(f"{args.passages} passages of {length:.0f} tokens, {len(TYPES)} types, {args.device}")
    print("\n| model | weights | s/passage | plain | uniner is |\n|---|---:|---:|---:|---:|")
    for size in sizes:
        print(
            f"| {size.name} | {size.weights:.0f} M | {size.engine:.3f} | {size.plain:.3f} | "
            f"{size.plain / size.engine:.1f}× |"
        )
    print("\n| model | ms/token held | free | held / free |\n|---|---:|---:|---:|")
    for size in sizes:
        print(
            f"| {size.name} | {1e3 * size.held:.3f} | {1e3 * size.free:.3f} | "
            f"{size.held / size.free:.2f} |"
        )


if __name__ == "__main__":
    main()
