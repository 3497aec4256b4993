"""The command line: `uniner COMMAND`. Each command lives in a module of its own."""

import importlib
import sys

import click

from uniner import __version__
from uniner.records import UninerError

COMMANDS = {
    "annotate": "Turn passages into annotated passages with a teacher.",
    "bench": "The Universal NER benchmark: list it, run it.",
    "distill": "From a corpus and a teacher to a student of your own, with a report.",
    "extract": "Find the entities of your types in a text.",
    "score": "Score predictions against gold annotations.",
}


class LazyGroup(click.Group):
    """Imports a command's module only when it is called, so that a cold start stays short."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"uniner.cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(sorted(COMMANDS.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="uniner")
def cli() -> None:
    """Open named entity recognition by targeted distillation."""


def main() -> None:
    """Run the command line; an error the user can mend is one line and exit code 2."""
    try:
        cli(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except click.Abort:
        click.echo("uniner: interrupted", err=True)
        sys.exit(130)
    except UninerError as error:
        click.echo(f"uniner: {error}", err=True)
        sys.exit(2)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(141)
