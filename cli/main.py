"""The `coop` command: global options, and a table of commands imported only when called.

`--help`, `--version` and completion must not wait for the database library: nothing heavy is imported here.
"""

from __future__ import annotations

import gc
import importlib
import os
import sys
import warnings
from typing import TYPE_CHECKING, Any

import click

from cli.output.terminal import flush, replace_unwritable, write_as_utf8
from states.language import DEFAULT, DOMAIN, LANGUAGES, LOCALES, N_, _, use

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cli.session import Session

# section -> command -> where it is, or what makes it of its name and help, and its one line of help
COMMANDS: dict[str, dict[str, tuple[str, str]]] = {
    N_("Begin"): {
        "init": ("cli.commands.begin.db:init", N_("Create the store, or bring it up to date.")),
        "demo": (
            "cli.commands.begin.demo:demo",
            N_("Show the round, then half a year of a lab, in a throwaway store."),
        ),
        "config": ("cli.commands.begin.config:config", N_("The settings, and where each comes from.")),
        "completion": (
            "cli.commands.begin.completion:completion",
            N_("Let the shell complete commands, references and codes."),
        ),
    },
    N_("Receive"): {
        "submit": (
            "cli.commands.receive.submit:submit",
            N_("Receive forms: TOML, JSON, CSV, or question by question."),
        ),
        "triage": ("cli.commands.receive.triage:triage", N_("The new forms, one screen each, one key.")),
        "prequalify": ("cli.commands.lead.shorthands:shorthand", N_("Accept requests against the charter.")),
        "ask": ("cli.commands.lead.shorthands:shorthand", N_("Ask the requester for information.")),
        "answer": ("cli.commands.lead.shorthands:shorthand", N_("Record the requester's answer.")),
        "decline": ("cli.commands.lead.shorthands:shorthand", N_("Say no, with the reason and where else to go.")),
    },
    N_("Lead"): {
        "interview": ("cli.commands.lead.shorthands:shorthand", N_("Plan and hold the qualification interview.")),
        "tier": ("cli.commands.lead.shorthands:shorthand", N_("Suggest, assign or change the tier of support.")),
        "validate": ("cli.commands.lead.shorthands:shorthand", N_("Validate a request whose tier asks for it.")),
        "meeting": ("cli.commands.lead.shorthands:shorthand", N_("Plan, hold, move, staff or cancel meetings.")),
        "session": ("cli.commands.lead.shorthands:shorthand", N_("Plan and hold the session, or start another cycle.")),
        "debrief": ("cli.commands.lead.shorthands:shorthand", N_("Plan and hold the debrief.")),
        "host": ("cli.commands.lead.shorthands:shorthand", N_("Accept an autonomous session.")),
        "derogation": ("cli.commands.lead.shorthands:shorthand", N_("Grant work meetings beyond the cap (pilot).")),
        "deliverable": ("cli.commands.lead.shorthands:shorthand", N_("Record what the work produced.")),
        "satisfaction": ("cli.commands.lead.shorthands:shorthand", N_("Record how satisfied the participants are.")),
        "effort": ("cli.commands.lead.shorthands:shorthand", N_("Record hours, cost and expected gain.")),
        "followup": (
            "cli.commands.lead.shorthands:shorthand",
            N_("Record what became of it, three and six months on."),
        ),
        "close": ("cli.commands.lead.shorthands:shorthand", N_("Close a request.")),
        "suspend": ("cli.commands.lead.shorthands:shorthand", N_("Put a request on hold.")),
        "resume": ("cli.commands.lead.shorthands:shorthand", N_("Take it up again.")),
        "withdraw": ("cli.commands.lead.shorthands:shorthand", N_("Record that the requester withdraws.")),
        "cancel": ("cli.commands.lead.shorthands:shorthand", N_("Cancel an accepted request.")),
        "reopen": ("cli.commands.lead.shorthands:shorthand", N_("Reopen a finished request (pilot).")),
        "undo": ("cli.commands.lead.shorthands:shorthand", N_("Undo the last entry; it stays in the history, marked.")),
        "amend": ("cli.commands.lead.shorthands:shorthand", N_("Change fields of the form.")),
        "explain": ("cli.commands.lead.shorthands:shorthand", N_("Say why a deadline was missed.")),
        "comment": ("cli.commands.lead.shorthands:shorthand", N_("Add a comment.")),
        "activity": (
            "cli.commands.lead.shorthands:shorthand",
            N_("Activities of axes 2 and 3: visits, workshops, peer groups…"),
        ),
        "advance": ("cli.commands.lead.advance:advance", N_("Apply any event by its name.")),
        "apply": ("cli.commands.lead.advance:apply", N_("Apply many events from a file of JSON lines.")),
    },
    N_("See"): {
        "today": ("cli.commands.look.day:today", N_("What to do: late, due, planned, to record, just received.")),
        "agenda": ("cli.commands.look.day:agenda", N_("The calendar, day by day.")),
        "board": ("cli.commands.look.board:board", N_("Requests by state, in columns.")),
        "list": ("cli.commands.look.requests:list_", N_("Requests, filtered and sorted.")),
        "show": ("cli.commands.look.requests:show", N_("One request, whole.")),
        "history": ("cli.commands.look.requests:history", N_("Everything that happened to a request.")),
        "next": ("cli.commands.look.next:next_", N_("What can be done now, by whom, and what would help.")),
        "alerts": ("cli.commands.look.alerts:alerts", N_("What to know now, and the command that settles it.")),
        "codes": ("cli.commands.look.codes:codes", N_("The codes that may be typed, with their labels.")),
        "deadlines": ("cli.commands.look.deadlines:deadlines", N_("Each deadline, and why it falls when it does.")),
        "tasks": ("cli.commands.look.requests:tasks", N_("The checklist of who does what.")),
    },
    N_("Look after the lab"): {
        "staff": ("cli.commands.keep.staff:staff", N_("The people of the lab: roles, absences, load.")),
        "place": ("cli.commands.keep.places:place", N_("The places: closures, swaps, free slots.")),
        "calendar": ("cli.commands.keep.calendar:calendar", N_("The days: holidays, closures, school holidays.")),
        "review": ("cli.commands.keep.review:review", N_("The semester’s governance review, figure by figure.")),
        "lifecycle": ("cli.commands.keep.lifecycle:lifecycle", N_("The declaration: read, check, draw, put in force.")),
        "scheduler": ("cli.commands.keep.scheduler:scheduler", N_("The watch: one sweep, or the process that sweeps.")),
        "status": ("cli.commands.keep.scheduler:status", N_("When the watch last went round, and what waits.")),
        "outbox": ("cli.commands.keep.outbox:outbox", N_("The messages: what waits, what failed, what is uncertain.")),
        "export": ("cli.commands.keep.export:export", N_("The lab’s data for other programs: calendars.")),
        "db": ("cli.commands.begin.db:db", N_("Integrity, rebuilding, backups, figures of the store.")),
    },
}


