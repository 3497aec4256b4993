"""A real server of a real model, though an untrained one, is a teacher like any other."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from toy_served import MISSING, REASON, save_llama, serve
from uniner.construction.annotating import annotate_file
from uniner.construction.desk import Plan
from uniner.construction.narrator import Silent
from uniner.records import InputError
from uniner.records.store import read_jsonl
from uniner.teacher.annotate import Method
from uniner.teacher.clean import Reason
from uniner.teacher.endpoint import Endpoint
from uniner.teacher.journal import open_journal

pytestmark = pytest.mark.skipif(bool(MISSING), reason=REASON)

TEXTS = ["Ada met Bo in Oslo.", "Nobody came.", "Rome, 1960.", "[x]", "Éa saw 東京."]


def test_what_an_untrained_model_says_is_counted_kept_and_not_asked_for_again(
    tmp_path: Path,
) -> None:
    model, passages = tmp_path / "llama", tmp_path / "p.jsonl"
    save_llama(model)
    lines = (json.dumps({"id": str(n), "text": text}) for n, text in enumerate(TEXTS))
    passages.write_text("\n".join(lines), encoding="utf-8")
    plain, varied = Method(), Method(form="json", samples=2)
    with serve(model, tmp_path / "log") as url:
        once = Endpoint(url, str(model), max_tokens=24, workers=2, timeout=60)
        twice = replace(once, temperature=1.0)
        first = annotate_file(passages, tmp_path / "a.jsonl", Plan((once,)), Silent())
        both = annotate_file(passages, tmp_path / "b.jsonl", Plan((twice,), varied), Silent())
        with pytest.raises(InputError, match=r"status 400, .*pinned to"):
            annotate_file(
                passages, tmp_path / "c.jsonl", Plan((replace(once, model="other"),)), Silent()
            )

    assert (first.passages, first.replied, first.drops) == (5, 5, {Reason.MALFORMED: 5})
    # The server is gone: what comes now comes from the journal.
    for name, tally, plan in (
        ("a", first, Plan((once,), plain)),
        ("b", both, Plan((twice,), varied)),
    ):
        assert tally.replied == 5
        assert annotate_file(passages, tmp_path / f"{name}.jsonl", plan, Silent()) == tally
        rows = [row for _, row in read_jsonl(tmp_path / f"{name}.replies.jsonl")]
        said = [(row["id"], row["reply"]) for row in rows]
        assert [id for id, _ in said] == [
            str(n) for n in range(5) for _ in range(plan.method.samples)
        ]
        with open_journal(tmp_path / f"{name}.journal") as journal:
            kept = [reply for _, reply in journal.read()]
        assert sorted((reply.id, reply.raw) for reply in kept) == sorted(said)
        assert {reply.completion_tokens for reply in kept if not reply.whole} <= {24}
        assert all(reply.prompt_tokens > 100 and reply.model == str(model) for reply in kept)
    assert len({raw for id, raw in said if id == "0"}) == 2
