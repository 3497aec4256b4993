"""Conversations that a toy learns within a test."""

import json
from pathlib import Path

from toy_model import CITIES, PEOPLE
from uniner.chat.dialogue import Dialogue, Exchange, dialogue_to_json
from uniner.chat.queries import ask_type


def make_dialogues() -> list[Dialogue]:
    """Fifteen passages of who is where, each asked for three types."""
    return [
        Dialogue(
            f"{person} {city}",
            f"{person} saw {city}.",
            tuple(
                Exchange(ask_type(kind), json.dumps(mentions))
                for kind, mentions in (("person", [person]), ("city", [city]), ("drug", []))
            ),
        )
        for person in PEOPLE
        for city in CITIES
    ]


def write_dialogues(path: Path, dialogues: list[Dialogue]) -> Path:
    """The file of these conversations."""
    path.write_text(json.dumps(list(map(dialogue_to_json, dialogues))), encoding="utf-8")
    return path