class LazyGroup(click.Group):
    """A group whose commands are imported when called, and listed by section without importing them."""

    def __init__(self, *args: Any, lazy: dict[str, dict[str, tuple[str, str]]] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sections = lazy or {}
        self.lazy = {name: place for section in self.sections.values() for name, place in section.items()}

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.lazy)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.lazy:
            return None
        place, text = self.lazy[cmd_name]
        module, _colon, attribute = place.partition(":")
        made = getattr(importlib.import_module(module), attribute)
        found: click.Command = made if isinstance(made, click.Command) else made(cmd_name, _(text))
        if ctx.resilient_parsing:  # the shell completes
            from cli.completion.shells import dressed

            return dressed(found)
        return found

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[Any]:
        """The commands that begin so, with their line of help; as ever, without importing them."""
        from click.shell_completion import CompletionItem

        lines = {name: text for section in self.sections.values() for name, (_place, text) in section.items()}
        found = [CompletionItem(name, help=_(text)) for name, text in lines.items() if name.startswith(incomplete)]
        return [*found, *click.Command.shell_complete(self, ctx, incomplete)]

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        if args and args[0] not in self.lazy and not args[0].startswith("-"):
            from states.errors import did_you_mean

            message = _("There is no command “{name}”.", name=args[0])
            from cli.commands.lead.shorthands import command_of

            if meant := command_of(args[0]):
                raise click.UsageError(message + " " + _("That event is: coop {command}", command=meant), ctx)
            raise click.UsageError(message + (self._below(ctx, args[0]) or did_you_mean(args[0], self.lazy)), ctx)
        return super().resolve_command(ctx, args)

    def _below(self, ctx: click.Context, name: str) -> str:
        """« Did you mean …? » for the name of a command that stands in a group."""
        groups = ((group, self.get_command(ctx, group)) for group in self.lazy)
        found = [group for group, command in groups if isinstance(command, click.Group) and name in command.commands]
        return " " + _("Did you mean “{name}”?", name=f"coop {found[0]} {name}") if len(found) == 1 else ""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for section, commands in self.sections.items():
            with formatter.section(_(section)):
                formatter.write_dl([(name, _(text)) for name, (_place, text) in commands.items()])


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
    for n, word in enumerate(args):
        if word == "--lang" and n + 1 < len(args):
            return args[n + 1]
        if word.startswith("--lang="):
            return word.removeprefix("--lang=")
    if found := os.environ.get("COOP_LANG"):
        return found
    from cli.settings import from_file

    if found := from_file().get("lang"):
        return found
    words = (os.environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return "en" if next(filter(None, words), "").lower().startswith("en") else DEFAULT


def speak(language: str) -> None:
    """Sets the language for our catalogue and for click's own words, which go through the same one."""
    import gettext

    use(language)
    os.environ["LANGUAGE"] = language if language in LANGUAGES else DEFAULT
    gettext.bindtextdomain(DOMAIN, str(LOCALES))
    gettext.textdomain(DOMAIN)


def _version(ctx: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        from importlib.metadata import version

        click.echo(f"coop {version('la-cooperative')}")
        ctx.exit()


def make(begun: Callable[[Session], None] = lambda _session: None) -> click.Command:
    """The command, with its help in the language of the moment. `begun` is given the session of each run."""

    @click.group(
        cls=LazyGroup,
        lazy=COMMANDS,
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
    @click.pass_context
    def coop(
        ctx: click.Context, /, db: str | None, actor: str | None, wait: float | None, debug: bool, **_spoken: str
    ) -> None:
        from cli.session import Session

        ctx.obj = Session(db, actor, debug, wait)
        begun(ctx.obj)
        ctx.call_on_close(ctx.obj.close)

    return coop


def main(args: Sequence[str] | None = None) -> None:
    """The entry point: runs a command, and turns whatever goes wrong into a sentence and an exit code."""
    words = list(sys.argv[1:] if args is None else args)
    gc.set_threshold(50_000)  # a command makes many objects that it keeps: looking for lost ones is most often in vain
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
        command = make(sessions.append)
        if asked is not None:
            code = command.main(args=words, prog_name="coop", standalone_mode=False)
        else:  # not by `main`, which takes a pipe that is closed for a failure
            with command.make_context("coop", globals_first(words, command.params)) as context:
                code = command.invoke(context)
            flush()
    except BaseException as problem:
        from cli.failures import report

        code = report(problem, words, sessions[-1].stored if sessions else None)
    sys.exit(code if isinstance(code, int) else 0)
