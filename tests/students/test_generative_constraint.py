"""Held answers quote the passage, whatever the tokenizer and whatever the model would say."""

import json

import llguidance
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from toy_llama import Toy, make_bytes, make_unigram, make_wordpiece
from uniner.chat.answer import Parsed, parse_answer
from uniner.chat.variants import Question
from uniner.students.generative.answers import HeldAnswer
from uniner.students.generative.constraint import Form, Rules, make_form
from uniner.students.generative.quotes import read_quotes
from uniner.students.generative.surface import read_surface
from uniner.students.grammar import build_grammar
from uniner.students.ground import CUT_OFF
from uniner.text.align import on_boundaries

TOKENIZERS: dict[Toy, Tokenizer] = {
    "llama": make_bytes(),
    "bert": make_wordpiece(),
    "t5": make_unigram(),
}
LEADS: dict[Toy, bytes] = {"llama": b" ", "bert": b"", "t5": b""}
FORMS: dict[Toy, Form] = {
    toy: make_form(read_surface(tokenizer), LEADS[toy]) for toy, tokenizer in TOKENIZERS.items()
}

NASTY = st.text(
    st.one_of(
        st.sampled_from("ab1 .,\"\\[]{}'\n\t/u"),
        st.sampled_from("éÉßİ́あ東😀‍\u00a0\u2028_-ﬁ½\x00\x7f"),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=30,
)


def make_rules(toy: Toy, text: str) -> Rules:
    form = FORMS[toy]
    return Rules(read_quotes(text, form.surface, TOKENIZERS[toy]), form)


def babble(rules: Rules, seed: int, limit: int = 60, threshold: float = 0.5) -> HeldAnswer:
    """An answer of a model that likes any token as well as another, at random."""
    answer = HeldAnswer(rules, threshold, limit)
    rng = np.random.default_rng(seed)
    while True:
        chances = rng.random(len(answer.options.tokens)) ** 3 + 1e-9
        if answer.hear(chances / chances.sum()) is None:
            return answer


def follow(rules: Rules, wanted: bytes, surface: dict[int, bytes]) -> HeldAnswer:
    """An answer of a model that wants to write these bytes, by the longest tokens."""
    answer = HeldAnswer(rules, 0.5, 500)
    written = b""
    while True:
        tokens = answer.options.tokens.tolist()
        fits = [len(surface[t]) if wanted.startswith(written + surface[t]) else 0 for t in tokens]
        assert any(fits), (written, wanted)
        chances = np.zeros(len(tokens))
        chances[int(np.argmax(fits))] = 1.0
        said = answer.hear(chances)
        written += surface[answer.tokens[-1]]
        if said is None:
            return answer


@pytest.mark.parametrize("toy", TOKENIZERS)
@given(text=NASTY, seed=st.integers(0, 2**32))
def test_every_mention_of_a_held_answer_stands_in_the_text(toy: Toy, text: str, seed: int) -> None:
    answer = babble(make_rules(toy, text), seed)

    entities, faults = answer.read(Question("thing", ("thing",), paired=False))

    assert [fault.why for fault in faults] == [CUT_OFF] * (not answer.over)
    for entity in entities:
        assert text[entity.start : entity.end] == entity.text == entity.text.strip()
        assert on_boundaries(entity.span, text)
        assert entity.score is not None
    assert bool(entities) == bool(answer.listed)


def takes_all(text: str, tokens: list[int]) -> bool:
    """Whether the grammar for servers takes these tokens one after the other."""
    backend = llguidance.LLTokenizer(TOKENIZERS["llama"].to_str(), eos_token=0)
    matcher = llguidance.LLMatcher(backend, build_grammar(text))
    ids = TOKENIZERS["llama"].get_vocab()
    first = {ids[f"Ġ{bare}"]: [ids[bare]] for bare in ("[", '["', "[]")}
    rest = [*first.get(tokens[0], []), *tokens[1:]]  # servers do without the blank
    return bool(matcher.try_consume_tokens(rest) == len(rest))


@given(text=NASTY, seed=st.integers(0, 2**32))
def test_what_is_written_is_a_json_list_of_what_was_found(text: str, seed: int) -> None:
    rules = make_rules("llama", text)
    answer = babble(rules, seed, limit=400)
    surface = rules.form.surface.written

    written = b"".join(surface[token] for token in answer.tokens).decode()

    assert takes_all(text, answer.tokens)
    if not written.endswith("]"):  # a repeat ended it
        tail = next(tail for tail in ('", "', '", ', '",', '"') if written.endswith(tail))
        written = written.removesuffix(tail) + '"]'
    parsed = parse_answer(written)
    assert isinstance(parsed, Parsed)
    said = [item for item in parsed.items if isinstance(item, str)]
    listed = {text[start:end] for spans in answer.listed for start, end in spans}
    assert set(said) == listed
    assert len(said) <= len(listed) + 1  # a repeat ends the list


ASKED = Question("x", ("x",), paired=False)
TEXT = 'Mira "the [M]" met\nIvo at C:\\new in U.S. Café É-1, 東京 😀 (Oslo).'


@pytest.mark.parametrize("ascii", [False, True])
@pytest.mark.parametrize(
    "mentions",
    [
        [],
        ["Mira"],
        ['Mira "the [M]" met\nIvo', "C:\\new"],
        ["U.S.", "U.S", "Café", "É-1", "東京 😀"],
        ["(Oslo).", '"', "]", "\\"],
    ],
)
def test_any_mentions_of_the_text_can_be_written_either_way(
    mentions: list[str], ascii: bool
) -> None:
    rules = make_rules("llama", TEXT)
    wanted = b" " + json.dumps(mentions, ensure_ascii=ascii).encode()

    answer = follow(rules, wanted, rules.form.surface.written)

    assert answer.over
    assert {e.text for e in answer.read(ASKED).entities} == set(mentions)


@pytest.mark.parametrize(
    ("toy", "wanted", "found"),
    [
        ("bert", ' [ " mira " , " u . s . " ]', ["MIRA", "U.S."]),
        ("bert", ' [ " mira \\ " the [ m ] " ]', ['MIRA "the [M]']),
        ("bert", ' [ " cafe " ]', ["Café"]),
        ("t5", '["MIRA", "U.S."]', ["MIRA", "U.S."]),
        ("t5", '["met Ivo"]', ["met\nIvo"]),
    ],
)
def test_lossy_tokenizers_give_mentions_back_verbatim(
    toy: Toy, wanted: str, found: list[str]
) -> None:
    rules = make_rules(toy, 'MIRA "the [M]" met\nIvo in U.S. Café.')
    surface = rules.form.surface.written

    answer = follow(rules, wanted.encode(), surface)

    assert [entity.text for entity in answer.read(ASKED).entities] == found
