"""Finds the extractor that a name, a folder or an address stands for."""

import asyncio
from importlib.resources import files
from pathlib import Path

from uniner.records import InputError
from uniner.students.extractor import Extractor

BUNDLED = "mini"
LEXICON = "lexicon"


def load_extractor(model: str | None = None, *, threads: int | None = None) -> Extractor:
    """The extractor for a name or a model folder; None is the bundled `mini`.

    `lexicon` is the floor every student must beat: the sample's training mentions, looked up.
    InputError where there is no such model, or where the folder is not one.
    """
    if model == LEXICON:
        return learn_sample()
    from uniner.students.span import SpanStudent

    if model is None or model == BUNDLED:
        return SpanStudent(Path(str(files("uniner") / "models" / BUNDLED)), threads=threads)
    if model.startswith(("http://", "https://")):
        raise InputError(f"{model}: served models are not supported yet; give a model folder")
    if not Path(model).exists():
        raise InputError(f"{model}: no such model; give {BUNDLED}, {LEXICON} or a model folder")
    return SpanStudent(Path(model), threads=threads)


def learn_sample() -> Extractor:
    """A lexicon of the sample's training split."""
    from uniner.corpus import sample
    from uniner.students.lexicon import learn_lexicon
    from uniner.teacher.annotate import Annotation, Method, annotate
    from uniner.teacher.recorded import recorded

    teacher = recorded(sample.read_replies())

    async def annotate_all() -> list[Annotation]:
        return [await annotate(p, [teacher], Method()) for p in sample.read_passages("train")]

    found = asyncio.run(annotate_all())
    return learn_lexicon(a.annotated for a in found if a.annotated is not None)
