"""Single files and folders out of zip and tar archives."""

import shutil
import tarfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import IO, NamedTuple

from uniner.records import InputError


class Member(NamedTuple):
    """A file of an archive: its path there, and its bytes as a stream."""

    path: PurePosixPath
    stream: IO[bytes]


def extract(archive: Path, member: str, suffixes: Sequence[str], target: Path, where: str) -> None:
    """Write a member of an archive, or the files of a suffix below it, to `target`.

    InputError names the archive as `where`, where it is damaged or holds no such member.
    """
    root = PurePosixPath(member)
    count = 0
    try:
        for path, stream in list_members(archive):
            if path == root:
                place = target
            elif root in path.parents and (not suffixes or path.suffix in suffixes):
                place = target.joinpath(*path.relative_to(root).parts)
            else:
                continue
            if ".." in path.parts:
                raise InputError(f"{where}: the archive has a file outside of it, {str(path)!r}")
            place.parent.mkdir(parents=True, exist_ok=True)
            with place.open("wb") as written:
                shutil.copyfileobj(stream, written)
            count += 1
    except (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, OSError) as error:
        raise InputError(f"{where}: not a whole zip or tar archive ({error})") from None
    if not count:
        raise InputError(f"{where}: the archive holds no {member!r}")


def list_members(archive: Path) -> Iterator[Member]:
    """The files of a zip or tar archive, each readable until the next is asked for."""
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as pack:
            for info in pack.infolist():
                if not info.is_dir():
                    with pack.open(info) as stream:
                        yield Member(PurePosixPath(info.filename), stream)
        return
    with tarfile.open(archive) as pack:
        for entry in pack:
            content = pack.extractfile(entry) if entry.isfile() else None
            if content is not None:
                yield Member(PurePosixPath(entry.name), content)
