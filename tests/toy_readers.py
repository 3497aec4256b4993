"""What readers of the pages have: the files, students and bases that pages take for granted."""

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib.resources import files
from itertools import islice
from pathlib import Path
from typing import TypeAlias

import pytest
import zstandard

from toy_bench import query, write, write_conversations
from toy_runs import toy_examples, toy_predictions, toy_split, write_run
from toy_server import free_port
from uniner.benchmark.examples import Example
from uniner.conversion.convert import Side, convert
from uniner.conversion.formats import FORMATS
from uniner.corpus import sample
from uniner.records import Annotated, Passage
from uniner.records.store import write_records

Changes: TypeAlias = dict[str, str]
"""What to read in place of what stands on a page."""
Preparation: TypeAlias = Callable[[Path], Changes]
"""Puts what a reader of a page has into a folder, and says what is to be changed on the page."""

TORCH = "training needs the extra train"


def take(count: int) -> Iterator[Passage]:
    """The first passages of the sample."""
    return islice(sample.read_passages(), count)


def label(example: Example) -> Annotated:
    """A text as people label it, without scores."""
    return Annotated(example.passage, tuple(replace(e, score=None) for e in example.entities or ()))


def write_labelled(path: Path) -> None:
    """Forty texts that somebody has labelled."""
    write_records(path, map(label, toy_examples("toy", 40)))


def write_base(folder: Path) -> str:
    """The path of an encoder so small that a training takes no time."""
    pytest.importorskip("torch", reason=TORCH)
    from toy_model import save_base

    save_base(folder.parent / "base")
    return str(folder.parent / "base")


def write_student(folder: Path) -> None:
    """A student of one's own where the pages have it: `mini` by another name."""
    model = folder / "runs" / "mine" / "model"
    shutil.copytree(str(files("uniner") / "models" / "mini"), model)
    settings = model / "settings.json"
    write(settings, {**json.loads(settings.read_text(encoding="utf-8")), "name": "mine"})


def prepare_readme(folder: Path) -> Changes:
    write_labelled(folder / "notes.jsonl")
    return {"uniner serve ": "uniner serve --port 0 "}


GRID = """
title = "Types that are not there"
about = "A toy."
recipe = "tiny.toml"
seeds = [0]
[axes.negatives]
none = ["student.negatives=none", "student.epochs=1"]
[axes.student]
span = []
[evaluation]
suites = ["CrossNER_AI"]
"""


def prepare_ablate(folder: Path) -> Changes:
    pytest.importorskip("torch", reason=TORCH)
    from toy_recipe import write_recipe

    write_recipe(folder)
    write_conversations(folder / "benchmark")
    (folder / "tiny-negatives.toml").write_text(GRID, encoding="utf-8")
    return {"negatives --data": "tiny-negatives.toml --data"}


FEW = """
from itertools import islice
from uniner.cli import main
from uniner.corpus import sample
some = list(islice(sample.read_passages(), 30))
sample.read_passages = lambda: iter(some)
main()
"""
"""The program with a sample that is annotated in no time."""


def prepare_adapt(folder: Path) -> Changes:
    base = write_base(folder)
    import torch

    from toy_model import make_encoder, make_network
    from uniner.students.checkpoint import Settings
    from uniner.training.export import export

    write_labelled(folder / "labelled.jsonl")
    (folder / "query.txt").write_text("Ada met Bo in Oslo.\n", encoding="utf-8")
    network = make_network(lively=True).eval()
    for value in network.parameters():  # the exporter keeps equal weights once; training has none
        value.data.add_(0.1 * torch.randn_like(value))
    notes = {"recipe": {"student": {"base": base}}}
    export(network, make_encoder(), Settings("toy", 4, 32), folder / "toy", notes=notes)
    (folder / "few.py").write_text(FEW, encoding="utf-8")
    return {
        "uniner adapt": f"{sys.executable} few.py adapt",
        "--out models/mine": "--out models/mine --model toy --epochs 1",
    }


def prepare_benchmark(folder: Path) -> Changes:
    data = folder / "benchmark"
    write_conversations(data)
    for split in ("train", "dev", "test"):
        path = data / "bc4chemd" / f"{split}.tsv"
        path.parent.mkdir(exist_ok=True)
        path.write_text("We\tO\nuse\tO\nzinc\tS-Chemical\n.\tO\n\n", encoding="utf-8")
    write_student(folder)
    write_labelled(folder / "few.jsonl")
    return {
        "fetch conllpp": "fetch bc4chemd",  # which is there; nothing is downloaded
        "--out report": "--out report --trained-on few.jsonl",  # a thousandth of the types of mini
    }


