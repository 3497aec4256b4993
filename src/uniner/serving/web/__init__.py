"""The page of `uniner serve`: one HTML document that fetches nothing but answers."""

import re
from base64 import b64encode
from functools import cache
from hashlib import sha256
from importlib.resources import files
from string import Template

from uniner.serving.page import read_asset

SCRIPTS = (
    "found.js", "link.js", "server.js", "types.js", "draw.js", "examples.js",
    "state.js", "question.js", "answer.js", "fill.js", "export.js", "scheme.js", "main.js",
)  # fmt: skip
"""The parts of one script, in this order; the first two know nothing of the page."""


@cache
def render_page() -> str:
    """The whole page as HTML, its style and script inlined and allowed by their hashes alone."""
    style = "\n".join([read_asset("page.css"), switch_colours(), read_part("look.css")])
    script = "".join(map(read_part, SCRIPTS))
    policy = "; ".join(
        [
            "default-src 'none'",
            f"script-src '{digest(script)}'",
            f"style-src '{digest(style)}'",
            "connect-src 'self'",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
            "require-trusted-types-for 'script'",
        ]
    )
    return Template(read_part("index.html")).substitute(policy=policy, style=style, script=script)


def switch_colours() -> str:
    """The colours of page.css again, for a person's choice, which goes before the system's."""
    light, dark = re.findall(r":root \{([^}]*)\}", read_asset("page.css"))
    return "".join(
        f':root[data-scheme="{scheme}"] {{ color-scheme: {scheme};{colours}}}\n'
        for scheme, colours in (("light", light), ("dark", dark))
    )


def read_part(name: str) -> str:
    """A file that lies beside this module."""
    return files("uniner.serving.web").joinpath(name).read_text(encoding="utf-8")


def digest(text: str) -> str:
    """What a Content-Security-Policy calls a style or a script that it allows."""
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"
