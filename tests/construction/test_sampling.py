"""Several processes draw the sample that one does, and count the same."""

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

pytest.importorskip("ray")

from pyarrow import Table
from pyarrow.parquet import write_table

from uniner.cli import main
from uniner.construction import sampling
from uniner.construction.sampling import collect_on_ray
from uniner.corpus import sample
from uniner.corpus.collect import Collected, Counts, SampleConfig, collect
from uniner.corpus.contamination import hold_out
from uniner.corpus.documents import ignore, read_sources
from uniner.corpus.rows import Layout
from uniner.records import InputError, Passage
from uniner.records.store import to_json

QUIET = pytest.mark.filterwarnings("ignore:.*is deprecated:DeprecationWarning")
TEXTS = [passage for passage in sample.read_passages("dev") if len(passage.text) > 200][:120]


@pytest.fixture
def sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A folder of JSONL and Parquet that say some things twice, and a text beside it."""
    monkeypatch.chdir(tmp_path)
    rows = [to_json(passage) for passage in TEXTS]
    lines = [json.dumps(row) for row in rows[:70]]
    Path("folder/in").mkdir(parents=True)
    Path("folder/a.jsonl").write_text("\n".join([*lines, "{"]), encoding="utf-8")
    Path("folder/b.jsonl").write_text("\n".join(lines[:30]), encoding="utf-8")
    Path("folder/empty.jsonl").touch()
    write_table(Table.from_pylist(rows[50:]), "folder/in/c.parquet")
    Path("book.txt").write_text("\n\n".join(p.text for p in TEXTS), encoding="utf-8")
    return ["folder", "book.txt"]


def both(sources: list[str], config: SampleConfig) -> Iterator[tuple[list[Passage], Counts]]:
    """What one process and several make of sources."""
    held_out = hold_out({"test": [TEXTS[5].text, TEXTS[60].text]})
    layout = Layout()
    read: list[int] = []
    for passages, counts in (
        collect(read_sources(sources, layout), config, held_out),
        collect_on_ray(sources, layout, config, held_out, read.append),
    ):
        yield list(passages), counts
    assert sum(read) == sum(path.stat().st_size for path in Path().rglob("*") if path.is_file())


CONFIGS = [
    SampleConfig(n=40, lenient=True),
    SampleConfig(per_domain=3, lenient=True, max_tokens=64, near_duplicates=0.0),
    SampleConfig(lenient=True, language="any"),
]


@pytest.mark.usefixtures("cluster")
@QUIET
@pytest.mark.parametrize("config", CONFIGS[::2])
def test_on_ray_the_passages_and_the_counts_are_those_of_one_process(
    sources: list[str], config: SampleConfig
) -> None:
    one, many = both(sources, config)
    assert many == one
    assert one[1].sampled >= 40


@pytest.mark.usefixtures("cluster")
@QUIET
def test_the_command_line_draws_on_ray_too(
    sources: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for engine in ("local", "ray"):
        out = ["--out", f"{engine}.jsonl", "--engine", engine]
        monkeypatch.setattr("sys.argv", ["uniner", "corpus", "sample", *sources, *out, "--lenient"])
        main()
    for end in ("jsonl", "corpus.json"):
        assert Path(f"ray.{end}").read_bytes() == Path(f"local.{end}").read_bytes()


def stream_here(items: Iterable[object], expand: Callable[[object], Iterable[object]]) -> object:
    return (value for item in items for value in expand(item))


@pytest.mark.parametrize("config", CONFIGS)
def test_parts_of_a_file_make_no_difference(
    sources: list[str], config: SampleConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sampling, "stream", stream_here)
    monkeypatch.setattr(sampling, "BATCH", 7)
    one, many = both(sources, config)
    assert many == one


@pytest.mark.parametrize("config", [SampleConfig(n=5), SampleConfig()])
@pytest.mark.parametrize("content", ['{"text": "x"}\n{', "", "{"])
def test_what_cannot_be_read_is_named_as_by_one_process(
    content: str,
    config: SampleConfig,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sampling, "stream", stream_here)
    path = tmp_path / "a.jsonl"
    path.write_text(content, encoding="utf-8")

    def fail(collected: Collected) -> str:
        with pytest.raises(InputError) as error:
            list(collected.passages)
        return str(error.value)

    said = fail(collect(read_sources([str(path)], Layout()), config))
    assert str(path) in said
    assert fail(collect_on_ray([str(path)], Layout(), config, None, ignore)) == said
