"""A real server of a real model, though an untrained one, is a teacher like any other."""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pytest

from toy_server import free_port
from uniner.construction.annotating import annotate_file
from uniner.construction.desk import Plan
from uniner.construction.narrator import Silent
from uniner.records import InputError
from uniner.records.store import read_jsonl
from uniner.teacher.annotate import Method
from uniner.teacher.clean import Reason
from uniner.teacher.endpoint import Endpoint
from uniner.teacher.journal import open_journal

NEEDED = ("torch", "transformers", "fastapi", "uvicorn", "typer")
missing = [name for name in NEEDED if find_spec(name) is None]
pytestmark = pytest.mark.skipif(
    bool(missing), reason=f"`transformers serve` needs {', '.join(missing)}: the extra train"
)

TEXTS = ["Ada met Bo in Oslo.", "Nobody came.", "Rome, 1960.", "[x]", "Éa saw 東京."]
TEMPLATE = "{% for turn in messages %}{{ turn.role }}: {{ turn.content }}\n{% endfor %}assistant:"


def save_llama(folder: Path) -> None:
    """A Llama of two layers with random weights, and a tokenizer of single bytes."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    numbers = {letter: number for number, letter in enumerate(["</s>", *letters])}
    tokenizer = Tokenizer(models.BPE(numbers, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="</s>")  # type: ignore[no-untyped-call]
    fast.chat_template = TEMPLATE
    fast.save_pretrained(folder)
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(numbers),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        max_position_embeddings=2048,
        bos_token_id=None,
        eos_token_id=0,
    )
    llama = LlamaForCausalLM(config)
    llama.generation_config.do_sample = True
    llama.save_pretrained(folder)


@contextmanager
def serve(model: Path, log: Path) -> Iterator[str]:
    """`transformers serve` with one model, asked at the address that is given."""
    port = free_port()
    command = [str(Path(sys.executable).with_name("transformers")), "serve", str(model)]
    place = ["--host", "127.0.0.1", "--port", str(port), "--device", "cpu"]
    offline = {**os.environ, "HF_HUB_OFFLINE": "1", "CUDA_VISIBLE_DEVICES": ""}
    with log.open("w", encoding="utf-8") as stream:
        server = subprocess.Popen([*command, *place], env=offline, stdout=stream, stderr=stream)
    try:
        wait_for(f"http://127.0.0.1:{port}/health", server, log)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        server.kill()
        server.wait()


def wait_for(url: str, server: "subprocess.Popen[bytes]", log: Path) -> None:
    """Wait until a server answers."""
    patience = time.monotonic() + 120
    while time.monotonic() < patience:
        assert server.poll() is None, log.read_text(encoding="utf-8")
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise AssertionError(log.read_text(encoding="utf-8"))


def test_what_an_untrained_model_says_is_counted_kept_and_not_asked_for_again(
    tmp_path: Path,
) -> None:
    model, passages = tmp_path / "llama", tmp_path / "p.jsonl"
    save_llama(model)
    lines = (json.dumps({"id": str(n), "text": text}) for n, text in enumerate(TEXTS))
    passages.write_text("\n".join(lines), encoding="utf-8")
    plain, varied = Method(), Method(form="json", samples=2)
    with serve(model, tmp_path / "log") as url:
        once = Endpoint(url, str(model), max_tokens=24, workers=2, timeout=60)
        twice = replace(once, temperature=1.0)
        first = annotate_file(passages, tmp_path / "a.jsonl", Plan((once,)), Silent())
        both = annotate_file(passages, tmp_path / "b.jsonl", Plan((twice,), varied), Silent())
        with pytest.raises(InputError, match=r"status 400, .*pinned to"):
            annotate_file(
                passages, tmp_path / "c.jsonl", Plan((replace(once, model="other"),)), Silent()
            )

    assert (first.passages, first.replied, first.drops) == (5, 5, {Reason.MALFORMED: 5})
    # The server is gone: what comes now comes from the journal.
    for name, tally, plan in (
        ("a", first, Plan((once,), plain)),
        ("b", both, Plan((twice,), varied)),
    ):
        assert tally.replied == 5
        assert annotate_file(passages, tmp_path / f"{name}.jsonl", plan, Silent()) == tally
        rows = [row for _, row in read_jsonl(tmp_path / f"{name}.replies.jsonl")]
        said = [(row["id"], row["reply"]) for row in rows]
        assert [id for id, _ in said] == [
            str(n) for n in range(5) for _ in range(plan.method.samples)
        ]
        with open_journal(tmp_path / f"{name}.journal") as journal:
            kept = [reply for _, reply in journal.read()]
        assert sorted((reply.id, reply.raw) for reply in kept) == sorted(said)
        assert {reply.completion_tokens for reply in kept if not reply.whole} <= {24}
        assert all(reply.prompt_tokens > 100 and reply.model == str(model) for reply in kept)
    assert len({raw for id, raw in said if id == "0"}) == 2
