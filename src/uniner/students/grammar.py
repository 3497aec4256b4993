"""Answers that can only quote the passage, as a grammar that servers of models understand.

It is a Lark grammar in the dialect of llguidance, which vLLM and others take with a request. An
answer is a JSON list of strings; each is a run of the passage's words, written as JSON writes it
either way (`é` or `\\u00e9`).
"""

import json

from uniner.students.encode import whole_characters
from uniner.text.align import in_word

NOTHING = 'start: "[]"\n'

BLANK_START = r"BLANK_START: /(( |\\[nrtf])(?s:.*))?/"
BLANK_END = r"BLANK_END: /(?s:.*) |((?s:.*)[^\\])?(\\\\)*\\[nrtf]/"
"""Mentions of nothing or with white space at an edge; an escaped backslash begins none."""


def build_grammar(text: str) -> str:
    """The Lark grammar of the JSON lists whose strings stand in `text` on word boundaries."""
    chunks = split_chunks(whole_characters(text))
    if not any(chunk.strip() for chunk in chunks):
        return NOTHING
    spellings = dict.fromkeys(
        tuple(json.dumps(chunk, ensure_ascii=ascii)[1:-1] for chunk in chunks)
        for ascii in (False, True)
    )
    names = [f"MENTION_{number}" for number in range(len(spellings))]
    rules = [
        'start: "[]" | "[" mention (", " mention)* "]"',
        f'mention: "\\"" ({" | ".join(names)}) "\\""',
    ]
    for name, spelling in zip(names, spellings, strict=True):
        quoted = json.dumps({"substring_chunks": spelling}, ensure_ascii=False)
        rules.append(f"{name}: PASSAGE_{name[-1]} & ~BLANK_START & ~BLANK_END")
        rules.append(f"PASSAGE_{name[-1]}: %regex {quoted}")
    return "\n".join([*rules, BLANK_START, BLANK_END]) + "\n"


def split_chunks(text: str) -> list[str]:
    """`text` cut wherever a mention may start or end: words whole, all other characters alone."""
    chunks: list[str] = []
    inside = False
    for letter in text:
        if inside and in_word(letter):
            chunks[-1] += letter
        else:
            chunks.append(letter)
        inside = in_word(letter)
    return chunks
