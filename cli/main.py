"""The `coop` command: global options, and a table of commands imported only when called.

`--help`, `--version` and completion must not wait for the database library: nothing heavy is imported here.
"""

from __future__ import annotations

import gc
import importlib
import os
import sys
import warnings
from functools import cached_property
from typing import TYPE_CHECKING, Any

import click

from cli.commands.offered import JOINED, PLACES, RUN, led, sections
from cli.output.terminal import flush, replace_unwritable, write_as_utf8
from cli.settings import default_store, from_file, given, out_of_sight, setting
from states.language import DEFAULT, DOMAIN, LANGUAGES, _, said, use

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cli.session import Session
    from states.declaration.outline import Outline


class LazyGroup(click.Group):
    """The command itself: those of the product are imported when called, the others are made of the lab's events.

    `lab` gives the outline of the lab's declaration, for what is listed before a store is opened; `begun` is given the
    session of each run.
    """

    def __init__(
        self, *args: Any, lab: Callable[[], Outline], begun: Callable[[Session], None] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._lab, self._begun = lab, begun

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        rest = super().parse_args(ctx, args)
        if ctx.obj is None:
            from cli.session import Session

            given = ctx.params
            ctx.obj = Session(given["db"], given["actor"], given["debug"], given["wait"])
            if self._begun:
                self._begun(ctx.obj)
            ctx.call_on_close(ctx.obj.close)
            ctx.meta[RUN] = main
        return rest

    @cached_property
    def outline(self) -> Outline:
        return self._lab()

    def _declaration(self, ctx: click.Context) -> Any:
        """The declaration of the lab, that of the run where there is one."""
        from states.errors import CoopError

        try:
            return ctx.obj.declaration if ctx.obj else self.outline
        except CoopError:  # the command itself will say what is wrong with the store
            return self.outline

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for _title, commands in sections(self.outline) for name in commands]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        place = PLACES.get(cmd_name)
        command: click.Command | None = None
        if place:
            module, _colon, attribute = place.partition(":")
            command = getattr(importlib.import_module(module), attribute)
        if not place or cmd_name in JOINED:
            from cli.commands.lead.shorthands import made, older

            command = made(self._declaration(ctx), cmd_name, command) or older(ctx, cmd_name)
        if command and ctx.resilient_parsing:  # the shell completes
            from cli.completion.shells import dressed

            return dressed(command)
        return command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[Any]:
        """The commands that begin so, with their line of help; as ever, without importing them."""
        from click.shell_completion import CompletionItem

        lines = [line for _title, commands in sections(self.outline) for line in commands.items()]
        found = [CompletionItem(name, help=text) for name, text in lines if name.startswith(incomplete)]
        return [*found, *click.Command.shell_complete(self, ctx, incomplete)]

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        if args and not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            raise click.UsageError(_("There is no command “{name}”.", name=args[0]) + self._meant(ctx, *args), ctx)
        return super().resolve_command(ctx, args)

    def _meant(self, ctx: click.Context, name: str, *given: str) -> str:
        """What to type instead of a name that is no command: an event's, that of a command in a group, or near one."""
        from itertools import takewhile

        from states.errors import did_you_mean

        declaration = self._declaration(ctx)
        event = declaration.events.get(name) or declaration.activities.events.get(name)
        if event and event.command:
            refs = takewhile(lambda word: word.replace("-", "").isalnum() and word[0] != "-", given)
            words = [event.command, *([] if event.creates else refs)]
            return " " + _("That event is: coop {command}", command=" ".join(words))
        names = [*PLACES, *led(declaration)]
        groups = ((group, self.get_command(ctx, group)) for group in names)
        found = [group for group, command in groups if isinstance(command, click.Group) and name in command.commands]
        if len(found) == 1:
            return " " + _("Did you mean “{name}”?", name=f"coop {found[0]} {name}")
        return did_you_mean(name, names)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for title, commands in sections(self.outline):
            with formatter.section(title):
                formatter.write_dl(list(commands.items()))


def outline_in(store: str | None) -> Outline:
    """The outline of the declaration in force in a store; where there is none, of the one the product comes with."""
    from states.declaration.outline import shipped_commands
    from workflow.views.completion import Glance

    glance = Glance(setting("db", store)[0] or default_store())
    try:
        return glance.declaration
    except Exception:  # whatever is wrong with the store, help is given
        return shipped_commands()
    finally:
        glance.close()


