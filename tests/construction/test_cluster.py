"""Values go through Ray in order, errors come out as they were, no Ray is one line."""

import importlib
import logging
import os
import sys
import time
from collections.abc import Callable, Iterator

import pytest

from toy_server import free_port
from uniner.records import ConfigError, InputError

pytest.importorskip("ray")

from uniner.construction.cluster import Crew, join, stream


def spell(word: str) -> Iterator[str]:
    """The letters of a word, those of the first one late; none of it after a mark."""
    for letter in word:
        if letter == "!":
            raise InputError(f"{word}: no such letter")
        time.sleep(0.2 if word == "first" else 0)
        yield letter


def start(name: str) -> Callable[[str], tuple[str, str, int]]:
    """Doubles letters, and says in which process."""
    return lambda letter: (letter * 2, name, os.getpid())


@pytest.mark.usefixtures("cluster")
@pytest.mark.filterwarnings("ignore:.*is deprecated:DeprecationWarning")
def test_values_come_in_order_from_several_processes_and_errors_as_they_were() -> None:
    words = ["first", "", "second", "third", "4!"]
    results = stream(words, spell, Crew(start, 2))
    whole = [next(results) for _ in "firstsecondthird4"]
    assert "".join(letters[0] for letters, _, _ in whole) == "firstsecondthird4"
    assert len({name for _, name, _ in whole}) == len({pid for _, _, pid in whole}) == 2
    with pytest.raises(InputError, match=r"^4!: no such letter$"):
        next(results)
    assert list(stream([], spell)) == []


@pytest.mark.usefixtures("cluster")
def test_ray_is_silenced_and_a_program_that_listens_to_it_is_not() -> None:
    logger, own = logging.getLogger("ray.data"), logging.StreamHandler()
    logger.addHandler(own)
    with join(None):
        levels = {handler: handler.level for handler in logger.handlers if handler.name}
    logger.removeHandler(own)
    assert own.level == logging.NOTSET
    assert logging.CRITICAL in levels.values()


@pytest.mark.parametrize("address", ["127.0.0.1:PORT", "nowhere", "ray://no.invalid:1"])
def test_a_cluster_that_is_not_there_is_one_line(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ray.is_initialized", lambda: False)
    address = address.replace("PORT", str(free_port()))
    with pytest.raises(ConfigError, match=f"^--ray-address {address}: no Ray there"), join(address):
        raise AssertionError


def test_without_ray_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "uniner.construction.cluster")
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ConfigError, match=r"needs ray: pip install 'uniner\[ray\]'"):
        importlib.import_module("uniner.construction.cluster")
