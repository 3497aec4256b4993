"""The nouns every layer speaks: records, their errors and their files."""

from uniner.records.errors import ConfigError, InputError, RecordError, UninerError
from uniner.records.types import Annotated, Entity, Fault, Passage, Prediction, Span

__all__ = [
    "Annotated",
    "ConfigError",
    "Entity",
    "Fault",
    "InputError",
    "Passage",
    "Prediction",
    "RecordError",
    "Span",
    "UninerError",
]
