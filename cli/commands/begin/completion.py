"""`completion`: the script that lets a shell complete, printed, or written where that shell looks."""

from __future__ import annotations

import click

from cli.completion.install import install as put
from cli.completion.shells import SHELLS
from cli.options import json_option, print_json
from cli.output.terminal import echo
from states.language import _

NAMES = ("bash", "zsh", "fish", "powershell")


@click.command(
    help=_("Print the script that lets SHELL complete commands, references and codes; or --install it for good.")
)
@click.argument("shell", metavar="SHELL", type=click.Choice(NAMES))
@click.option("--install", is_flag=True, help=_("Write it where the shell looks, and say what was done."))
@json_option
def completion(shell: str, install: bool, as_json: bool) -> None:
    script = SHELLS[shell](click.Group(), {}, "coop", "_COOP_COMPLETE").source()
    if not install:
        if as_json:
            print_json({"shell": shell, "script": script})
        else:
            click.echo(script.rstrip("\n"))
        return

    done = put(shell, script)
    if as_json:
        print_json({"shell": shell, "file": str(done.file), "changed": [str(path) for path in done.changed]})
        return
    for line in done.lines:
        echo(line)
