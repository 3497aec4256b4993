"""`uniner serve`: the extractor behind an HTTP API."""

import os
import re
from dataclasses import dataclass
from typing import Any

import click

from uniner.records import ConfigError

KEY_VARIABLE = "UNINER_SERVE_KEY"
LOCAL = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line says, before it is checked."""

    model: str | None
    threads: int | None
    host: str
    port: int
    api_key_env: str | None
    cors: tuple[str, ...]
    max_body_bytes: int
    max_texts: int
    max_types: int
    max_characters: int
    min_threshold: float
    max_requests: int
    batch_texts: int
    batch_wait_ms: float
    queue_texts: int
    grace: float


@click.command()
@click.option("--model", help="A model's name, folder or address; the bundled one if not given.")
@click.option("--threads", type=click.IntRange(min=1), help="Threads of the model; every core.")
@click.option("--host", default="127.0.0.1", show_default=True, help="0.0.0.0: every network.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="0: any free one.",
)
@click.option(
    "--api-key-env",
    metavar="NAME",
    help=f"The variable with the key that clients must send; {KEY_VARIABLE} if that is set.",
)
@click.option(
    "--cors",
    metavar="ORIGIN",
    multiple=True,
    help="Let the pages of an origin use it, as https://example.org; may be given again.",
)
@click.option("--max-body-bytes", default=2_000_000, show_default=True, help="Of a request.")
@click.option("--max-texts", default=256, show_default=True, help="Of a request.")
@click.option("--max-types", default=100, show_default=True, help="Of a request.")
@click.option("--max-characters", default=100_000, show_default=True, help="Of a text.")
@click.option(
    "--min-threshold", default=0.01, show_default=True, help="The lowest that may be asked for."
)
@click.option("--max-requests", default=256, show_default=True, help="Under way at once.")
@click.option("--batch-texts", default=32, show_default=True, help="Of one call of the model.")
@click.option(
    "--batch-wait-ms",
    default=2.0,
    show_default=True,
    help="How long a text waits for others when the model has nothing to do.",
)
@click.option("--queue-texts", default=1024, show_default=True, help="That wait; then 429.")
@click.option(
    "--grace",
    type=click.FloatRange(0, 3600),
    default=30.0,
    show_default=True,
    help="Seconds to answer what was taken, when told to stop.",
)
def command(**given: Any) -> None:
    """Answer over HTTP: POST /v1/extract, described in /openapi.json.

    It listens on this machine alone unless --host says otherwise, and ends on Ctrl-C or SIGTERM
    when it has answered what it has taken. There is no option for the key itself, as options can
    be seen by others: it comes from a variable.
    """
    run(Options(**given))


def run(options: Options) -> None:
    """Check everything, load the model once, and serve until told to stop."""
    from uniner.students.load import load_extractor, needs

    with needs("uniner serve", "serve"):
        from uniner.serving.api import build_app
        from uniner.serving.server import Server, describe_address, open_socket
        from uniner.serving.service import Service
    from uniner.serving.limits import Limits, Pace
    from uniner.serving.web import render_page

    limits = Limits(
        body_bytes=options.max_body_bytes,
        texts=options.max_texts,
        types=options.max_types,
        characters=options.max_characters,
        threshold=options.min_threshold,
        requests=options.max_requests,
    )
    pace = Pace(
        batch_texts=options.batch_texts,
        wait=options.batch_wait_ms / 1000,
        queue_texts=options.queue_texts,
    )
    key = read_key(options.api_key_env)
    origins = [check_origin(origin) for origin in options.cors]
    with open_socket(options.host, options.port) as bound:
        extractor = load_extractor(options.model, threads=options.threads)
        service = Service(extractor, limits, pace, key)

        def announce() -> None:
            if key is None and options.host not in LOCAL:
                told = f"whoever reaches {options.host} can use it; set {KEY_VARIABLE} to ask a key"
                click.echo(f"uniner: {told}", err=True)
            where = describe_address(bound)
            click.echo(f"uniner: {extractor.name} at {where}; stop it with Ctrl-C", err=True)

        app = build_app(service, origins=origins, page=render_page)
        Server(app, options.grace, announce).run([bound])


def read_key(variable: str | None) -> str | None:
    """The key that clients must know; None where no variable is named and the usual is not set."""
    name = variable or KEY_VARIABLE
    key = os.environ.get(name)
    if key is None and variable is None:
        return None
    if key is None:
        raise ConfigError(f"--api-key-env {name}: no such variable; set it to the key")
    if not re.fullmatch(r"[!-~]+", key):  # an empty key would let everybody in
        raise ConfigError(f"{name} is not a key; set it to ASCII characters without blanks")
    return key


def check_origin(origin: str) -> str:
    """The origin of pages, as browsers name it; `*` stands for all."""
    if origin != "*" and not re.fullmatch(r"https?://[^/\s?#]+", origin):
        raise ConfigError(f"--cors {origin!r} is not an origin; give one as https://example.org")
    return origin
