"""Open named entity recognition by targeted distillation."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from uniner.students.extractor import Extractor

__version__ = "0.1.0"
__all__ = ["__version__", "load"]


def load(model: str | None = None) -> "Extractor":
    """An extractor: the bundled `mini`, or the one in the folder `model`.

    `load().extract(texts, types)` returns one result per text, in order, with `.entities`, each
    with `start`, `end`, `text`, `type` and `score`.
    """
    from uniner.students.load import load_extractor

    return load_extractor(model)
