"""The extractor that a name stands for, loaded once in each process."""

import os
import warnings
from collections.abc import Sequence
from functools import cache
from typing import TypeAlias

from uniner.evaluation.faults import count_faults, describe_faults
from uniner.records import Prediction
from uniner.students.extractor import Extractor
from uniner.students.load import load_extractor

Model: TypeAlias = Extractor | str | None
"""An extractor, or the name, folder or address of one; None is the bundled one."""


def find_extractor(model: Model) -> Extractor:
    """The extractor itself; what is given by name is loaded anew in a forked process.

    The threads of a loaded model do not survive a fork: it would wait for them for ever.
    """
    if model is None or isinstance(model, str):
        return load_once(model, os.getpid())
    return model


@cache
def load_once(model: str | None, _process: int) -> Extractor:
    """The extractor of a name, as this process has loaded it."""
    return load_extractor(model)


def warn_faults(predictions: Sequence[Prediction]) -> None:
    """Warn of answers that no entity could be read from."""
    if faults := count_faults(predictions):
        warnings.warn(f"uniner: {describe_faults(faults)}", stacklevel=3)
