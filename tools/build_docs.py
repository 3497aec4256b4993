"""Writes docs/commands.md from the command line itself; also the hook of mkdocs.yml.

python tools/build_docs.py
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from uniner.cli import cli

DOCS = Path(__file__).parents[1] / "docs"
COMMANDS = DOCS / "commands.md"

HEAD = """\
# Commands

Every command says all of this itself, with `--help`. [What comes out, and how it ends](#manners) \
holds for all.
"""
TAIL = """\
## Manners

Results go to standard output; progress, remarks and errors go to standard error. In a pipe \
nothing is coloured and no bar is drawn, and `uniner extract` writes fields between tabs in place \
of a drawn table. Other tables are for people; programs take `--json` or `--format` where a \
command has them.

| exit code | |
|--:|---|
| 0 | done |
| 1 | nobody reads the output any more, as after `head`; or a fault of uniner, with a traceback |
| 2 | something for you to mend, which one line on standard error says |
| 130 | interrupted with Ctrl-C |

| variable | |
|---|---|
| `NO_COLOR` | no colours on a terminal |
| `TERM=dumb` | no colours, no bars |
| `COLUMNS` | how wide tables on a terminal are, and help (50 to 80) |
| `UNINER_API_KEY` | the key of a teacher, or of a model behind an address |
| `UNINER_SERVE_KEY` | the key that clients of `uniner serve` must send |

Input and output are UTF-8, whatever the locale says.

### Completion

A line in `~/.bashrc`, or the like of another shell, makes the tabulator complete commands, \
options, choices and files:

```sh
source <(uniner completion bash)
```

`uniner completion zsh` and `uniner completion fish` do so for those shells.
"""


def list_commands(ctx: click.Context) -> Iterator[click.Context]:
    """A context for each command below this one that is no group itself."""
    group = ctx.command
    if not isinstance(group, click.Group):
        yield ctx
        return
    for name in group.list_commands(ctx):
        command = group.get_command(ctx, name)
        assert command is not None, name
        yield from list_commands(click.Context(command, info_name=name, parent=ctx))


def describe(ctx: click.Context) -> str:
    """A command's section: how it is called, what it does, its options."""
    command = ctx.command
    usage = command.get_usage(ctx).removeprefix("Usage: ")
    parts = [f"## {ctx.command_path}", f"```text\n{squeeze(usage)}\n```"]
    for paragraph in (command.help or "").split("\n\n"):
        lines = paragraph.strip().split("\n")
        if lines[0] == "\b":
            parts.append("\n".join(["```text", *map(str.strip, lines[1:]), "```"]))
        else:
            parts.append(squeeze(paragraph))
    records = [param.get_help_record(ctx) or ("", "") for param in command.params]
    parts.append("\n".join(f"- `{names}` {squeeze(text)}" for names, text in records if text))
    return "\n\n".join(parts) + "\n"


def squeeze(text: str) -> str:
    """Text on one line, with single blanks."""
    return " ".join(text.split())


def render_commands() -> str:
    """The whole page."""
    root = click.Context(cli, info_name="uniner", **cli.context_settings)
    return "\n".join([HEAD, *map(describe, list_commands(root)), TAIL])


def name_page(page: str, folder: str) -> Any:
    """A page of a folder; one of a folder in it by that folder's name, as reports are all alike."""
    inner = page.removeprefix(folder)
    return {inner.partition("/")[0]: page} if "/" in inner else page


def on_config(config: Any) -> None:
    """Complete the nav: pages of the folders in it, and at the end the pages that it lacks."""
    pages = sorted(path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md"))
    named: set[str] = set()

    def complete(entry: Any) -> list[Any]:
        match entry:
            case str() if entry.endswith("/"):
                found = [page for page in pages if page.startswith(entry)]
                found.sort(key=lambda page: page != f"{entry}index.md")
                named.update(found)
                return [name_page(page, entry) for page in found]
            case str():
                named.add(entry)
                return [entry]
            case list():
                return [part for item in entry for part in complete(item)]
            case _:
                ((title, value),) = entry.items()
                inner = complete(value)
                return [{title: inner if isinstance(value, list) else value}]

    config.nav = complete(config.nav)
    if rest := [page for page in pages if page not in named]:
        config.nav.append({"More": rest})


def on_page_markdown(markdown: str, *, page: Any, **_: Any) -> str:
    """Name files outside the site, such as sources, where a page links to them."""
    folder = DOCS / Path(page.file.src_uri).parent

    def name(link: re.Match[str]) -> str:
        target = Path(os.path.normpath(folder / link[2]))
        if target.is_relative_to(DOCS):
            return link[0]
        return f"{link[1]} (`{target.relative_to(DOCS.parent).as_posix()}`)"

    return re.sub(r"\[([^\]]*)\]\((\.\./[^)#]+)\)", name, markdown)


if __name__ == "__main__":
    COMMANDS.write_text(render_commands(), encoding="utf-8")
