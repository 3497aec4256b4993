"""Rendered dialogues, pinned: every character, every token, and what of it is supervised."""

import json
from itertools import groupby
from pathlib import Path

import pytest

from toy_tokenizers import single_bytes, word_piece
from uniner.chat.dialogue import Dialogue, Exchange
from uniner.chat.queries import ask_type
from uniner.chat.template import TEMPLATES, Piece, TemplateName, find_template, join
from uniner.chat.tokens import ChatTokenizer, Tokens
from uniner.records import ConfigError

GOLDEN = Path(__file__).with_name("golden")
TEXT = 'Ada met Bo at "Café [x]" in Oslo.'
DIALOGUES = [
    Dialogue(
        "1",
        TEXT,
        (
            Exchange(ask_type("city"), "[]"),
            Exchange(ask_type("place"), json.dumps(['"Café [x]"', "Oslo"])),
        ),
    ),
    Dialogue("2", TEXT, (Exchange(ask_type("person"), '["Ada", "Bo"]'),), "CoNLL 2003"),
]


def render(dialogue: Dialogue, name: TemplateName, start: str, end: str) -> list[Piece]:
    template = find_template(name, start, end)
    pieces = [*template.render_prefix(dialogue.text, dialogue.dataset)]
    for question, answer in dialogue.exchanges:
        pieces += [*template.render_query(question), *template.render_answer(answer)]
    return pieces


def encode(dialogue: Dialogue, chat: ChatTokenizer) -> Tokens:
    ids = chat.encode_prefix(dialogue.text, dialogue.dataset)
    supervised = [False] * len(ids)
    for exchange in dialogue.exchanges:
        tokens = chat.encode_exchange(*exchange)
        ids, supervised = ids + tokens.ids, supervised + tokens.supervised
    return Tokens(ids, supervised)


def describe(dialogue: Dialogue, name: TemplateName) -> dict[str, object]:
    """What a golden file holds: the characters, and runs of tokens that are supervised or not."""
    read = single_bytes(), word_piece()
    in_bytes = encode(dialogue, ChatTokenizer(read[0], find_template(name, "<s>", "</s>")))
    in_pieces = encode(dialogue, ChatTokenizer(read[1], find_template(name, "[CLS]", "[SEP]")))
    return {
        "rendered": join(tuple(render(dialogue, name, "<s>", "</s>"))),
        "bytes": [
            [asked, read[0].decode(ids, skip_special_tokens=False)]
            for asked, ids in split_runs(in_bytes)
        ],
        "pieces": [
            [asked, " ".join(str(read[1].id_to_token(id)) for id in ids)]
            for asked, ids in split_runs(in_pieces)
        ],
    }


def split_runs(tokens: Tokens) -> list[tuple[bool, list[int]]]:
    pairs = zip(tokens.supervised, tokens.ids, strict=True)
    return [
        (asked, [id for _, id in run]) for asked, run in groupby(pairs, key=lambda pair: pair[0])
    ]


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_rendered_dialogue_and_its_tokens_are_those_on_file(name: TemplateName) -> None:
    kept = json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))
    assert [describe(dialogue, name) for dialogue in DIALOGUES] == kept


@pytest.mark.parametrize("name", TEMPLATES)
def test_exactly_the_answers_and_their_end_marks_are_supervised(name: TemplateName) -> None:
    for row, dialogue in zip(
        json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8")), DIALOGUES, strict=True
    ):
        asked = [text for supervised, text in row["bytes"] if supervised]
        assert [text.lstrip() for text in asked] == [f"{e.answer}</s>" for e in dialogue.exchanges]
        assert "".join(text for _, text in row["bytes"]) == row["rendered"]


PROMPT = (
    "A virtual assistant answers questions from a user based on the provided text. "
    "USER: Text: Ada slept. ASSISTANT: I've read this text.</s>"
    "USER: What describes person in the text? ASSISTANT:"
)


def test_the_published_models_are_prompted_byte_for_byte_as_they_were_trained() -> None:
    template = find_template("uniner", "", "</s>")
    asked = template.render_query(ask_type("person"))
    prompt = (*template.render_prefix("Ada slept."), *asked)
    assert join(prompt) == PROMPT
    further = (*prompt, *template.render_answer('["Ada"]'), *asked)
    assert join(further) == (
        f'{PROMPT} ["Ada"]</s>USER: What describes person in the text? ASSISTANT:'
    )


def test_only_a_template_spells_special_tokens() -> None:
    template = find_template("uniner", "<s>", "</s>")
    pieces = (
        *template.render_prefix("a</s>b {end}{context}<s>"),
        *template.render_query("</s>{question}"),
        *template.render_answer("</s>"),
    )
    assert [piece.text for piece in pieces if piece.mark] == ["<s>", "</s>", "</s>"]
    assert "Text: a</s>b {end}{context}<s> ASSISTANT" in join(pieces)
    assert "USER: </s>{question} ASSISTANT: </s></s>" in join(pieces)


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_prefix_ends_in_a_mark_and_so_does_an_answer(name: TemplateName) -> None:
    template = find_template(name, "<|x|>", "<|x|>")
    assert template.marks == ("<|x|>",)
    for pieces in (template.render_prefix("a"), template.render_answer("[]")):
        assert pieces[-1] == Piece("<|x|>", supervised=pieces[-1].supervised, mark=True)


def test_the_bare_template_asks_by_the_type_alone() -> None:
    template = find_template("bare", "[CLS]", "[SEP]")
    assert join(template.render_prefix("Ada.")) == "[CLS]Ada.[SEP]"
    assert join(template.render_prefix("Ada.", "CoNLL")) == "[CLS]CoNLL: Ada.[SEP]"
    assert join(template.render_query(ask_type("a city"))) == "a city[SEP]"
    assert join(template.render_query("Which?")) == "Which?[SEP]"


def test_a_template_of_the_base_model_is_not_found_here() -> None:
    with pytest.raises(ConfigError, match=r"template 'base' is not one of uniner, vicuna"):
        find_template("base", "", "</s>")
