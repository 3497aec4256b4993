"""The command line: `uniner COMMAND`. Each command lives in a module of its own."""

import importlib
import io
import os
import sys
from typing import NoReturn

import click
from click.shell_completion import CompletionItem

from uniner import __version__
from uniner.records import UninerError

COMMANDS = {
    "ablate": "Train the students of an experiment, and compare them.",
    "adapt": "Teach a student the types of your own labelled texts.",
    "annotate": "Turn passages into annotated passages with a teacher.",
    "bench": "The Universal NER benchmark: list it, run it.",
    "build": "Turn annotated passages into conversations for a generative student.",
    "completion": "Print a script that completes commands and options in your shell.",
    "convert": "Convert annotated passages from one format to another.",
    "corpus": "Passages from texts of your own.",
    "distill": "From a corpus and a teacher to a student of your own, with a report.",
    "extract": "Find the entities of your types in a text.",
    "score": "Score predictions against gold annotations.",
    "serve": "Answer over HTTP, as a service for others.",
    "stats": "Count what is in annotated passages, beside the paper's figures.",
    "train": "Train a student on data that is already annotated.",
    "types": "Propose a table that makes the names of types alike.",
    "view": "Look through annotated or predicted texts in a browser.",
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

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        names = [name for name in self.list_commands(ctx) if name.startswith(incomplete)]
        items = [CompletionItem(name, help=COMMANDS[name]) for name in names]
        # Not those of click's group, which imports every command for a line of its help.
        return [*items, *click.Command.shell_complete(self, ctx, incomplete)]


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 done; 1 nobody reads the output any more; 2 something for you to mend, "
    "which one line on standard error says; 130 interrupted.",
)
@click.version_option(__version__, prog_name="uniner")
def cli() -> None:
    """Open named entity recognition by targeted distillation."""


def main() -> None:
    """Run the command line; an error the user can mend is one line and exit code 2.

    Interrupted it exits with 130, and with 1 where nobody reads its output any more.
    """
    open_streams()
    try:
        if code := cli(prog_name="uniner", standalone_mode=False):
            sys.exit(code)  # ctx.exit(code) of a command
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        sys.exit(2)
    except click.ClickException as error:
        stop(describe(error))
    except (click.Abort, KeyboardInterrupt):
        stop("interrupted", 130)
    except UninerError as error:
        stop(str(error))
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        stop(f"{where}{error.strerror or error}")


def open_streams() -> None:
    """Speak UTF-8 whatever the locale says, keep odd names of files, bear closed streams."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_RDWR), mode))
    for stream, errors in ((sys.stdout, "surrogateescape"), (sys.stderr, "backslashreplace")):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors=errors)


def describe(error: click.ClickException) -> str:
    """What is wrong with the way a command was called, in one line."""
    message = " ".join(error.format_message().split()).rstrip(".")
    message = message[:1].lower() + message[1:]
    context = error.ctx if isinstance(error, click.UsageError) else None
    return f"{message}; see `{context.command_path} --help`" if context else message


def stop(message: str, code: int = 2) -> NoReturn:
    """Say on standard error why, and exit."""
    click.echo(f"uniner: {message}", err=True)
    sys.exit(code)
