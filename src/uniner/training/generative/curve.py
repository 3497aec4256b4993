"""How the loss of a training fell, as files and as a plot."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from uniner.records.manifest import write_json

CURVE = "curve.json"


@dataclass(frozen=True, slots=True)
class Curve:
    """The loss on training rows and on the dev rows, by step."""

    train: Mapping[int, float]
    dev: Mapping[int, float]


def read_history(history: Sequence[Mapping[str, Any]]) -> Curve:
    """The curve in the log of a trainer."""

    def pick(name: str) -> dict[int, float]:
        return {int(row["step"]): round(float(row[name]), 4) for row in history if name in row}

    return Curve(pick("loss"), pick("eval_loss"))


def write_curve(path: Path, curve: Curve) -> None:
    """Write a curve as JSON."""
    write_json(path, {"train": dict(curve.train), "dev": dict(curve.dev)})


def read_curve(path: Path) -> Curve:
    """A curve that was written."""
    row = json.loads(path.read_text(encoding="utf-8"))
    train, dev = (
        {int(step): loss for step, loss in row[name].items()} for name in ("train", "dev")
    )
    return Curve(train, dev)


def plot_curve(curve: Curve, path: Path) -> None:
    """Draw a curve into a file of `construction.plots.FORMATS`; needs matplotlib."""
    from uniner.construction.plots import BLUE, MUTED, draw

    with draw(path, (6.5, 3.2)) as figure:
        axes = figure.add_subplot()
        axes.plot(list(curve.train), list(curve.train.values()), color=MUTED, label="training")
        if curve.dev:
            axes.plot(
                list(curve.dev), list(curve.dev.values()), color=BLUE, marker="o", label="dev"
            )
        axes.set_xlabel("step")
        axes.set_ylabel("cross-entropy of a supervised token")
        axes.set_ylim(bottom=0)
        axes.legend(frameon=False)