def prepare_construction(folder: Path) -> Changes:
    lines = (json.dumps({"text": passage.text}) for passage in take(40))
    packed = zstandard.compress("\n".join(lines).encode())
    (folder / "pile").mkdir()
    (folder / "pile" / "00.jsonl.zst").write_bytes(packed)
    write_conversations(folder / "benchmark")
    write(folder / "mine.jsonl", {"type": "city", "definition": "a large settlement"})
    write_labelled(folder / "conll.jsonl")
    return {}


def prepare_distill(folder: Path) -> Changes:
    small = f'epochs = 1\nhidden = 16\nbase = "{write_base(folder)}"\n[corpus.sampling]\nn = 60'
    return {"epochs = 8": small}


def prepare_formats(folder: Path) -> Changes:
    examples = toy_examples("toy", 40)
    nested = [
        Annotated(passage, tuple(f for e in entities for f in (e, replace(e, type="name"))))
        for passage, entities in ((r.passage, r.entities) for r in map(label, examples))
    ]
    write_records(folder / "annotated.jsonl", nested)
    write_records(folder / "predictions.jsonl", toy_predictions(examples, 0.7))
    source = Side(folder / "annotated.jsonl", FORMATS["annotated"])
    convert(source, Side(folder / "project.json", FORMATS["label-studio"]))
    return {
        "6,685 passages with 173,762 entities": "40 passages with 160 entities",
        "(93,144), type spelled without blanks (38,229)": "(80)",
    }


def prepare_generative(folder: Path) -> Changes:
    pytest.importorskip("torch", reason=TORCH)
    from toy_llama import make_model, wrap

    base = str(folder.parent / "llama")
    make_model("llama").save_pretrained(base)
    wrap("llama").save_pretrained(base)
    asked = [(e, n) for e in toy_examples("talk", 12) for n in range(len(e.types))]
    rows = [
        query(f"{e.passage.id}-{n}", e.passage.text, e.types[n], e.mentions[n]) for e, n in asked
    ]
    write(folder / "conversations.json", rows)
    write_labelled(folder / "conll.jsonl")
    write_conversations(folder / "DIR")
    (folder / "notes.txt").write_text("Ada met Bo in Oslo.\n", encoding="utf-8")
    return {"meta-llama/Llama-3.2-1B --out": f"{base} --set epochs=1 --out"}


def prepare_http(folder: Path) -> Changes:
    write_student(folder)
    (folder / "notes").mkdir()
    for passage in take(5):
        (folder / "notes" / f"{passage.id}.txt").write_text(passage.text, encoding="utf-8")
    port, other = free_port(), free_port()
    return {
        "127.0.0.1:8000": f"127.0.0.1:{port}",
        "uniner serve\n": f"uniner serve --port {port}\n",
        "--port 8080": f"--port {other}",
        "curl ": "curl --fail ",
    }


def prepare_scale(folder: Path) -> Changes:
    pytest.importorskip("ray", reason="the page needs the extra ray")
    write_records(folder / "passages" / "a.jsonl", take(20))
    return {"--ray-address auto ": ""}


def prepare_spacy(folder: Path) -> Changes:
    pytest.importorskip("spacy", reason="the page needs the extra spacy")
    # As the entry point does where uniner is installed, which tests do not ask for.
    return {"import spacy\n": "import spacy\nimport uniner.integrations.spacy\n"}


def prepare_training(folder: Path) -> Changes:
    small = f"--set epochs=1 --set hidden=16 --base {write_base(folder)}"
    return {"--set epochs=1": small, "200": "40"}


def prepare_view(folder: Path) -> Changes:
    examples = toy_examples("toy", 40)
    write_labelled(folder / "annotated.jsonl")
    write_labelled(folder / "gold.jsonl")
    write_records(folder / "predictions.jsonl", toy_predictions(examples, 0.7))
    write_run(folder / "runs" / "bench", toy_split("mit_movie"))
    return {}


PREPARATIONS: dict[str, Preparation] = {
    "README.md": prepare_readme,
    "docs/ablate.md": prepare_ablate,
    "docs/adapt.md": prepare_adapt,
    "docs/benchmark.md": prepare_benchmark,
    "docs/construction.md": prepare_construction,
    "docs/distill.md": prepare_distill,
    "docs/formats.md": prepare_formats,
    "docs/generative.md": prepare_generative,
    "docs/http.md": prepare_http,
    "docs/scale.md": prepare_scale,
    "docs/spacy.md": prepare_spacy,
    "docs/training.md": prepare_training,
    "docs/view.md": prepare_view,
}
"""Other pages are run as they stand, new ones too."""
