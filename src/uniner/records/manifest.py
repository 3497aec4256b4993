"""Which run a folder holds: model, settings, hashes of its inputs, versions."""

import hashlib
import json
import os
import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from uniner.records import ConfigError
from uniner.records.store import write_whole

MANIFEST = "manifest.json"
LIBRARIES = ("numpy", "onnxruntime", "tokenizers", "torch", "transformers")


def describe_run(settings: Mapping[str, Any], inputs: Mapping[str, str]) -> dict[str, Any]:
    """A manifest: settings and input hashes, which must agree for a run to go on; what ran it."""
    return {
        "run": {**settings, "uniner": version("uniner"), "inputs": dict(inputs)},
        "machine": f"{platform.system()}, {platform.machine()}, {os.cpu_count()} cores",
        "versions": {"python": platform.python_version(), **list_versions()},
    }


def claim_folder(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Write the manifest into a fresh folder; ConfigError where another run's is already there."""
    path = folder / MANIFEST
    if folder.exists() and not folder.is_dir():
        raise ConfigError(f"{folder}: is a file; a run needs a folder")
    if not path.exists():
        if folder.is_dir() and any(folder.iterdir()):
            raise ConfigError(
                f"{folder}: has files but no {MANIFEST}; choose another --out or remove it"
            )
        try:
            write_json(path, manifest)
        except OSError as error:
            raise ConfigError(f"{folder}: cannot be written ({error.strerror})") from None
        return
    now = manifest["run"]
    before = read_run(path)
    for name in dict.fromkeys([*before, *now]):
        if before.get(name) != now.get(name):
            raise ConfigError(
                f"{folder}: holds a different run ({name}: {before.get(name)!r:.60} there, "
                f"{now.get(name)!r:.60} here); choose another --out or remove it"
            )


def read_run(path: Path) -> dict[str, Any]:
    """What an earlier run was."""
    try:
        run = json.loads(path.read_text(encoding="utf-8"))["run"]
    except (ValueError, KeyError, TypeError):
        run = None
    if not isinstance(run, dict):
        raise ConfigError(f"{path}: not the manifest of a run; choose another --out or remove it")
    return run


def hash_file(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def hash_tree(path: Path, suffixes: Sequence[str] = ()) -> str:
    """The SHA-256 of a file, or of the names and contents of a folder's files.

    With `suffixes` a folder's other files do not count; what is not there has an empty hash.
    """
    if not path.is_dir():
        return hash_file(path) if path.is_file() else ""
    names = sorted(
        file
        for file in path.rglob("*")
        if file.is_file() and (not suffixes or file.suffix in suffixes)
    )
    lines = [f"{file.relative_to(path).as_posix()} {hash_file(file)}\n" for file in names]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def list_versions() -> dict[str, str]:
    """The versions of the libraries that figures may depend on, where they are installed."""
    found = {}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Write an object as JSON for people to read, whole or not at all."""
    with write_whole(path) as stream:
        stream.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")
