"""The commands there are: those of the product, and those that the declaration makes of its events.

`--help`, `--version` and completion must not wait for the database library, nor for the classes of the declaration:
nothing heavy is imported here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from states.language import N_, _, label_of

RECEIVE, LEAD = N_("Receive"), N_("Lead")

# section -> command -> where it is, and its one line of help
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
    RECEIVE: {
        "submit": (
            "cli.commands.receive.submit:submit",
            N_("Receive forms: TOML, JSON, CSV, or question by question."),
        ),
        "import": (
            "cli.commands.receive.importing:import_",
            N_("Receive forms from the State’s form platform; settle what it says otherwise since."),
        ),
        "triage": ("cli.commands.receive.triage:triage", N_("The new forms, one screen each, one key.")),
    },
    LEAD: {
        "tier": ("cli.commands.lead.tier:tier", N_("Suggest, assign or change the tier of support.")),
        "activity": (
            "cli.commands.lead.activities:activity",
            N_("Activities: visits, workshops, peer groups…"),
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
        "sheet": (
            "cli.commands.look.sheet:sheet",
            N_("A request on two pages, or the attendance sheet of a meeting, to print."),
        ),
        "history": ("cli.commands.look.requests:history", N_("Everything that happened to a request.")),
        "next": ("cli.commands.look.next:next_", N_("What can be done now, by whom, and what would help.")),
        "alerts": ("cli.commands.look.alerts:alerts", N_("What to know now, and the command that settles it.")),
        "codes": ("cli.commands.look.codes:codes", N_("The codes that may be typed, with their labels.")),
        "flow": ("cli.commands.look.flow:flow", N_("Where requests wait, and which for longer than others did.")),
        "forecast": (
            "cli.commands.look.flow:forecast",
            N_("When comparable requests reached what comes next, or why nobody can say."),
        ),
        "deadlines": ("cli.commands.look.deadlines:deadlines", N_("Each deadline, and why it falls when it does.")),
        "tasks": ("cli.commands.look.requests:tasks", N_("The checklist of who does what.")),
        "letter": ("cli.commands.look.letter:letter", N_("The letters to the requester, before they leave.")),
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
        "privacy": ("cli.commands.keep.privacy:privacy", N_("What is held on a person, and erasing it everywhere.")),
        "export": (
            "cli.commands.keep.export:export",
            N_("The lab’s data for others: open data, event logs, calendars."),
        ),
        "db": ("cli.commands.begin.db:db", N_("Integrity, rebuilding, backups, figures of the store.")),
    },
}
JOINED = ("tier", "activity")  # groups of the product that events of the declaration join
RUN = "coop"  # under which the contexts of a run share the command itself, for what plays several
PLACES = {name: place for section in COMMANDS.values() for name, (place, _text) in section.items()}


class Shorthand(NamedTuple):
    """A command that records an event of requests, or of activities."""

    event: str
    of_activities: bool
    help: str

    def lifecycle(self, declaration: Any) -> Any:
        """Where its event is declared: in a declaration, or in the outline of one."""
        return declaration.activities if self.of_activities else declaration


def led(declaration: Any) -> dict[str, dict[str, Shorthand]]:
    """The commands that a declaration, or its outline, makes: word -> second word, if any -> what it records."""
    made: dict[str, dict[str, Shorthand]] = {}
    for of_activities, lifecycle in ((False, declaration), (True, declaration.activities)):
        for code, event in lifecycle.events.items():
            if is_built(event.command):
                word, _space, second = event.command.partition(" ")
                made.setdefault(word, {}).setdefault(second, Shorthand(code, of_activities, _sentence(event.help)))
    return made


def is_built(command: str) -> bool:
    """Whether a command is made of its event: it is given one, and the product has none of that name."""
    word = command.partition(" ")[0]
    return bool(word) and (word not in PLACES or word in JOINED)


def group_help(declaration: Any, word: str) -> str:
    """What a group of commands is for: what the declaration says, else what its commands do."""
    group = declaration.commands.get(word)
    events = (event for part in (declaration, declaration.activities) for event in part.events.values())
    return (
        _sentence(group.label)
        if group
        else " ".join(_sentence(event.help) for event in events if event.command.startswith(f"{word} "))
    )


def sections(outline: Any) -> Iterator[tuple[str, dict[str, str]]]:
    """The sections of `coop --help`: in each, the commands and their line of help, in the language of the moment."""
    mine: dict[str, dict[str, str]] = {RECEIVE: {}, LEAD: {}}
    for word, made in led(outline).items():
        receives = any(one.lifecycle(outline).events[one.event].receives for one in made.values())
        help = made[""].help if "" in made else group_help(outline, word)
        mine[RECEIVE if receives else LEAD].setdefault(word, help)
    for title, commands in COMMANDS.items():
        own = {
            name: _(text)
            for name, (_place, text) in commands.items()
            if name != "activity" or outline.activities.events  # a lab may declare none
        }
        others = {word: help for word, help in mine.get(title, {}).items() if word not in PLACES}
        yield _(title), {**own, **others} if title == RECEIVE else {**others, **own}


def _sentence(labels: Mapping[str, str]) -> str:
    text = label_of(labels)
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "…")) else ".")
