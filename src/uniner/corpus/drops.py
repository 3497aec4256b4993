"""Why a passage is not in a sample."""

from enum import StrEnum


class Drop(StrEnum):
    """A reason for which a passage is left out."""

    SHORT = "too short"
    LONG_WORD = "one word longer than a passage"
    LANGUAGE = "another language"
    CONTAMINATED = "shares words with a test set"
    EXACT = "the same as another"
    NEAR = "nearly the same as another"
    NOT_DRAWN = "not drawn"
