"""`uniner corpus sample`: the same passages from any format, a table, one line where it fails."""

import gzip
import json
from collections import defaultdict
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pytest
import zstandard
from pyarrow import parquet

from toy_bench import write_conversations
from toy_cli import call
from uniner.corpus import sample
from uniner.corpus.contamination import hold_out
from uniner.records import Passage
from uniner.records.store import read_passages, to_json, write_records

SHARED = Path(__file__).parents[3] / "shared" / "benchmark"
PASSAGES = list(islice(sample.read_passages("dev"), 200))


@pytest.fixture(autouse=True)
def in_tmp_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def run(
    arguments: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> tuple[int, str, str]:
    return call(["corpus", "sample", *arguments.split()], monkeypatch, capsys)


def figure(printed: str, label: str) -> list[int]:
    """The figure of the row with a label."""
    rows = [line.rsplit(maxsplit=1) for line in printed.splitlines() if line.strip()]
    return [int(row[1].replace(",", "")) for row in rows if row[0].strip("- ") == label]


def write_source(name: str) -> None:
    rows = [to_json(passage) for passage in PASSAGES]
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
    path = Path(name)
    match path.suffix:
        case ".gz":
            path.write_bytes(gzip.compress(lines))
        case ".zst":
            path.write_bytes(zstandard.compress(lines))
        case ".parquet":
            parquet.write_table(pa.Table.from_pylist(rows), path)
        case ".jsonl":
            path.write_bytes(lines)
        case _:
            write_folder(path)


def write_folder(path: Path) -> None:
    texts = defaultdict(list)
    for passage in PASSAGES:
        texts[passage.domain.replace("/", "-")].append(passage)
    for domain, passages in texts.items():
        (path / domain).mkdir(parents=True)
        for passage in passages:
            (path / domain / f"{passage.id}.txt").write_text(passage.text, encoding="utf-8")


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz", "a.jsonl.zst", "a.parquet", "folder"])
def test_any_format_gives_the_same_sample(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_source(name)
    code, printed, error = run(f"{name} --out out/p.jsonl --n 20", monkeypatch, capsys)
    assert (code, error) == (0, "")
    passages = list(read_passages("out/p.jsonl"))
    assert figure(printed, "documents") == [200]
    assert figure(printed, "sampled") == [20] == [len(passages)]
    write_source("b.jsonl")
    run("b.jsonl --out b.out --n 20", monkeypatch, capsys)
    assert [p.text for p in passages] == [p.text for p in read_passages("b.out")]
    texts = [passage.text for passage in PASSAGES]
    assert all(any(passage.text in text for text in texts) for passage in passages)
    report = json.loads(Path("out/p.corpus.json").read_text(encoding="utf-8"))
    assert report["run"]["n"] == report["counts"]["sampled"] == 20
    assert report["run"]["inputs"][name].endswith(" bytes")
    assert sorted(path.name for path in Path("out").iterdir()) == ["p.corpus.json", "p.jsonl"]


def test_datasets_loads_what_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    datasets = pytest.importorskip("datasets")
    write_source("a.jsonl")
    assert run("a.jsonl --out p.jsonl --n 20", monkeypatch, capsys)[0] == 0
    rows = datasets.load_dataset(
        "json", data_files="p.jsonl", split="train", cache_dir=str(tmp_path / "cache")
    )
    assert [Passage(**row) for row in rows] == list(read_passages("p.jsonl"))


def test_every_option_reaches_the_sample(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    english = (
        "The council voted on Tuesday night to close the swimming baths on Mill Lane by March."
    )
    german = "Der Rat beschloss am Dienstag, das Schwimmbad im Ort bis Ende März zu schließen."
    bodies = [english, english + " So.", german, "Ada met Bo.", None, english]
    rows = [json.dumps({"doc": {"body": body}, "kind": "news [1]"}) for body in bodies]
    Path("a.jsonl").write_text("\n".join(rows), encoding="utf-8")
    code, printed, _ = run(
        "a.jsonl --out p.jsonl --text-field doc.body --domain-field kind --language en,de "
        "--min-tokens 8 --max-tokens 64 --near-duplicates 0.7 --lenient --per-domain 3 --seed 5",
        monkeypatch,
        capsys,
    )
    assert code == 0
    for label, count in {
        "documents": 5,
        "rows and files that cannot be read": 1,
        "passages cut": 5,
        "too short": 1,
        "the same as another": 1,
        "nearly the same as another": 1,
        "sampled": 2,
        "news [1]": 2,
    }.items():
        assert figure(printed, label) == [count], label
    assert "1 domains have fewer than 3: there are no more." in printed
    arguments = "--text-field doc.body --lenient --min-tokens 8 --near-duplicates off"
    run(f"a.jsonl --out q.jsonl {arguments}", monkeypatch, capsys)
    assert [p.text for p in read_passages("q.jsonl")] == [english, english + " So."]


def test_a_tokenizer_of_ones_own_bounds_passages(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from tokenizers import Tokenizer, models

    Tokenizer(models.WordLevel({"[UNK]": 0}, unk_token="[UNK]")).save("t.json")
    Path("a.txt").write_text("Thornbridge " * 40, encoding="utf-8")
    arguments = "a.txt --out p.jsonl --tokenizer t.json --max-tokens 20 --language any"
    assert run(f"{arguments} --near-duplicates off", monkeypatch, capsys)[0] == 0
    assert [len(p.text.split()) for p in read_passages("p.jsonl")] == [20]


def test_passages_of_a_test_set_are_left_out_and_counted(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_source("a.jsonl")
    long = [passage for passage in PASSAGES if len(passage.text) > 200]
    write_records("mine.jsonl", [*long[:2], Passage("short", "Ada met Bo.")])
    write_conversations(Path("bench"))
    code, printed, _ = run(
        "a.jsonl --out p.jsonl --decontaminate mine.jsonl --decontaminate bench",
        monkeypatch,
        capsys,
    )
    assert code == 0
    assert figure(printed, "shares words with a test set") == figure(printed, "mine") == [2]
    assert "4 of 6 test passages have fewer than 8 words: too short to look for." in printed
    report = json.loads(Path("p.corpus.json").read_text(encoding="utf-8"))
    assert report["test_sets"] == {
        "mine": {"passages": 3, "too_short": 1},
        "CrossNER_AI": {"passages": 3, "too_short": 3},
    }
    held_out = hold_out({"mine": [passage.text for passage in long[:2]]})
    assert not any(held_out.find(passage.text) for passage in read_passages("p.jsonl"))


@pytest.mark.skipif(not SHARED.is_dir(), reason="the benchmark's files are not at ../shared")
def test_the_benchmarks_own_passages_are_all_found(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = SHARED / "ie_instructions" / "CrossNER_AI" / "test.json"
    texts = [row["sentence"] for row in json.loads(path.read_text(encoding="utf-8"))[:50]]
    extra = "The council voted on Tuesday night to close the swimming baths on Mill Lane in May."
    rows = [json.dumps({"text": text}) for text in [*texts, extra]]
    Path("a.jsonl").write_text("\n".join(rows), encoding="utf-8")
    arguments = f"a.jsonl --out p.jsonl --decontaminate {SHARED} --language any"
    code, printed, error = run(arguments, monkeypatch, capsys)
    assert code == 0, error
    assert figure(printed, "crossner_ai") == figure(printed, "shares words with a test set")
    assert [passage.text for passage in read_passages("p.jsonl")] == [extra]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("nope --out p.jsonl", "nope: no such file or folder"),
        ("bad.jsonl --out p.jsonl", "bad.jsonl:2: malformed JSON"),
        ("a.jsonl d/a.jsonl --out p.jsonl", "both are called 'a.jsonl'"),
        ("d --out d/p.jsonl", "--out d/p.jsonl: is in the source d"),
        ("a.jsonl --out ./a.jsonl", "--out a.jsonl: is in the source a.jsonl"),
        ("a.jsonl --out p.jsonl --language xx", "'xx' is no language code"),
        ("a.jsonl --out p.jsonl --near-duplicates 80", "--near-duplicates 80: neither"),
        ("a.jsonl --out p.jsonl --n 3 --per-domain 3", "n = 3 and per_domain = 3"),
        ("a.jsonl --out p.jsonl --n -3", "'--n': -3 is not in the range"),
        ("a.jsonl --out p.jsonl --decontaminate d", "--decontaminate d: has no data set"),
        ("a.jsonl --out p.jsonl --decontaminate no.jsonl", "no.jsonl: no such file"),
        (
            "a.jsonl --out p.jsonl --decontaminate a.jsonl --decontaminate a.jsonl",
            "a second test set called 'a'",
        ),
        ("a.jsonl --out p.jsonl", "no passage is left of 1 documents (too short: 1)"),
        ("--out p.jsonl", "missing argument 'SRC...'"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_writes_nothing(
    arguments: str,
    message: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("d").mkdir()
    row = '{"id": "1", "text": "Ada met Bo."}\n'
    for name, content in {"a.jsonl": row, "d/a.jsonl": row, "bad.jsonl": row + '{"id"\n'}.items():
        Path(name).write_text(content, encoding="utf-8")
    code, printed, error = run(arguments, monkeypatch, capsys)
    assert (code, printed) == (2, "")
    assert error.count("\n") == 1
    assert message in error
    files = sorted(str(path) for path in Path().rglob("*") if path.is_file())
    assert files == ["a.jsonl", "bad.jsonl", "d/a.jsonl"]