def globals_first(args: Sequence[str], options: Sequence[click.Parameter]) -> list[str]:
    """The words with the options of `coop` itself, wherever they were typed, before the command. `--` ends them."""
    named = {name: option for option in options if isinstance(option, click.Option) for name in option.opts}
    first: list[str] = []
    others: list[str] = []
    words = iter(args)
    for word in words:
        option = named.get(word.partition("=")[0])
        if word == "--":
            others += [word, *words]
        elif option is None or option.is_eager:
            others.append(word)
        else:
            first.append(word)
            if not option.is_flag and "=" not in word:
                first += [value for value in [next(words, None)] if value is not None]
    return [*first, *others]


def spoken_language(args: Sequence[str]) -> str:
    """The language people read: `--lang`, COOP_LANG, config.toml, then the locale; French when nothing says English."""
    if spoken := given(args, "--lang"):
        return spoken
    if found := os.environ.get("COOP_LANG"):
        return found
    if found := from_file().get("lang"):
        return found
    words = (os.environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return "en" if next(filter(None, words), "").lower().startswith("en") else DEFAULT


def speak(language: str) -> None:
    """Sets the language for our catalogue and for click's own words, which go through the same one."""
    import gettext

    use(language)
    os.environ["LANGUAGE"] = language if language in LANGUAGES else DEFAULT
    gettext.textdomain(DOMAIN)
    # click asks gettext, which would read the whole catalogue: it is answered by ours.
    gettext.dgettext = lambda domain, message: said(message) if domain == DOMAIN else message
    gettext.dngettext = lambda domain, msgid1, msgid2, n: (
        said(msgid1, msgid2, n) if domain == DOMAIN else msgid1 if n == 1 else msgid2
    )


def _version(ctx: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        from importlib.metadata import version

        click.echo(f"coop {version('la-cooperative')}")
        ctx.exit()


def make(lab: Callable[[], Outline], begun: Callable[[Session], None] | None = None) -> click.Command:
    """The command, with its help in the language of the moment."""

    @click.group(
        cls=LazyGroup,
        lab=lab,
        begun=begun,
        help=_("La Coopérative: lead the lab's requests from their form to their closing."),
        epilog=_("A reference may be shortened: 12 is number 12 of this year, . the last one you touched."),
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    )
    @click.option("--db", metavar="URL", help=_("The store: a file, or the URL of a database."))
    @click.option("--as", "actor", metavar="ACTOR", help=_("Who acts: an id of the staff register."))
    @click.option("--lang", type=click.Choice(LANGUAGES), help=_("The language people read."))
    @click.option(
        "--wait",
        type=click.FloatRange(0, 3600),
        metavar="SECONDS",
        help=_("How long to wait while someone else writes; 10 by default."),
    )
    @click.option("--debug", is_flag=True, help=_("Show the traceback of a fault."))
    @click.option(
        "--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help=_("Show the version.")
    )
    def coop(**_given: Any) -> None:
        """What was given is in the session, which `LazyGroup` begins."""

    return coop


def main(args: Sequence[str] | None = None) -> None:
    """The entry point: runs a command, and turns whatever goes wrong into a sentence and an exit code."""
    if args is None:
        out_of_sight()
    words = list(sys.argv[1:] if args is None else args)
    gc.set_threshold(200_000)  # more than a short command makes: it keeps them all, and looks for lost ones in vain
    asked = os.environ.get("COMP_WORDS", "").split() if "_COOP_COMPLETE" in os.environ else None
    sessions: list[Session] = []
    if args is None and not sys.warnoptions:  # what a library would tell those who write programs
        warnings.simplefilter("ignore")
    try:
        replace_unwritable()
        if "--json" in words:
            write_as_utf8()
        speak(spoken_language(words if asked is None else asked))
        if asked is not None:
            from cli.completion.shells import register

            register()
        command = make(lambda: outline_in(given(asked or words, "--db")), sessions.append)
        if asked is not None:
            code = command.main(args=words, prog_name="coop", standalone_mode=False)
        else:  # not by `main`, which takes a pipe that is closed for a failure
            with command.make_context("coop", globals_first(words, command.params)) as context:
                code = command.invoke(context)
            flush()
    except BaseException as problem:
        from cli.failures import report

        code = report(problem, words, sessions[-1].stored if sessions else None)
    if args is None:
        gc.disable()  # the process ends: what it holds goes with it, without being gone through once more
    sys.exit(code if isinstance(code, int) else 0)
