"""What `uniner serve` makes of its options."""

import socket
from collections.abc import Iterator

import pytest

from toy_cli import call


@pytest.fixture
def taken() -> Iterator[str]:
    """A port at which somebody listens already."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield str(listener.getsockname()[1])


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("--port 70000", "70000"),
        ("--port x", "not a valid integer"),
        ("--host no.such.host.invalid", "--host no.such.host.invalid: no such host"),
        ("--host 203.0.113.1 --port 0", "203.0.113.1:0 cannot be listened at"),
        ("--model no/such/model --port 0", "no/such/model: no such model"),
        ("--threads 0", "0 is not in the range"),
        ("--max-texts 0", "--max-texts 0 must be at least 1"),
        ("--queue-texts -1", "--queue-texts -1 must be at least 1"),
        ("--batch-wait-ms -1", "--batch-wait-ms -1"),
        ("--batch-wait-ms nan", "--batch-wait-ms nan"),
        ("--min-threshold 2", "--min-threshold 2"),
        ("--api-key-env NO_SUCH_VARIABLE", "NO_SUCH_VARIABLE: no such variable"),
        ("--api-key-env EMPTY_VARIABLE", "EMPTY_VARIABLE is not a key"),
        ("--cors example.org", "'example.org' is not an origin"),
        ("--cors https://example.org/", "is not an origin"),
        ("--api-key secret", "no such option"),
        ("texts", "unexpected extra argument"),
    ],
)
def test_what_is_wrong_with_an_option_is_one_line(
    line: str,
    says: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("EMPTY_VARIABLE", "")
    code, out, err = call(["serve", *line.split()], monkeypatch, capsys)
    assert (code, out, err.count("\n")) == (2, "", 1), err
    assert says in err


def test_a_port_in_use_is_one_line(
    taken: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = call(["serve", "--port", taken], monkeypatch, capsys)
    assert (code, err.count("\n")) == (2, 1)
    assert f"127.0.0.1:{taken} cannot be listened at (address already in use)" in err
    assert "--port" in err


def test_an_empty_usual_key_does_not_let_everybody_in(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("UNINER_SERVE_KEY", "")
    code, _, err = call(["serve", "--port", "0"], monkeypatch, capsys)
    assert (code, err) == (
        2,
        "uniner: UNINER_SERVE_KEY is not a key; set it to ASCII characters without blanks\n",
    )


def test_help_names_every_option_and_its_default(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = call(["serve", "--help"], monkeypatch, capsys)
    assert code == 0
    for option in ("--model", "--port", "--api-key-env", "--cors", "--max-texts", "--grace"):
        assert option in out
    assert "[default: 127.0.0.1]" in out
