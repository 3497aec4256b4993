"""`uniner annotate`: passages in, annotated passages out, with a count of what was dropped."""

from pathlib import Path
from typing import Any, Literal, TypeVar, get_args

import click

from uniner.cli.progress import Console
from uniner.cli.tables import new_table, print_table
from uniner.construction.annotating import Tally, annotate_file, describe_cost, list_files
from uniner.construction.planning import SAMPLE, TeacherConfig, make_plan
from uniner.records import ConfigError
from uniner.teacher.clean import Reason
from uniner.teacher.prompts import Form, Mode

RECORDED = "recorded"
Engine = Literal["local", "ray"]
Value = TypeVar("Value")


@click.command(name="annotate")
@click.argument("passages", type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Annotated JSONL.")
@click.option(
    "--teacher",
    "teachers",
    required=True,
    multiple=True,
    metavar="recorded|URL",
    help="Who is asked; several times for several teachers, who vote.",
)
@click.option("--model", multiple=True, help="The model to ask at a URL.")
@click.option(
    "--replies",
    multiple=True,
    help="Recorded replies (JSONL of id, reply, model); the bundled sample's unless given.",
)
@click.option(
    "--mode",
    type=click.Choice(get_args(Mode)),
    default="type",
    show_default=True,
    help="Ask for types, or for one-sentence definitions.",
)
@click.option(
    "--form",
    type=click.Choice(get_args(Form)),
    default="list",
    show_default=True,
    help="Answers as the paper's list of tuples, or as JSON by a schema.",
)
@click.option("--samples", default=1, show_default=True, help="Answers of each teacher, who vote.")
@click.option(
    "--agreement", default=0.0, show_default=True, help="The least share of votes that counts."
)
@click.option(
    "--candidates",
    default="",
    metavar="capitals|FILE",
    help="Ask again about capitalised phrases, or mentions of an annotated file, left out.",
)
@click.option("--verify", is_flag=True, help="Ask at last which of the entities are right.")
@click.option("--temperature", default=0.0, show_default=True)
@click.option("--max-tokens", default=2048, show_default=True, help="Tokens of a reply at most.")
@click.option("--workers", default=8, show_default=True, help="Passages under way at once.")
@click.option("--rpm", default=0.0, help="Requests a minute at most, of each teacher.")
@click.option("--tpm", default=0.0, help="Tokens a minute at most, of each teacher.")
@click.option("--timeout", default=120.0, show_default=True, help="Seconds for a reply.")
@click.option("--attempts", default=8, show_default=True, help="Tries for a reply.")
@click.option("--price-in", multiple=True, type=float, help="Price of a million tokens asked.")
@click.option("--price-out", multiple=True, type=float, help="Price of a million tokens answered.")
@click.option("--max-cost", default=0.0, help="Stop asking where all replies have cost so much.")
@click.option(
    "--key-env",
    multiple=True,
    metavar="NAME",
    help="The environment variable with the key; UNINER_API_KEY, or OPENAI_API_KEY for OpenAI.",
)
@click.option("--estimate", "only_estimate", is_flag=True, help="Say what it would cost, no more.")
@click.option(
    "--engine",
    type=click.Choice(get_args(Engine)),
    default="local",
    show_default=True,
    help="Where passages are annotated: in this process, or on Ray (also Parquet and folders).",
)
@click.option("--ray-address", help="A Ray cluster; one on this machine if not given.")
def command(passages: Path, out: Path, **given: Any) -> None:
    """Turn PASSAGES (JSONL, or - for standard input) into annotated passages with a teacher.

    Beside the output come NAME.replies.jsonl with all raw replies and NAME.drops.json with what
    was dropped and why. A live teacher's replies are kept in NAME.journal as they come: after a
    kill, or to ask again what failed, the same command goes on from there.
    """
    only_estimate, engine, address = (
        given.pop(name) for name in ("only_estimate", "engine", "ray_address")
    )
    configs = list_teachers(given)
    own = list_files(out).replies.resolve()
    for name in (config.replies for config in configs if config.kind == "recorded"):
        if Path(name).resolve() == own:
            raise ConfigError(f"--replies {name}: --out {out} would overwrite it; rename one")
    plan = make_plan(configs)
    console = Console()
    if only_estimate:
        click.echo(describe_cost(passages, out, plan))
        return
    match engine:
        case "local":
            tally = annotate_file(passages, out, plan, console)
        case "ray":
            from uniner.construction.writers import annotate_on_ray

            tally = annotate_on_ray(passages, out, plan, console, address)
    show(tally, out)


def list_teachers(given: dict[str, Any]) -> list[TeacherConfig]:
    """A configuration for each --teacher; what is given once holds for all of a kind."""
    names = given.pop("teachers")
    live = [name for name in names if name != RECORDED]
    kept = iter(spread("--replies", given.pop("replies"), len(names) - len(live), SAMPLE))
    own = {
        field: iter(spread(option, given.pop(field), len(live), default))
        for field, option, default in (
            ("model", "--model", ""),
            ("price_in", "--price-in", 0.0),
            ("price_out", "--price-out", 0.0),
            ("key_env", "--key-env", ""),
        )
    }
    configs = []
    for name in names:
        if name == RECORDED:
            configs.append(TeacherConfig(replies=str(next(kept)), **given))
        else:
            of_this = {field: next(values) for field, values in own.items()}
            configs.append(TeacherConfig(kind="live", url=name, **of_this, **given))
    return configs


def spread(option: str, values: tuple[Value, ...], count: int, default: Value) -> list[Value]:
    """A value for each of `count` teachers: as many as were given, or the one for all."""
    if len(values) <= 1:
        return [*(values or (default,))] * count
    if len(values) != count:
        raise ConfigError(f"{option}: given {len(values)} times for {count} such teachers")
    return list(values)


def show(tally: Tally, out: Path) -> None:
    """What was kept, and what was dropped with the reasons."""
    table = new_table(f"annotated: {out}", "", "count")
    table.add_row("passages read", f"{tally.passages:,}")
    table.add_row("passages annotated", f"{tally.annotated:,}")
    table.add_row("mentions", f"{tally.mentions:,}")
    table.add_row("entities, one a mention and type", f"{tally.entities:,}")
    table.add_section()
    table.add_row("dropped", f"{tally.drops.total():,}")
    for reason in Reason:
        if tally.drops[reason]:
            table.add_row(f"  {reason}", f"{tally.drops[reason]:,}")
    print_table(table)
