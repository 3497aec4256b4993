"""`uniner extract` with a fake model: what goes in, what comes out, and what is refused."""

import io
import json
import re
import sys
import types as modules
from collections.abc import Callable, Sequence
from itertools import repeat
from pathlib import Path

import pytest

from uniner.cli import main
from uniner.cli.inputs import CHUNK_PASSAGES, chunk_passages
from uniner.records import Entity, Fault, InputError, Passage, Prediction

Run = Callable[..., tuple[int, str, str]]

TEXT = "Ada met Bo & co.\nThen Cy left."
ROW = {"id": "1", "text": TEXT}


class Capitals:
    """Takes every capitalised word for the first type, and a two-letter one for the second too."""

    name = "capitals"

    def __init__(self) -> None:
        self.calls: list[tuple[int, list[str], float | None, bool]] = []
        self.faults: list[str] = []

    def extract(
        self,
        texts: Sequence[str | Passage],
        types: Sequence[str],
        threshold: float | None = None,
        *,
        nested: bool = False,
    ) -> list[Prediction]:
        self.calls.append((len(texts), [*types], threshold, nested))
        passages = [Passage("?", text) if isinstance(text, str) else text for text in texts]
        return [
            Prediction(
                passage,
                tuple(self.find(passage.text, types, nested)),
                tuple(Fault(types[0], why, "raw") for why in self.faults),
            )
            for passage in passages
        ]

    def find(self, text: str, types: Sequence[str], nested: bool) -> list[Entity]:
        found = []
        for match in re.finditer(r"[A-Z]\w+", text):
            for kind in types[: 2 if nested and len(match[0]) == 2 else 1]:
                found.append(Entity(match.start(), match.end(), match[0], kind, 0.75))
        return found


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Capitals:
    extractor = Capitals()

    def load_extractor(name: str | None) -> Capitals:
        if name == "broken":
            raise InputError("broken: no model.onnx in this folder; export a model into it")
        return extractor

    loader = modules.ModuleType("uniner.students.load")
    loader.load_extractor = load_extractor  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "uniner.students.load", loader)
    return extractor


@pytest.fixture
def run(
    model: Capitals, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    def run_extract(*args: str, stdin: bytes = b"") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["uniner", "extract", *args])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        try:
            main()
            code = 0
        except SystemExit as stop:
            code = int(stop.code or 0)
        return code, *capsys.readouterr()

    return run_extract


def write_rows(path: Path, rows: Sequence[dict[str, str]]) -> str:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return str(path)


def test_a_pipe_gets_plain_lines(run: Run) -> None:
    assert run("--types", "person", stdin=TEXT.encode()) == (
        0,
        "mention\ttype\tscore\tstart\tend\n"
        "Ada\tperson\t0.750\t0\t3\n"
        "Bo\tperson\t0.750\t8\t10\n"
        "Then\tperson\t0.750\t17\t21\n"
        "Cy\tperson\t0.750\t22\t24\n",
        "",
    )


