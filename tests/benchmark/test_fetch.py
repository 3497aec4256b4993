"""Files come whole and checked or not at all, and what is there is never touched."""

import hashlib
import io
import tarfile
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from real_files import REAL, needs
from toy_files import serve_files
from toy_server import free_port
from uniner.benchmark.catalog import Dataset, Split, SplitName, load_catalog
from uniner.benchmark.fetch import (
    Item,
    Origin,
    fetch_dataset,
    list_targets,
    load_origins,
    parse_origins,
)
from uniner.records import ConfigError, InputError
from uniner.records.manifest import hash_tree

BODY = b"Ada\tB-PER\n\n" * 60_000
BRAT = {
    "repo-1/brat/a.txt": b"Ada",
    "repo-1/brat/a.ann": b"",
    "repo-1/brat/sub/b.txt": b"Bo",
    "repo-1/brat/READ.me": b"no",
    "repo-1/brats/c.txt": b"no",
    "repo-1/list.json": b"{}",
}


def hash_bytes(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def make_row(*files: str) -> Dataset:
    splits: dict[SplitName, Split] = {"train": Split(files), "test": Split(files[:1])}
    toy = replace(load_catalog().datasets["anatem"], name="toy", title="Toy", row="toy")
    return replace(toy, splits=splits)


def pack_zip(files: Mapping[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as pack:
        for name, body in files.items():
            pack.writestr(name, body)
    return packed.getvalue()


def pack_tar(files: Mapping[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as pack:
        for name, body in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(body)
            pack.addfile(entry, io.BytesIO(body))
    return packed.getvalue()


def fetch(
    folder: Path, served: Mapping[str, bytes], *origins: Origin, row: Dataset | None = None
) -> Sequence[Item]:
    """What becomes of a data set whose addresses are those of a server with these files."""
    row = row or make_row(*(origin.target for origin in origins))
    with serve_files(served) as files:
        placed = {o.target: replace(o, url=f"{files.url}{o.url}") for o in origins}
        return fetch_dataset(row, folder, placed)


def list_all(folder: Path) -> list[str]:
    """Every file and folder below, hidden ones too."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


@pytest.mark.parametrize("path", ["/a.tsv", "/unsized.tsv"])
def test_a_file_is_fetched_checked_and_then_left_alone(tmp_path: Path, path: str) -> None:
    origin = Origin("toy/a.tsv", path, sha256=hash_bytes(BODY))
    [item] = fetch(tmp_path, {path: BODY}, origin)
    assert item == Item("toy/a.tsv", "fetched", hash_bytes(BODY), checked=True)
    assert (tmp_path / "toy/a.tsv").read_bytes() == BODY
    assert list_all(tmp_path) == ["toy", "toy/a.tsv"]
    [again] = fetch(tmp_path, {}, origin)
    assert again == replace(item, state="here")


def test_a_file_without_a_known_hash_is_fetched_unchecked(tmp_path: Path) -> None:
    origin = Origin("a.tsv", "/a.tsv")
    [item] = fetch(tmp_path, {"/a.tsv": b"x"}, origin)
    assert item == Item("a.tsv", "fetched", hash_bytes(b"x"), checked=False)
    [again] = fetch(tmp_path, {}, origin)
    assert again == Item("a.tsv", "here", hash_bytes(b"x"), checked=False)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/wrong.tsv", r"wrong.tsv: not what it should be \(SHA-256 .*nothing was put at"),
        ("/absent.tsv", r"absent.tsv: 404 Not Found; try again, or .* put it at toy/a.tsv"),
        ("/cut.tsv", r"the connection ended after 330,000 of 660,000 bytes; fetch again"),
    ],
)
def test_what_does_not_come_whole_leaves_nothing(tmp_path: Path, path: str, expected: str) -> None:
    served = {"/wrong.tsv": b"other", "/cut.tsv": BODY}
    with pytest.raises(InputError, match=expected):
        fetch(tmp_path, served, Origin("toy/a.tsv", path, sha256=hash_bytes(BODY)))
    assert list_all(tmp_path) == []


def test_an_address_that_is_not_reached_says_what_to_do_by_hand(tmp_path: Path) -> None:
    origin = Origin("toy/a.zip", f"http://127.0.0.1:{free_port()}/a.zip", member="b")
    expected = r"a.zip: not reached \(.*\); try again, or get it .* and put b of it at toy/a.zip"
    with pytest.raises(InputError, match=expected):
        fetch_dataset(make_row("toy/a.zip"), tmp_path, {"toy/a.zip": origin})
    assert list_all(tmp_path) == []


def test_other_content_is_refused_before_anything_is_fetched(tmp_path: Path) -> None:
    (tmp_path / "b.tsv").write_text("mine")
    with pytest.raises(InputError, match=r"b.tsv: is there but is not what it should be"):
        fetch(
            tmp_path,
            {"/a": b"a", "/b": b"b"},
            Origin("a.tsv", "/a", sha256=hash_bytes(b"a")),
            Origin("b.tsv", "/b", sha256=hash_bytes(b"b")),
        )
    assert list_all(tmp_path) == ["b.tsv"]
    assert (tmp_path / "b.tsv").read_text() == "mine"


def test_what_has_no_address_stays_absent(tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    row = make_row("a.tsv", "signed.xml", "own")
    items = fetch(tmp_path, {"/a": b"a"}, Origin("a.tsv", "/a"), row=row)
    assert [item.state for item in items] == ["fetched", "absent", "here"]


@pytest.mark.parametrize("pack", [pack_zip, pack_tar])
def test_folders_and_files_come_out_of_an_archive_fetched_once(
    tmp_path: Path, pack: Callable[[Mapping[str, bytes]], bytes]
) -> None:
    row = make_row("toy/brat", "toy/list.json")
    with serve_files({"/pack": pack(BRAT)}) as files:
        origins = [
            Origin("toy/brat", f"{files.url}/pack", "repo-1/brat", (".txt", ".ann")),
            Origin("toy/list.json", f"{files.url}/pack", "repo-1/list.json", (".txt", ".ann")),
        ]
        items = fetch_dataset(row, tmp_path, {origin.target: origin for origin in origins})
        assert files.asked == ["/pack"]
    assert [item.state for item in items] == ["fetched", "fetched"]
    assert list_all(tmp_path / "toy") == [
        *("brat", "brat/a.ann", "brat/a.txt", "brat/sub", "brat/sub/b.txt", "list.json"),
    ]
    assert items[0].sha256 == hash_tree(tmp_path / "toy/brat")


def test_a_folder_is_known_by_the_files_that_belong_to_it(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Ada")
    before = hash_tree(tmp_path, (".txt",))
    assert before == hash_tree(tmp_path)
    (tmp_path / "source.json").write_text("{}")
    assert hash_tree(tmp_path, (".txt",)) == before != hash_tree(tmp_path)
    (tmp_path / "a.txt").write_text("Bo")
    assert hash_tree(tmp_path, (".txt",)) != before


@pytest.mark.parametrize(
    ("packed", "expected"),
    [
        (b"no archive", "not a whole zip or tar archive"),
        (pack_tar({"big": BODY * 9})[:-400], "not a whole zip or tar archive"),
        (pack_zip(BRAT)[:-40], "not a whole zip or tar archive"),
        (pack_zip({"else/a.txt": b""}), "the archive holds no 'repo-1/brat'"),
        (pack_zip({"repo-1/brat/../../x.txt": b""}), "the archive has a file outside of it"),
    ],
)
def test_a_bad_archive_leaves_nothing(tmp_path: Path, packed: bytes, expected: str) -> None:
    with pytest.raises(InputError, match=expected):
        fetch(tmp_path, {"/pack": packed}, Origin("toy/brat", "/pack", "repo-1/brat"))
    assert list_all(tmp_path) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('[[source]]\nbase = "a/"\nfiles = {b = "c"}\n' * 2, "'b' is there twice"),
        ('[sha256]\nb = "0"', r"hashes of unknown files \['b'\]"),
    ],
)
def test_wrong_sources_say_what_is_wrong(text: str, expected: str) -> None:
    with pytest.raises(ConfigError, match=expected):
        parse_origins(text)


def test_every_open_data_set_has_addresses_or_says_what_to_do() -> None:
    origins = load_origins()
    named = set()
    for row in load_catalog().datasets.values():
        targets = list_targets(row)
        named.update(targets)
        had = [target in origins for target in targets]
        assert all(had) if row.access == "open" and not row.how else not any(had), row.name
    assert set(origins) <= named


def test_addresses_are_encrypted_and_those_on_github_of_a_fixed_commit() -> None:
    for origin in load_origins().values():
        assert origin.url.startswith("https://")
        assert " " not in origin.url
        if "github" in origin.url:
            assert any(len(part) == 40 for part in origin.url.split("/")), origin.url


KNOWN = [origin for origin in load_origins().values() if origin.sha256]


@pytest.mark.parametrize(
    "origin", [pytest.param(o, marks=needs(o.target), id=o.target) for o in KNOWN]
)
def test_the_known_hash_of_a_real_file_is_its_own(origin: Origin) -> None:
    assert hash_tree(REAL / origin.target, origin.suffixes) == origin.sha256
