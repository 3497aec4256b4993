"""A recipe whose whole distillation takes a second."""

import json
from itertools import islice
from pathlib import Path

from toy_model import save_base
from uniner.corpus import sample
from uniner.records.store import write_records

COUNT = 80


def write_recipe(folder: Path) -> Path:
    """A recipe over the sample's first passages, with a tiny base made on the spot."""
    save_base(folder / "base")
    passages = list(islice(sample.read_passages(), COUNT))
    write_records(folder / "passages.jsonl", passages)
    ids = {passage.id for passage in passages}
    rows = [row for row in sample.read_replies() if row["id"] in ids]
    (folder / "replies.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    path = folder / "tiny.toml"
    path.write_text(
        f"""
        name = "tiny"
        [corpus]
        passages = "{folder / "passages.jsonl"}"
        [teacher]
        replies = "{folder / "replies.jsonl"}"
        [student]
        base = "{folder / "base"}"
        epochs = 2
        hidden = 16
        """
    )
    return path