def test_text_file_and_stdin_give_the_same(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text(TEXT, encoding="utf-8")
    outputs = {
        run("--types", "a", "--text", TEXT),
        run("--types", "a", str(path)),
        run("--types", "a", "-", stdin=TEXT.encode()),
    }
    assert len(outputs) == 1


def test_jsonl_output_is_a_prediction_record(run: Run) -> None:
    code, out, _ = run("--types", "a", "--text", "Bo", "--format", "jsonl")
    assert code == 0
    assert json.loads(out) == {
        "id": "text",
        "text": "Bo",
        "domain": "",
        "source": "",
        "entities": [{"start": 0, "end": 2, "text": "Bo", "type": "a", "score": 0.75}],
    }


def test_html_output_is_one_page(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "new" / "page.html"
    assert run("--types", "<a>", "--text", TEXT, "--out", str(target)) == (0, "", "")
    html = target.read_text(encoding="utf-8")
    assert html.startswith("<!doctype html>")
    assert html.rstrip().endswith("</html>")
    assert html.count("<mark ") == 4
    assert "<a>" not in html
    assert "&amp; co.\n" in html


@pytest.mark.parametrize("as_stdin", [True, False])
def test_jsonl_goes_through_in_order_and_in_chunks(
    run: Run, model: Capitals, tmp_path: Path, as_stdin: bool
) -> None:
    rows = [{"id": str(n), "text": f"Ada {n}"} for n in range(CHUNK_PASSAGES + 3)]
    path = write_rows(tmp_path / "in.jsonl", rows)
    source = (
        {"args": ("-", "--input", "jsonl"), "stdin": Path(path).read_bytes()}
        if as_stdin
        else {"args": (path,), "stdin": b""}
    )
    args, stdin = source["args"], source["stdin"]
    code, out, _ = run(*args, "--types", "a", "--format", "jsonl", stdin=stdin)
    assert code == 0
    found = [json.loads(line) for line in out.splitlines()]
    assert [{"id": row["id"], "text": row["text"]} for row in found] == rows
    assert [count for count, *_ in model.calls] == [CHUNK_PASSAGES, 3]


def test_lines_and_pages_of_many_documents_name_each(run: Run, tmp_path: Path) -> None:
    path = write_rows(tmp_path / "in.jsonl", [ROW, {"id": "<2>", "text": "Bo"}])
    _, out, _ = run(path, "--types", "a")
    assert [line.split("\t")[0] for line in out.splitlines()] == ["id", "1", "1", "1", "1", "<2>"]
    _, out, _ = run(path, "--types", "a", "--format", "html")
    assert "<h2>1</h2>" in out
    assert "<h2>&lt;2&gt;</h2>" in out
    assert out.count("<html") == 1


def test_chunks_are_bounded_in_characters_and_read_no_further_than_needed() -> None:
    endless = repeat(Passage("1", "x" * 150_000))
    assert len(next(chunk_passages(endless))) == 2


def test_options_reach_the_model(run: Run, model: Capitals) -> None:
    types = " person , city,person,, film  title,"
    run("--types", types, "--text", "Bo", "--threshold", "0.25", "--nested")
    assert model.calls == [(1, ["person", "city", "film title"], 0.25, True)]


def test_types_come_from_a_file_one_a_line(run: Run, model: Capitals, tmp_path: Path) -> None:
    path = tmp_path / "types.txt"
    path.write_text("person\n\n  a town, or a city\r\nperson\n", encoding="utf-8")
    assert run("--types", f"@{path}", "--text", "Bo")[0] == 0
    assert model.calls[0][1] == ["person", "a town, or a city"]


@pytest.mark.parametrize("text", ["", " \n"])
@pytest.mark.parametrize("form", ["table", "jsonl", "html"])
def test_an_empty_text_has_no_entities(run: Run, text: str, form: str) -> None:
    code, out, error = run("--types", "a", "--format", form, stdin=text.encode())
    assert (code, error) == (0, "")
    assert "mark>" not in out


def test_offsets_count_a_files_own_line_ends_but_not_its_byte_order_mark(run: Run) -> None:
    _, out, _ = run(
        "--types", "a", "--format", "jsonl", stdin=b"\xef\xbb\xbfx\r\nBo \xc3\xa9t\xc3\xa9"
    )
    row = json.loads(out)
    assert row["text"] == "x\r\nBo été"
    assert row["entities"][0]["start"] == 3


@pytest.mark.parametrize("form", ["table", "jsonl", "html"])
def test_faults_are_one_line_on_standard_error_and_in_records(
    run: Run, model: Capitals, tmp_path: Path, form: str
) -> None:
    model.faults = ["is not JSON", "names what the text does not say", "is not JSON"]
    path = write_rows(tmp_path / "in.jsonl", [ROW, {"id": "2", "text": "Bo"}])
    code, out, error = run(path, "--types", "a", "--format", form)
    assert (code, error) == (
        0,
        "uniner: 6 faults in answers: is not JSON (4), names what the text does not say (2)\n",
    )
    if form == "jsonl":
        assert [len(json.loads(line)["faults"]) for line in out.splitlines()] == [3, 3]


def test_control_characters_never_reach_a_table(run: Run) -> None:
    _, out, _ = run("--types", "a\x1bb", "--text", "Bo\x1b[31m")
    assert "\x1b" not in out


@pytest.mark.parametrize(
    ("args", "stdin", "message"),
    [
        (["--types", "a", "gone.txt"], b"", "gone.txt: no such file"),
        (["--types", "a", "gone.jsonl"], b"", "gone.jsonl: no such file"),
        (["--types", "a", "."], b"", ".: is a folder"),
        (["--types", "a"], b"ok\n\xff", "-:2: not UTF-8 (byte 0xff)"),
        (["--types", "a"], b"PK\x00\x01", "NUL bytes"),
        ([], b"x", "no entity types"),
        (["--types", ""], b"x", "no entity types"),
        (["--types", " , ,"], b"x", "no entity types"),
        (["--types", "@gone.txt"], b"x", "gone.txt: no such file"),
        (["--types", "t" * 10_000], b"x", "10,000 characters"),
        (["--types", "\udcff"], b"x", "half a character"),
        (["--types", "a", "--text", "\udcff"], b"", "half a character"),
        (["--types", "a", "--text", "x", "y.txt"], b"", "both --text and y.txt"),
        (["--types", "a", "--threshold", "1.5"], b"x", "1.5 is not within [0, 1]"),
        (["--types", "a", "--threshold", "nan"], b"x", "nan is not within [0, 1]"),
        (["--types", "a", "--model", "broken"], b"x", "no model.onnx"),
        (["--types", "a", "--out", "."], b"x", "is a folder"),
        (["--types", "a", "--out", "/dev/null/x"], b"x", "cannot be written"),
        (["--types", "a", "--input", "jsonl"], b'{"id": "1"}', "-:1: field 'text'"),
        (["--types", "a", "--input", "jsonl"], b'{"id": "1", "text": "\\ud800"}', "half a"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(
    run: Run, args: list[str], stdin: bytes, message: str
) -> None:
    code, out, error = run(*args, stdin=stdin)
    assert (code, out) == (2, "")
    assert message in error
    assert error.count("\n") == 1
    assert len(error) < 300


def test_a_bad_line_is_found_before_anything_is_written(
    run: Run, model: Capitals, tmp_path: Path
) -> None:
    path = Path(write_rows(tmp_path / "in.jsonl", [ROW] * 600))
    path.write_text(path.read_text() + '{"id": "601", "text"\n')
    target = tmp_path / "out.jsonl"
    for args in ([], ["--out", str(target)]):
        code, out, error = run(str(path), "--types", "a", "--format", "jsonl", *args)
        assert (code, out) == (2, "")
        assert "in.jsonl:601: malformed JSON" in error
    assert model.calls == []
    assert [p.name for p in tmp_path.iterdir()] == ["in.jsonl"]


def test_a_stream_that_breaks_leaves_no_half_written_file(run: Run, tmp_path: Path) -> None:
    stdin = (json.dumps(ROW) + "\n").encode() * 300 + b"{]\n"
    target = tmp_path / "out.jsonl"
    code, _, error = run("-", "--input", "jsonl", "--types", "a", "--out", str(target), stdin=stdin)
    assert code == 2
    assert "-:301: malformed JSON" in error
    assert list(tmp_path.iterdir()) == []
