"""Tiny model folders, made once for all tests."""

from pathlib import Path

import pytest

from toy_model import export_toy
from uniner.students.span import SpanStudent
from uniner.training.network import SpanNetwork


@pytest.fixture(scope="session")
def toy(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, SpanNetwork]:
    """A model folder with float weights, and the network it was exported from."""
    folder = tmp_path_factory.mktemp("toy")
    return folder, export_toy(folder, quantize=False)


@pytest.fixture(scope="session")
def student(toy: tuple[Path, SpanNetwork]) -> SpanStudent:
    return SpanStudent(toy[0], threads=1)


@pytest.fixture(scope="session")
def small_student(tmp_path_factory: pytest.TempPathFactory) -> SpanStudent:
    """A student with int8 weights."""
    folder = tmp_path_factory.mktemp("small")
    export_toy(folder, quantize=True)
    return SpanStudent(folder, threads=1)
