"""The commands made of events: `coop meeting plan 12 --slot …` for `coop advance 12 plan_meeting --set at=…`.

One factory makes them all from the declaration: an event says its command, and the options are its keys, so a lab
that adds an event or a key gets its command or its option. A command that only an older version has, which requests
still obey, is typed as it is printed for them.
"""

from __future__ import annotations

from copy import copy
from typing import Any

import click

from cli.commands.lead.event_options import parameters
from cli.commands.offered import Shorthand, group_help, led
from cli.session import Session


class EventCommand(click.Command):
    """A command whose options are the keys of its event, as the store's declaration has them."""

    def __init__(self, name: str, shorthand: Shorthand, declaration: Any) -> None:
        super().__init__(name, help=shorthand.help, callback=self._run)
        self.shorthand, self._declaration = shorthand, declaration
        self._built: list[click.Parameter] | None = None

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        if self._built is None:
            self._built = self._build(ctx)
        return [*self._built, *super().get_params(ctx)]

    def _build(self, ctx: click.Context) -> list[click.Parameter]:
        lifecycle = self.shorthand.lifecycle(self._declaration)
        built = parameters(lifecycle, lifecycle.events[self.shorthand.event])
        if ctx.resilient_parsing:  # the shell completes
            from cli.completion.shells import dress

            dress(built)
        return built

    def _run(self, **given: Any) -> int | None:
        from cli.commands.lead.performing import perform

        session = click.get_current_context().find_object(Session)
        assert session is not None
        return perform(session, self.shorthand, self.shorthand.lifecycle(self._declaration), given)


class EventGroup(click.Group):
    """A group that events join: those of the declaration in force, else of a version that requests still obey."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return super().get_command(ctx, cmd_name) or older(ctx, self.name or "", cmd_name)


def made(declaration: Any, word: str, joined: click.Command | None = None) -> click.Command | None:
    """The command of that name that the declaration makes, or the group of the product that its events join."""
    events = led(declaration).get(word, {})
    if "" in events and joined is None:
        return EventCommand(word, events[""], declaration)
    if not events and joined is None:
        return None
    group = copy(joined) if isinstance(joined, click.Group) else EventGroup(word, help=group_help(declaration, word))
    mine = {second: EventCommand(second, shorthand, declaration) for second, shorthand in events.items() if second}
    group.commands = {**mine, **group.commands}
    return group


def older(ctx: click.Context, word: str, second: str = "") -> click.Command | None:
    """The command, or the group without its second word, of a version that is no longer in force but still obeyed."""
    session = ctx.find_object(Session)
    if session is None or ctx.resilient_parsing:
        return None
    for declaration in session.versions():
        if second and (shorthand := led(declaration).get(word, {}).get(second)):
            return EventCommand(second, shorthand, declaration)
        if not second and (command := made(declaration, word)):
            return command
    return None
