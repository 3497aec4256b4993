"""Token ids of rendered dialogues: part by part as the whole, and only answers are supervised."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import AddedToken, Tokenizer, models, pre_tokenizers

from toy_tokenizers import FAMILIES, byte_level, marks_of, metaspace_first, unigram
from uniner.chat.dialogue import Exchange
from uniner.chat.queries import ask_type
from uniner.chat.template import TEMPLATES, TemplateName, find_template, join
from uniner.chat.tokens import ChatTokenizer
from uniner.records import ConfigError

PARTS = ["\n", "\n\n", "  ", "\t", "USER:", " ASSISTANT:", "é", "東京", "😀", "[", '"]', ".", "\\"]
TEXTS = st.lists(st.sampled_from([*PARTS, "Oslo", " in"]) | st.text(max_size=4), max_size=12).map(
    "".join
)
ANSWERS = st.lists(TEXTS, max_size=3).map(json.dumps)
EXCHANGES = st.lists(st.tuples(TEXTS, ANSWERS).map(lambda pair: Exchange(*pair)), max_size=3)
CASES = [(family, name) for family in FAMILIES for name in TEMPLATES]


def chat_of(family: str, name: TemplateName, *, start: bool = True) -> ChatTokenizer:
    begin, end = marks_of(family)
    return ChatTokenizer(FAMILIES[family](), find_template(name, begin if start else "", end))


CHATS = {
    (family, name, start): chat_of(family, name, start=start)
    for family, name in CASES
    for start in (True, False)
}


def spells_special(family: str, text: str) -> bool:
    return any(mark in text for mark in (*marks_of(family), "<unk>", "[PAD]", "[UNK]"))


@pytest.mark.parametrize("family", FAMILIES)
@given(
    made=st.tuples(st.sampled_from(list(TEMPLATES)), st.booleans()),
    text=TEXTS,
    dataset=st.sampled_from(["", "CoNLL"]),
    asked=EXCHANGES,
)
def test_the_ids_of_the_parts_are_those_of_the_whole_text(
    family: str, made: tuple[TemplateName, bool], text: str, dataset: str, asked: list[Exchange]
) -> None:
    chat = CHATS[family, *made]
    pieces = [*chat.template.render_prefix(text, dataset)]
    ids = chat.encode_prefix(text, dataset)
    for question, answer in asked:
        pieces += [*chat.template.render_query(question), *chat.template.render_answer(answer)]
        ids += chat.encode_exchange(question, answer).ids
    whole = join(tuple(pieces))
    if not spells_special(family, text + "".join(map("".join, asked))):
        assert ids == FAMILIES[family]().encode(whole, add_special_tokens=False).ids


@pytest.mark.parametrize(("family", "name"), CASES)
@settings(max_examples=25)
@given(question=TEXTS, answer=ANSWERS)
def test_a_query_is_where_its_exchange_begins_and_the_rest_is_supervised(
    family: str, name: TemplateName, question: str, answer: str
) -> None:
    chat = CHATS[family, name, True]
    asked, exchange = chat.encode_query(question), chat.encode_exchange(question, answer)
    rest = len(exchange.ids) - len(asked)
    assert exchange.ids[: len(asked)] == asked
    assert exchange.supervised == [False] * len(asked) + [True] * rest
    assert exchange.ids[-1] == chat.end
    assert chat.end == FAMILIES[family]().token_to_id(marks_of(family)[1])


SPELLED = ["<s>", "</s>", "[SEP]", "[CLS]", "[PAD]", "a</s>b", "</s></s>", "</S>", "[sep]", " </s>"]


@pytest.mark.parametrize("family", FAMILIES)
@settings(max_examples=50)
@given(text=st.lists(st.sampled_from(SPELLED) | TEXTS, max_size=5).map(" ".join))
def test_what_a_passage_spells_is_never_a_special_token(family: str, text: str) -> None:
    chat = CHATS[family, "uniner", True]
    tokenizer = FAMILIES[family]()
    special = {tokenizer.token_to_id(mark) for mark in (*marks_of(family), "[PAD]")} - {None}
    prefix = chat.encode_prefix(text)
    assert [id for id in prefix if id in special] == [
        tokenizer.token_to_id(mark) for mark in marks_of(family)
    ]
    exchange = chat.encode_exchange(ask_type(text), json.dumps([text]))
    assert [id for id in exchange.ids if id in special] == [chat.end]


def test_a_special_token_that_is_spelled_is_read_letter_by_letter() -> None:
    chat = CHATS["unigram", "bare", True]
    tokens = [unigram().id_to_token(id) for id in chat.encode_prefix("a</s>b")]
    assert [token for token in tokens if token != "▁"] == [
        "<s>", "a", "<", "/", "s", ">", "b", "</s>",
    ]  # fmt: skip


def test_what_surrounds_a_text_does_not_change_the_tokenizer_that_was_given() -> None:
    tokenizer = Tokenizer.from_str(byte_level().to_str())
    tokenizer.enable_truncation(4)
    tokenizer.enable_padding(length=9)
    chat = ChatTokenizer(tokenizer, find_template("bare", "<s>", "</s>"))
    text = "Ada met Bo in Oslo. " * 9
    assert tokenizer.decode(chat.encode_prefix(text)) == text
    assert tokenizer.truncation is not None
    assert len(tokenizer.encode("Ada met Bo in Oslo").ids) == 9


def test_a_blank_is_put_before_a_text_but_not_within_one() -> None:
    tokenizer = metaspace_first()
    chat = ChatTokenizer(tokenizer, find_template("uniner", "", "</s>"))
    first, inner = chat.encode_prefix("x")[0], chat.encode_query("x")[0]
    assert str(tokenizer.id_to_token(first)).startswith("▁")
    assert not str(tokenizer.id_to_token(inner)).startswith("▁")


def joins_across_the_answer() -> Tokenizer:
    """A tokenizer that makes one token of the line's end before an answer and its bracket."""
    letters = [*"\n", *map(chr, range(32, 127)), "\n["]
    numbers = {piece: number for number, piece in enumerate(["</s>", *letters])}
    tokenizer = Tokenizer(models.BPE(numbers, [("\n", "[")]))
    tokenizer.add_special_tokens(["</s>"])
    return tokenizer


def swallows_blanks() -> Tokenizer:
    """A tokenizer whose special token takes the white space after it along."""
    tokenizer = Tokenizer.from_str(byte_level().to_str())
    tokenizer.add_special_tokens([AddedToken("<|end|>", rstrip=True)])
    return tokenizer


def without_marks() -> Tokenizer:
    tokenizer = Tokenizer(models.WordLevel({"a": 0}, "a"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    return tokenizer


@pytest.mark.parametrize(
    ("tokenizer", "end", "expected"),
    [
        (without_marks(), "</s>", "the tokenizer has no special token '</s>'"),
        (joins_across_the_answer(), "</s>", "'alpaca' does not suit .* depends on the answer"),
        (swallows_blanks(), "<|end|>", "after '<|end|>' it goes on in a way of its own"),
    ],
)
def test_a_tokenizer_that_does_not_suit_is_refused(
    tokenizer: Tokenizer, end: str, expected: str
) -> None:
    with pytest.raises(ConfigError, match=expected.replace("|", r"\|")):
        ChatTokenizer(tokenizer, find_template("alpaca", "", end))
