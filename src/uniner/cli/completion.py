"""`uniner completion`: a script with which a shell completes commands, options and choices."""

import click
from click.shell_completion import get_completion_class

VARIABLE = "_UNINER_COMPLETE"
"""In it the script tells uniner that it is asked for completions; click derives the same name."""


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print a script that completes commands, options and files in SHELL.

    \b
    bash: source <(uniner completion bash)
    zsh:  source <(uniner completion zsh)
    fish: uniner completion fish | source

    A line like this in ~/.bashrc, ~/.zshrc or ~/.config/fish/config.fish keeps it.
    """
    kind = get_completion_class(shell)
    assert kind is not None, "click knows the shells that are the argument's choices"
    program = ctx.find_root().command
    click.echo(kind(program, {}, "uniner", VARIABLE).source(), nl=False)
