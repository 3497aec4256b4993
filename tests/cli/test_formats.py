"""What a terminal shows."""

import io

from rich.console import Console

from uniner.cli.formats import to_lines, to_screen
from uniner.records import Entity, Passage, Prediction


def predict(text: str, *entities: tuple[int, int, str]) -> Prediction:
    marked = tuple(Entity(a, b, text[a:b], kind, 0.5) for a, b, kind in entities)
    return Prediction(Passage("1", text), marked)


def draw(
    prediction: Prediction, *, many: bool = False, color: bool = False, no_color: str = ""
) -> str:
    console = Console(
        file=io.StringIO(),
        force_terminal=True,
        width=60,
        color_system="truecolor" if color else None,
        _environ={"NO_COLOR": no_color},  # rich keeps the mapping that it met at import
    )
    return "".join(to_screen([prediction], console, many=many))


def test_a_terminal_shows_the_text_above_a_table() -> None:
    lines = [
        line.rstrip() for line in draw(predict("Ada & [b]Bo[/b]", (0, 3, "person"))).split("\n")
    ]
    assert lines == [
        "Ada & [b]Bo[/b]",
        "",
        "mention   type     score   start   end",
        "──────────────────────────────────────",
        "Ada       person   0.500       0     3",
        "",
    ]


def test_mentions_are_coloured_unless_no_color_asks_otherwise() -> None:
    assert ";48;2;" in draw(predict("Ada left", (0, 3, "person")), color=True)
    assert "48;2" not in draw(predict("Ada left", (0, 3, "person")), color=True, no_color="1")


def test_control_characters_never_reach_a_terminal() -> None:
    shown = draw(predict("a\x1b[2Jb\x9b\r\x07", (0, 6, "x\x1by")))
    assert not {"\x1b", "\x9b", "\r", "\x07"} & set(shown)


def test_a_long_text_and_one_without_entities_say_so() -> None:
    assert "6,000 characters, not shown" in draw(predict("x" * 6000))
    assert "No entities." in draw(predict("x"))


def test_many_documents_are_told_apart() -> None:
    assert draw(predict("x"), many=True).startswith("1 ─")


def test_a_mention_over_two_lines_stays_one_line() -> None:
    assert [*to_lines([predict("a\tb\nc", (0, 5, "t"))], many=False)][
        1
    ] == "a b c\tt\t0.500\t0\t5\n"
