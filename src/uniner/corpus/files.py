"""Sources: what a name on the command line stands for, as files of documents."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from uniner.records import InputError, RecordError
from uniner.records.types import check_characters

Kind: TypeAlias = Literal["text", "jsonl", "parquet", "hub"]

KINDS: dict[str, Kind] = {
    ".txt": "text",
    ".md": "text",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
}
PACKED = (".gz", ".zst")
HUB = "hf:"
READABLE = f"{', '.join(KINDS)}, and all but the last also with {' or '.join(PACKED)}"


@dataclass(frozen=True, slots=True)
class File:
    """A file of documents, or a data set of the hub.

    `name` begins with its source's name and is the same on every machine; `domain` is that of
    documents that say none; `size` is in bytes, 0 where nobody knows.
    """

    path: str
    name: str
    domain: str
    kind: Kind
    size: int = 0


def list_files(source: str) -> Iterator[File]:
    """The files of a source in a fixed order; those of a folder lie at any depth.

    Hidden files and files of other kinds are passed over. InputError where there is nothing.
    """
    root = Path(source)
    if source.startswith(HUB):
        yield File(source.removeprefix(HUB), name_source(source), name_set(source), "hub")
    elif root.is_dir():
        found = False
        for path in walk(root):
            kind = kind_of(path.name)
            if kind is not None:
                found = True
                yield describe_file(path, path.relative_to(root), name_source(source), kind)
        if not found:
            raise InputError(f"{source}: no file to read in this folder; it takes {READABLE}")
    elif root.is_file():
        kind = kind_of(root.name)
        if kind is None:
            raise InputError(f"{source}: unknown kind of file; give {READABLE}")
        yield File(source, root.name, stem_of(root.name), kind, root.stat().st_size)
    else:
        raise InputError(f"{source}: no such file or folder (a data set of the hub is hf:NAME)")


def describe_file(path: Path, relative: Path, root: str, kind: Kind) -> File:
    """One file of a folder; the domain of a text is the folder in `root` that it is in."""
    name = f"{root}/{relative.as_posix()}"
    try:
        check_characters(name, "the file's name")
    except RecordError as error:
        raise InputError(f"{name!a}: {error}") from None
    domain = stem_of(path.name)
    if kind == "text":
        domain = relative.parts[0] if len(relative.parts) > 1 else root
    return File(str(path), name, domain, kind, path.stat().st_size)


def walk(folder: Path) -> Iterator[Path]:
    """The files in a folder, then those of each folder in it, by name; no linked folders."""
    with os.scandir(folder) as entries:
        shown = [entry for entry in entries if not entry.name.startswith(".")]
        names = sorted((entry.name, entry.is_dir(follow_symlinks=False)) for entry in shown)
    yield from (folder / name for name, is_folder in names if not is_folder)
    for name, is_folder in names:
        if is_folder:
            yield from walk(folder / name)


def kind_of(name: str) -> Kind | None:
    """How a file is read, by its name; None where it is not."""
    lower = name.lower()
    bare = strip_packed(lower)
    kind = KINDS.get(Path(bare).suffix)
    return None if kind == "parquet" and bare != lower else kind


def stem_of(name: str) -> str:
    """A file's name without what says its kind."""
    return Path(strip_packed(name)).stem


def strip_packed(name: str) -> str:
    """A file's name without what says how it is compressed."""
    return name[: -len(Path(name).suffix)] if name.lower().endswith(PACKED) else name


def name_source(source: str) -> str:
    """What a source is called in ids: the name of its file, folder or data set, not its place."""
    if source.startswith(HUB):
        return HUB + name_set(source)
    return Path(source).resolve().name


def name_set(source: str) -> str:
    """The name of a hub's data set, or of the folder that stands for one."""
    name = source.removeprefix(HUB)
    return Path(name).resolve().name if Path(name).exists() else name


def check_sources(sources: Sequence[str]) -> None:
    """Raise InputError where two sources have one name: their passages would share ids."""
    named: dict[str, str] = {}
    for source in sources:
        name = name_source(source)
        if name in named:
            raise InputError(
                f"{named[name]} and {source}: both are called {name!r}, so their passages "
                "would share ids; rename one, or give the folder that both are in"
            )
        named[name] = source
