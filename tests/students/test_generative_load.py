"""What is loaded of a model folder: its marks, its own chat template, what its tokens write."""

from pathlib import Path
from typing import Any

import pytest
from tokenizers import Tokenizer, models

from toy_llama import Toy, make_bytes, make_model, make_unigram, make_wordpiece, wrap
from uniner.chat.dialogue import READ
from uniner.chat.template import TemplateName, join
from uniner.records import ConfigError, InputError
from uniner.students.generative.load import (
    base_template,
    load_tokenizer,
    open_tokenizer,
    special_marks,
)
from uniner.students.generative.plain import complete
from uniner.students.generative.surface import UNKNOWN, read_surface

CHATML = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
LLAMA = (
    "{{ bos_token }}{% for m in messages %}{% if m.role == 'user' %}[INST] {{ m.content }} [/INST]"
    "{% else %} {{ m.content }} {{ eos_token }}{% endif %}{% endfor %}"
)
PLAIN = "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}"
DATED = "{{ date_string }} " + PLAIN


def make_chat(template: str) -> Any:
    tokenizer = wrap("llama")
    tokenizer.add_special_tokens({"additional_special_tokens": ["<|im_start|>", "<|im_end|>"]})
    tokenizer.chat_template = template
    return tokenizer


@pytest.mark.parametrize(
    ("chat", "prefix", "query", "answer"),
    [
        (
            CHATML,
            "<|im_start|>user\nText: Hi{question}<|im_end|>\n<|im_start|>assistant\n"
            f"{READ}<|im_end|>",
            "\n<|im_start|>user\nWhat?<|im_end|>\n<|im_start|>assistant\n",
            '["Hi"]<|im_end|>',
        ),
        (
            LLAMA,
            f"<s>[INST] Text: Hi{{question}} [/INST] {READ} </s>",
            "[INST] What? [/INST]",
            ' ["Hi"] </s>',
        ),
        (
            PLAIN,
            f"user: Text: Hi{{question}}\nassistant: {READ}</s>",
            "\nuser: What?\nassistant:",
            ' ["Hi"]</s>',
        ),
        (
            DATED,
            f"01 Jan 2025 user: Text: Hi{{question}}\nassistant: {READ}</s>",
            "\nuser: What?\nassistant:",
            ' ["Hi"]</s>',
        ),
    ],
)
def test_a_chat_template_becomes_prefix_query_and_answer(
    chat: str, prefix: str, query: str, answer: str
) -> None:
    template = base_template(make_chat(chat))

    assert join(template.render_prefix("Hi{question}")) == prefix
    assert join(template.render_query("What?")) == query
    assert join(template.render_answer('["Hi"]')) == answer
    assert template.render_prefix("Hi")[-1].mark
    assert template.render_answer("[]")[-1].mark


@pytest.mark.parametrize(
    ("chat", "message"),
    [
        ("", "no chat template"),
        ("{{ raise_exception('only once') }}", "does not render"),
        ("{{ messages[0].content }}", "leaves out a turn"),
    ],
)
def test_a_chat_template_that_cannot_hold_a_dialogue_is_refused(chat: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        base_template(make_chat(chat))


@pytest.mark.parametrize(
    ("toy", "marks"),
    [("llama", ("<s>", "</s>")), ("bert", ("[CLS]", "[SEP]")), ("t5", ("", "</s>"))],
)
def test_marks_are_those_of_the_base_model(toy: Toy, marks: tuple[str, str]) -> None:
    assert special_marks(wrap(toy)) == marks


def test_a_tokenizer_without_an_end_is_refused() -> None:
    tokenizer = wrap("llama")
    tokenizer.eos_token = None
    with pytest.raises(ConfigError, match="neither an EOS nor a SEP"):
        special_marks(tokenizer)


@pytest.mark.parametrize(
    ("toy", "template"), [("llama", "uniner"), ("llama", "base"), ("bert", "bare"), ("t5", "bare")]
)
def test_a_saved_tokenizer_encodes_dialogues(
    toy: Toy, template: TemplateName, tmp_path: Path
) -> None:
    tokenizer = wrap(toy)
    tokenizer.chat_template = LLAMA
    tokenizer.save_pretrained(tmp_path)

    chat = load_tokenizer(tmp_path, template)

    assert chat.encode_exchange("What?", "[]").ids[-1] == chat.end
    assert chat.template.name == template


def test_a_folder_without_a_tokenizer_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="its tokenizer does not load"):
        open_tokenizer(tmp_path)


@pytest.mark.parametrize(
    ("tokenizer", "kind", "lossless", "token", "writes"),
    [
        (make_bytes(), "bytes", True, "ĠMi", b" Mi"),
        (make_bytes(), "bytes", True, "Ã", b"\xc3"),
        (make_bytes(), "bytes", True, "</s>", None),
        (make_wordpiece(), "words", False, "mira", b" mira"),
        (make_wordpiece(), "words", False, "##a", b"a"),
        (make_wordpiece(), "words", False, "[UNK]", b" " + UNKNOWN),
        (make_unigram(), "blanks", False, "▁Mira", b" Mira"),
        (make_unigram(), "blanks", False, "<unk>", UNKNOWN),
    ],
)
def test_tokens_write_bytes(
    tokenizer: Tokenizer, kind: str, lossless: bool, token: str, writes: bytes | None
) -> None:
    surface = read_surface(tokenizer)

    assert (surface.kind, surface.lossless) == (kind, lossless)
    assert surface.written.get(tokenizer.get_vocab()[token]) == writes


def test_a_tokenizer_of_no_known_kind_is_refused() -> None:
    with pytest.raises(ConfigError, match="switch grounding off"):
        read_surface(Tokenizer(models.WordLevel({"a": 0, "?": 1}, unk_token="?")))


@pytest.mark.parametrize("toy", ["llama", "bert", "t5"])
def test_prompts_are_completed_alike_in_any_batch(toy: Toy) -> None:
    model, tokenizer = make_model(toy, seed=2).eval(), wrap(toy)
    prompts = ["Mira met Ivo", "in", "Oslo: Mira, Ivo, and a few more"]

    together = complete(model, tokenizer, prompts, 8, batch=3)

    assert together == [complete(model, tokenizer, [prompt], 8)[0] for prompt in prompts]
    assert all(together)
