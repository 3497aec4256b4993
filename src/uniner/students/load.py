"""Finds the extractor that a name, a folder or an address stands for."""

from importlib.resources import files
from pathlib import Path

from uniner.records import InputError
from uniner.students.extractor import Extractor

BUNDLED = "mini"


def load_extractor(model: str | None = None, *, threads: int | None = None) -> Extractor:
    """The extractor for a bundled name (None: `mini`) or a model folder.

    InputError where there is none, or where the folder is not a model.
    """
    from uniner.students.span import SpanStudent

    if model is None or model == BUNDLED:
        return SpanStudent(Path(str(files("uniner") / "models" / BUNDLED)), threads=threads)
    if model.startswith(("http://", "https://")):
        raise InputError(f"{model}: served models are not supported yet; give a model folder")
    if not Path(model).exists():
        raise InputError(f"{model}: no such model; give {BUNDLED!r} or a folder with a model")
    return SpanStudent(Path(model), threads=threads)
