"""Conversations that teach to repeat: how a sentence goes on from a word.

A model that was never made to write, such as an encoder used as a prefix language model, learns to
copy out of a passage before it learns anything of entities; these teach it that alone.
"""

import json
import random
from collections import Counter
from collections.abc import Iterable, Iterator

from uniner.chat.dialogue import Dialogue, Exchange
from uniner.records import Passage
from uniner.text.sentences import cut_sentences
from uniner.text.words import split_words

QUESTIONS = 6
LENGTHS = (1, 1, 2, 2, 3, 4)
"""Words of an answer, each as likely: mentions are as short."""


def make_repetitions(passages: Iterable[Passage], seed: int) -> Iterator[Dialogue]:
    """A conversation a sentence, of at most `QUESTIONS`; no word is asked that is there twice."""
    for passage in passages:
        for number, (sentence, _) in enumerate(cut_sentences(passage.text, ())):
            name = f"{passage.id}#{number}"
            exchanges = tuple(ask_on(sentence, random.Random(f"{seed} {name}")))
            if exchanges:
                yield Dialogue(name, sentence, exchanges)


def ask_on(sentence: str, rng: random.Random) -> Iterator[Exchange]:
    """Questions that are a word each, and how the sentence goes on from there."""
    words = split_words(sentence)
    counts = Counter(sentence[start:end] for start, end in words)
    alone = [n for n, (start, end) in enumerate(words) if counts[sentence[start:end]] == 1]
    for first in rng.sample(alone, min(QUESTIONS, len(alone))):
        (start, end), last = words[first], min(len(words), first + rng.choice(LENGTHS)) - 1
        yield Exchange(sentence[start:end], json.dumps([sentence[start : words[last][1]]]))
