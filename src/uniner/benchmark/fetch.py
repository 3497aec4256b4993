"""Getting the open data sets' files from where their owners keep them, whole and checked."""

import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from http.client import HTTPException
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO, Literal, TypeAlias
from urllib.error import HTTPError, URLError
from urllib.parse import quote
from urllib.request import Request, urlopen

from uniner.benchmark.archives import extract
from uniner.benchmark.catalog import Dataset
from uniner.construction.narrator import Advance, ignore
from uniner.records import ConfigError, InputError
from uniner.records.manifest import hash_tree

TIMEOUT = 60.0
"""Seconds without a byte after which a download is given up."""

BLOCK = 1 << 18

Progress: TypeAlias = Callable[[str, int | None], AbstractContextManager[Advance]]
"""Gives, for what is fetched and its bytes if they are known, what moves its bar."""

State: TypeAlias = Literal["fetched", "here", "absent"]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a file or folder of a data set is had.

    `target` is its path below the folder of the data, `url` its address or that of the archive in
    which it is `member`; of a folder, files with one of the `suffixes` belong to it. `sha256` is
    that of the file, or of the names and hashes of a folder's files; empty where nobody knew it.
    """

    target: str
    url: str
    member: str = ""
    suffixes: tuple[str, ...] = ()
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """A file or folder that a data set needs: what became of it, and its hash if it is there."""

    target: str
    state: State
    sha256: str = ""
    checked: bool = False


def load_origins() -> Mapping[str, Origin]:
    """Where the files of the catalog's open data sets are had, by their paths."""
    return parse_origins(files("uniner.benchmark").joinpath("sources.toml").read_text("utf-8"))


def parse_origins(text: str) -> dict[str, Origin]:
    """Origins from TOML: `source` tables with a base address or an archive, and known hashes."""
    table: dict[str, Any] = tomllib.loads(text)
    hashes: Mapping[str, str] = table.get("sha256", {})
    found: dict[str, Origin] = {}
    for source in table.get("source", []):
        archive, root = source.get("archive", ""), source.get("root", "")
        suffixes = tuple(source.get("suffixes", ()))
        for target, path in source["files"].items():
            if target in found:
                raise ConfigError(f"sources.toml: {target!r} is there twice")
            url = archive or source["base"] + quote(path)
            member = (f"{root}/{path}" if root else path) if archive else ""
            found[target] = Origin(target, url, member, suffixes, hashes.get(target, ""))
    if unknown := sorted(set(hashes) - set(found)):
        raise ConfigError(f"sources.toml: hashes of unknown files {unknown}")
    return found


def list_targets(dataset: Dataset) -> list[str]:
    """The files and folders that a data set needs, each once."""
    named = (name for split in dataset.splits.values() for name in split.files)
    return list(dict.fromkeys(named))


def fetch_dataset(
    dataset: Dataset,
    folder: Path,
    origins: Mapping[str, Origin],
    progress: Progress = lambda *_: nullcontext(ignore),
) -> list[Item]:
    """Get what a data set still lacks under `folder`; what has no origin stays absent.

    Every file comes whole and with the right hash, or not at all: InputError says what went wrong.
    Nothing that is already there is touched; InputError where it has another hash.
    """
    items = {target: look(target, folder, origins.get(target)) for target in list_targets(dataset)}
    wanted = [
        origins[item.target]
        for item in items.values()
        if item.state == "absent" and item.target in origins
    ]
    for url in dict.fromkeys(origin.url for origin in wanted):
        for item in fetch_url(url, [o for o in wanted if o.url == url], folder, progress):
            items[item.target] = item
    return [*items.values()]


def look(target: str, folder: Path, origin: Origin | None) -> Item:
    """What is there already; InputError where it is not what it should be."""
    path = folder / target
    if not path.exists():
        return Item(target, "absent")
    found = hash_tree(path, origin.suffixes if origin else ())
    known = origin.sha256 if origin else ""
    if known and found != known:
        raise InputError(
            f"{path}: is there but is not what it should be (SHA-256 {found:.12}…, expected "
            f"{known:.12}…); move it away and fetch again"
        )
    return Item(target, "here", found, bool(known))


def fetch_url(
    url: str, origins: Sequence[Origin], folder: Path, progress: Progress
) -> Iterator[Item]:
    """Download an address once and put what belongs to each origin in its place."""
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder, prefix=".fetch-") as scratch:
        whole = Path(scratch) / "download"
        download(url, whole, origins, progress)
        for number, origin in enumerate(origins):
            part = whole
            if origin.member:
                part = Path(scratch) / str(number)
                extract(whole, origin.member, origin.suffixes, part, url)
            found = hash_tree(part, origin.suffixes)
            if origin.sha256 and found != origin.sha256:
                raise InputError(
                    f"{origin.member or url}: not what it should be (SHA-256 {found:.12}…, "
                    f"expected {origin.sha256:.12}…); nothing was put at {folder / origin.target}"
                )
            place = folder / origin.target
            place.parent.mkdir(parents=True, exist_ok=True)
            part.replace(place)
            yield Item(origin.target, "fetched", found, bool(origin.sha256))


def download(url: str, path: Path, origins: Sequence[Origin], progress: Progress) -> None:
    """Write what an address gives to a file; InputError where it does not come, or not whole."""
    label = origins[0].target if len(origins) == 1 else url.rpartition("/")[2] or url
    with explain_failure(url, origins), urlopen(request(url), timeout=TIMEOUT) as answer:
        length = answer.headers.get("Content-Length")
        total = int(length) if length and length.isdecimal() else None
        with path.open("wb") as stream, progress(label, total) as advance:
            received = copy(answer, stream, advance)
    if total is not None and received < total:
        raise InputError(
            f"{url}: the connection ended after {received:,} of {total:,} bytes; fetch again"
        )


def request(url: str) -> Request:
    """The request for an address; some hosts answer none without a name."""
    return Request(url, headers={"User-Agent": "uniner"})


def copy(answer: BinaryIO, stream: BinaryIO, advance: Advance) -> int:
    """Copy block by block; how many bytes came."""
    received = 0
    while block := answer.read(BLOCK):
        stream.write(block)
        received += len(block)
        advance(len(block))
    return received


@contextmanager
def explain_failure(url: str, origins: Sequence[Origin]) -> Iterator[None]:
    """Turn what a download may raise into an InputError that says what to do by hand."""
    places = ", ".join(
        f"{origin.member} of it at {origin.target}" if origin.member else f"it at {origin.target}"
        for origin in origins
    )
    by_hand = f"try again, or get it by other means and put {places}"
    try:
        yield
    except HTTPError as error:
        error.close()
        raise InputError(f"{url}: {error.code} {error.reason}; {by_hand}") from None
    except URLError as error:
        raise InputError(f"{url}: not reached ({error.reason}); {by_hand}") from None
    except (TimeoutError, ConnectionError, HTTPException) as error:
        why = str(error) or type(error).__name__
        raise InputError(f"{url}: the connection broke ({why}); {by_hand}") from None
