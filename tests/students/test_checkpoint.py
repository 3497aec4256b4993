"""A model folder is whole and sane, or one line says which file is not."""

import json
from pathlib import Path

import pytest

from uniner.records import InputError
from uniner.students.checkpoint import FILES, Settings, read_settings

SETTINGS = Settings("toy", max_width=4, threshold=0.4, slope=0.9, offset=-0.2)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in FILES:
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "settings.json").write_text(SETTINGS.to_json(), encoding="utf-8")
    return tmp_path


def test_settings_come_back_as_they_were(folder: Path) -> None:
    assert read_settings(folder) == SETTINGS


def test_no_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="gone: no such model folder"):
        read_settings(tmp_path / "gone")


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(InputError, match=f"not a model folder, {name} missing"):
        read_settings(folder)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"\xff",
        b"null",
        b'{"name": "toy"}',
        b'{"name": "a", "max_width": 1, "x": 2}',
    ],
)
def test_settings_that_are_none_are_refused(folder: Path, content: bytes) -> None:
    (folder / "settings.json").write_bytes(content)
    with pytest.raises(InputError, match=r"settings\.json: not the settings of a model"):
        read_settings(folder)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("name", 3),
        ("max_width", 0),
        ("max_width", "4"),
        ("max_pieces", 256.0),
        ("max_pieces", 8),
        ("threshold", 1.5),
        ("threshold", True),
        ("threshold", None),
        ("slope", 0),
        ("slope", -1.0),
        ("offset", float("nan")),
    ],
)
def test_a_setting_that_cannot_be_is_named(folder: Path, key: str, value: object) -> None:
    row = json.loads(SETTINGS.to_json()) | {key: value}
    (folder / "settings.json").write_text(json.dumps(row), encoding="utf-8")
    with pytest.raises(InputError, match=rf"settings\.json: {key} cannot be"):
        read_settings(folder)


@pytest.mark.parametrize("extra", [{}, {"unheard": "of"}])
def test_a_newer_format_is_named_whatever_else_is_new(folder: Path, extra: dict[str, str]) -> None:
    row = json.loads(SETTINGS.to_json()) | {"format": 2} | extra
    (folder / "settings.json").write_text(json.dumps(row), encoding="utf-8")
    with pytest.raises(InputError, match=r"settings\.json: format 2 is newer"):
        read_settings(folder)
