"""Build the bundled sample corpus from a folder of hand-made teacher data, byte for byte the same.

    python tools/build_sample.py FOLDER [OUT]

FOLDER holds `a.jsonl` … `m.jsonl` (`{"id", "genre", "text", "entities"}`, an entity being
`[mention, [most specific type, more general type, …]]`), `definitions.jsonl` and
`hierarchy.txt`; OUT is `src/uniner/corpus/sample` unless given.
"""

import gzip
import hashlib
import json
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

MODEL = "sample-teacher"
SOURCES = {
    "a": "news and society",
    "b": "science and medicine",
    "c": "technology",
    "d": "culture",
    "e": "business, law and social media",
    "f": "short encyclopedic",
    "g": "short everyday",
    "h": "sibling types",
    "i": "professional documents",
    "j": "culture and scholarship",
    "k": "requests and reviews",
    "l": "technical sentences",
    "m": "people, places and organisations",
}
REWORDED = {
    "d-0329": (
        "by the merger of the Catholic People's Party (KVP), the Anti-Revolutionary Party (ARP) "
        "and the Christian Historical Union (CHU), which had contested",
        "when the Anti-Revolutionary Party (ARP), the Christian Historical Union (CHU) and the "
        "Catholic People's Party (KVP) merged, after they had contested",
    ),
    "f-0074": (
        "received the Nobel Prize in Physiology or Medicine in 1983 for discovering",
        "was given the 1983 Nobel Prize in Physiology or Medicine for the discovery of",
    ),
    "f-0357": (
        "He was elected a fellow of the Royal Society in 1978 and received",
        "In 1978 he became a fellow of the Royal Society , and later he received",
    ),
    "f-0476": ("won the ImageNet Large Scale", "took the ImageNet Large Scale"),
    "f-0492": ("was traded to the Los Angeles Kings", "went to the Los Angeles Kings"),
    "h-0095": (
        "wardens of the Royal Society for the Protection of Birds",
        "Royal Society for the Protection of Birds wardens",
    ),
    "i-0013": ("This work was supported by", "It was funded by"),
    "i-0122": ("hypersensitive site 2 of", "hypersensitive site 2 in"),
    "j-0033": (
        "has been elected to the Royal Netherlands Academy of Arts and Sciences",
        "has become a Royal Netherlands Academy of Arts and Sciences member",
    ),
    "l-0053": ("RR 0.71 , 95 % CI 0.55-0.92", "95 % CI 0.55-0.92 ; RR 0.71"),
}
"""Words of a passage that a test set of the benchmark shares, and what is said in their place."""

Items = list[tuple[str, list[str]]]


def as_json(items: Items) -> str:
    """A JSON list of [mention, [type, …]]."""
    return json.dumps(items, ensure_ascii=False)


def as_fenced(items: Items) -> str:
    """The JSON list in a code fence, an item a line."""
    lines = ",\n".join("  " + json.dumps(item, ensure_ascii=False) for item in items)
    return f"```json\n[\n{lines}\n]\n```"


def as_chatter(items: Items) -> str:
    """The JSON list between a sentence before and a sentence after."""
    return (
        "Here are the entities in the passage and their types, most specific first:\n\n"
        f"{as_json(items)}\n\nLet me know if you would like me to explain any of them."
    )


def as_tuples(items: Items) -> str:
    """A Python list of tuples, as the prompt's own example shows it."""
    return repr([(mention, types) for mention, types in items])


def as_objects(items: Items) -> str:
    """A JSON list of objects."""
    rows = [{"entity": mention, "type": types} for mention, types in items]
    return json.dumps(rows, ensure_ascii=False)


SHAPES: dict[int, Callable[[Items], str]] = {
    0: as_fenced,
    1: as_fenced,
    2: as_chatter,
    3: as_tuples,
    4: as_objects,
}
"""By the hash of the passage id modulo 20; every other reply is a bare JSON list."""


def reword(row: dict[str, Any]) -> str:
    """The text of a row, without words that a test set shares."""
    text, (old, new) = str(row["text"]), REWORDED.get(row["id"], ("", ""))
    if old not in text:
        raise SystemExit(f"{row['id']}: {old!r} is not in it; mend REWORDED")
    return text.replace(old, new, 1) if old else text


def shape_reply(row: dict[str, Any]) -> str:
    """What a model would have sent for this row, in one of the shapes that models send."""
    digest = hashlib.sha256(f"shape {row['id']}".encode()).hexdigest()
    return SHAPES.get(int(digest, 16) % 20, as_json)(row["entities"])


def clean_hierarchy(text: str) -> str:
    """The hierarchy without the links of a type to itself."""
    lines = []
    for line in text.splitlines():
        children, arrow, parents = line.partition(">")
        if not arrow or line.startswith("#"):
            lines.append(line.rstrip())
            continue
        above = [name.strip() for name in parents.split(",")]
        below = [name for name in map(str.strip, children.split(",")) if name not in above]
        lines.append(f"{', '.join(dict.fromkeys(below))} > {', '.join(above)}")
    return "\n".join(lines) + "\n"


def write_gzip(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    """Rows as compressed JSONL without a time stamp or a file name in it."""
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    with path.open("wb") as stream, gzip.GzipFile("", "wb", 9, stream, mtime=0) as packed:
        packed.write(text.encode())


def build(folder: Path, out: Path) -> None:
    """Write the four data files of the sample."""
    rows = [
        (SOURCES[name], json.loads(line))
        for name in sorted(SOURCES)
        for line in (folder / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    rows.sort(key=lambda pair: str(pair[1]["id"]))
    out.mkdir(parents=True, exist_ok=True)
    write_gzip(
        out / "passages.jsonl.gz",
        (
            {"id": row["id"], "text": reword(row), "domain": row["genre"], "source": source}
            for source, row in rows
        ),
    )
    write_gzip(
        out / "replies.jsonl.gz",
        ({"id": row["id"], "reply": shape_reply(row), "model": MODEL} for _, row in rows),
    )
    definitions = (folder / "definitions.jsonl").read_text(encoding="utf-8").splitlines()
    parsed = sorted(map(json.loads, definitions), key=lambda row: str(row["type"]))
    (out / "definitions.jsonl").write_text(
        "".join(
            json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n" for row in parsed
        ),
        encoding="utf-8",
    )
    hierarchy = (folder / "hierarchy.txt").read_text(encoding="utf-8")
    (out / "hierarchy.txt").write_text(clean_hierarchy(hierarchy), encoding="utf-8")


if __name__ == "__main__":
    default = Path(__file__).parents[1] / "src/uniner/corpus/sample"
    build(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else default)
