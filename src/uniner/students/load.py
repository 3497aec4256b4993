"""Finds the extractor that a name, a folder or an address stands for."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

from uniner.corpus.split import Split
from uniner.records import Annotated, ConfigError, InputError
from uniner.students.extractor import Extractor
from uniner.students.generative.settings import FILE
from uniner.students.names import (
    BUNDLED,
    FORMS,
    LEXICON,
    Manner,
    ModelName,
    Place,
    locate_model,
    read_name,
)

__all__ = ["BUNDLED", "LEXICON", "load_extractor"]


def load_extractor(model: str | None = None, *, threads: int | None = None) -> Extractor:
    """The extractor for a name, a model folder or an address; None is the bundled `mini`.

    `lexicon` is the floor every student must beat: the sample's training mentions, looked up.
    InputError where there is no such model, or where the folder is not one; ConfigError where
    the name cannot be one, or where what it takes is not installed.
    """
    match read_name(BUNDLED if model is None else model):
        case ModelName(Place() as place, manner):
            return open_served(place, manner)
        case ModelName(Path() as folder, manner):
            if not folder.exists():
                raise InputError(f"{model}: no such model; give {FORMS}")
            return open_folder(folder, manner, threads)
        case ModelName(where) if where == LEXICON:
            return learn_sample()
        case _:
            return open_folder(locate_model(BUNDLED), None, threads)


def open_folder(folder: Path, manner: Manner | None, threads: int | None) -> Extractor:
    """The model of a folder, asked in the manner of its kind, or in another's."""
    match manner:
        case None if not (folder / FILE).exists():
            from uniner.students.span import SpanStudent

            return SpanStudent(folder, threads=threads)
        case None:
            with needs("a generative student", "train"):
                from uniner.students.generative.extractor import load_generative
            return load_generative(folder, threads=threads)
        case "uniner":
            with needs("a generative student", "train"):
                from uniner.students.generative.published import open_published
            return open_published(folder, threads)
        case rival:
            with needs("a model in this process", "train"):
                from uniner.students.generative.local import open_local
            from uniner.students.prompted import PromptedExtractor
            from uniner.students.rivals import RIVALS

            name = f"{rival}@{folder.resolve().name}"
            return PromptedExtractor(name, open_local(folder, threads), RIVALS[rival])


def open_served(place: Place, manner: Manner | None) -> Extractor:
    """The model at a place, asked as a student or in the manner of a rival."""
    with needs("a served model", "teacher"):
        from uniner.students.server import Server, choose_model
    from uniner.chat.template import Template, find_template
    from uniner.students.prompted import PromptedExtractor
    from uniner.students.rivals import RIVALS
    from uniner.students.styles import student_style

    model = choose_model(place.endpoint, place.model)
    server = Server(replace(place.endpoint, model=model))
    name = f"{manner}@{model}" if manner else model
    match manner:
        case None | "uniner":
            kind = manner or place.template
            base = Template("base", "", "", "{answer}")
            template = base if kind == "base" else find_template(kind, "", place.end)
            styles = partial(student_style, template)
            return PromptedExtractor(name, server, styles(place.dataset), contexts=styles)
        case rival:
            return PromptedExtractor(name, server, RIVALS[rival])


@contextmanager
def needs(what: str, extra: str) -> Iterator[None]:
    """Say which extra to install where a library is missing."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("uniner"):
            raise
        raise ConfigError(f"{what} needs {error.name}: pip install 'uniner[{extra}]'") from None


def learn_sample() -> Extractor:
    """A lexicon of the sample's training split."""
    from uniner.students.lexicon import learn_lexicon

    return learn_lexicon(annotate_sample())


def annotate_sample(split: Split | None = "train") -> list[Annotated]:
    """A split of the sample, or for None all of it, as its recorded teacher annotates it."""
    from uniner.corpus import sample
    from uniner.teacher.annotate import Annotation, Method, annotate
    from uniner.teacher.recorded import recorded

    teacher = recorded(sample.read_replies())

    async def annotate_all() -> list[Annotation]:
        return [await annotate(p, [teacher], Method()) for p in sample.read_passages(split)]

    return [a.annotated for a in asyncio.run(annotate_all()) if a.annotated is not None]
