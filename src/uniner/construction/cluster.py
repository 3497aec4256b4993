"""Ray Data as used here: values in, values out, in the order of what went in."""

import logging
import os
import pickle
import re
import socket
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias, cast

from uniner.records import ConfigError, InputError, UninerError

try:
    import pyarrow
    import ray
    import ray.data
except ImportError as missing:
    raise ConfigError(f"--engine ray needs {missing.name}: pip install 'uniner[ray]'") from None

Expand: TypeAlias = Callable[[Any], Iterable[object]]
"""From an item to whatever values; runs in a process that may run others before and after it."""
Start: TypeAlias = Callable[[str], Callable[[Any], object]]
"""Opens what a process of its own keeps open, under a name, and gives what it does with a value."""
Tables: TypeAlias = Generator[pyarrow.Table, None, None]

VALUE = "value"
"""The one column of a table: pickled values."""
OWN = {"RAY_BACKEND_LOG_LEVEL": "fatal", "RAY_USAGE_STATS_ENABLED": "0"}
"""Unless somebody has set it otherwise, Ray keeps its remarks in its log and calls nobody."""


class Crew(NamedTuple):
    """So many processes of one kind."""

    start: Start
    size: int


@contextmanager
def join(address: str | None) -> Iterator[None]:
    """Ray as it is in use here, or a cluster, or what is started on this machine for the block."""
    for handler in logging.getLogger("ray.data").handlers:
        if handler.name == "console":  # Ray's own; a program's handlers are its own affair
            handler.setLevel(logging.CRITICAL)
    if ray.is_initialized():
        yield
        return
    for name, value in OWN.items():
        os.environ.setdefault(name, value)
    try:
        knock(address)
        with muted():
            ray.init(address or "local", log_to_driver=False, logging_level=logging.CRITICAL)
    except (ValueError, RuntimeError, OSError) as error:
        raise ConfigError(
            f"--ray-address {address or 'local'}: no Ray there ({shorten(error)}); a cluster is "
            "HOST:6379, or auto on one of its machines"
        ) from None
    try:
        # Ray reports on standard output what becomes of its tasks, as when a run is stopped.
        with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere):
            yield
    finally:
        ray.shutdown()


def knock(address: str | None) -> None:
    """OSError or ValueError where nobody listens, for whom Ray would wait many minutes."""
    if address not in (None, "local", "auto"):
        host, _, port = address.rpartition(":")
        socket.create_connection((host, int(port)), timeout=5).close()


@contextmanager
def muted() -> Iterator[None]:
    """No standard error for the block: Ray's core announces there how quiet it will be."""
    kept = os.dup(2)
    try:
        with Path(os.devnull).open("w") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def count_cores() -> int:
    """The cores of all machines."""
    return max(1, int(ray.cluster_resources().get("CPU", 1)))  # type: ignore[no-untyped-call]


def stream(
    items: Sequence[object], expand: Expand, crew: Crew | None = None
) -> Generator[Any, None, None]:
    """What `expand` yields for each item, or what a crew makes of that, all in order.

    Each item is a task of its own, and for a crew so is each value. Results that are not taken
    yet, and what waits for a crew, are in Ray's store of objects, and tasks wait while that is
    full. An error that a user can mend is raised as it was; InputError where Ray fails.
    """
    if not items:
        return
    with ray.data.DataContext.current(make_context()):
        results = plan_stream(items, expand, crew)
    tables = cast(Tables, iter(results.iter_batches(batch_size=None, batch_format="pyarrow")))
    try:
        for table in tables:
            for number in range(len(table)):
                yield take(table, number)
    except ray.exceptions.UserCodeException:
        raise  # a mistake of ours, with all there is to know of it
    except ray.exceptions.RayError as error:
        raise InputError(f"Ray: {shorten(error)}; run again to go on") from None
    finally:
        tables.close()  # or tasks would go on where an error ends the stream


def plan_stream(items: Sequence[object], expand: Expand, crew: Crew | None) -> ray.data.Dataset:
    """The operators of a stream."""
    rows = [{VALUE: pickle.dumps(item)} for item in items]
    # Processes of a crew have a core each, but one is left; or they have half of the only one.
    cores = 0.5 if crew is not None else 1
    values = ray.data.from_items(rows, override_num_blocks=len(rows)).map_batches(
        Expansion(expand), batch_size=1, batch_format="pyarrow", num_cpus=cores
    )
    if crew is None:
        return values
    return values.map_batches(
        Member,
        fn_constructor_args=(ray.put(crew.start),),
        compute=ray.data.ActorPoolStrategy(size=crew.size),
        batch_size=1,
        batch_format="pyarrow",
        num_cpus=1 if count_cores() > 1 else cores,
    )


def make_context() -> ray.data.DataContext:
    """How Ray Data runs a stream."""
    context = ray.data.DataContext.get_current().copy()
    context.enable_progress_bars = False
    context.print_on_execution_start = False
    context.execution_options.preserve_order = True
    context.execution_no_progress_timeout_s = -1  # a teacher may ask to wait for hours
    context.target_max_block_size = 1  # a byte: each row is a block, and so each value a task
    return context


@dataclass(frozen=True, slots=True)
class Expansion:
    """A function from an item to values, over tables."""

    function: Expand

    def __call__(self, table: pyarrow.Table) -> Iterator[pyarrow.Table]:
        """A table for each value; for an error that a user can mend one that raises it again."""
        try:
            for value in self.function(take(table)):
                yield put(value)
        except (UninerError, OSError) as error:
            yield put(error)


class Member:
    """One process of a crew, over tables; starts when it is first called."""

    def __init__(self, start: ray.ObjectRef[Start]) -> None:
        self.start = start
        self.work: Callable[[Any], object] | None = None

    def __call__(self, table: pyarrow.Table) -> pyarrow.Table:
        """A table with what is made of a value, or with the error that a user can mend."""
        try:
            if self.work is None:
                self.work = ray.get(self.start)(str(ray.get_runtime_context().get_actor_id()))
            return put(self.work(take(table)))
        except (UninerError, OSError) as error:
            return put(error)


def put(value: object) -> pyarrow.Table:
    """A table of one value."""
    return pyarrow.table({VALUE: pyarrow.array([pickle.dumps(value)], pyarrow.binary())})


def take(table: pyarrow.Table, number: int = 0) -> Any:
    """A value of a table; an error is raised."""
    value = pickle.loads(table[VALUE][number].as_py())
    if isinstance(value, Exception):
        raise value
    return value


def shorten(error: Exception) -> str:
    """What is wrong, in one line: of a traceback, its last one."""
    lines = re.sub(r"\x1b\[[0-9;]*m", "", str(error)).strip().splitlines() or [type(error).__name__]
    return " ".join(lines[-1 if isinstance(error, ray.exceptions.RayTaskError) else 0].split())[
        :200
    ]
