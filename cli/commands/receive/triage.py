"""`triage`: the forms just received, one screen each, one key."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

import click
from attrs import define, field

from cli.commands.lead.applying import present
from cli.failures import tell
from cli.input.prompts import choose, key, required
from cli.options import json_option, print_json, with_session
from cli.output.layout import in_column
from cli.output.lines import alike, line, side_by_side
from cli.output.terminal import echo, one_line, printable, width
from cli.session import Session
from states.declaration.types import local
from states.declaration.vocabulary import ACCEPT, ASK, DECLINE
from states.errors import CoopError
from states.language import _, _n, enumeration, label_of, long_date, numeric_date, short_time

if TYPE_CHECKING:
    from states.declaration.tables import Event
    from workflow.engine import Command
    from workflow.views.triage import Card

FIRST, OTHERS = 6, 3  # lines of the first text of a form, and of the others; the rest is told at a key


@click.command(help=_("The forms just received, the oldest first: prequalify, ask, decline or leave each, by one key."))
@json_option
@with_session
def triage(session: Session, as_json: bool) -> int:
    from workflow.views.triage import card, received

    with session.reader() as reader:
        refs = received(reader)
        if as_json:
            cards = [card(reader, session.engine, ref, session.actor) for ref in refs]
            print_json([found.document() for found in cards if found])
            return 0
    if not refs:
        echo(_("No form waits to be read."))
        return 0
    return _Desk(session, len(refs)).go(refs)


@define
class _Desk:
    """Someone goes through the forms. What they decide is stored at once: leaving loses nothing."""

    session: Session
    total: int
    done: Counter[str] = field(factory=Counter)
    last: tuple[int, str, int] | None = None  # the last decision: the place of its form, its key, its entries

    def go(self, refs: list[str]) -> int:
        code, place = 0, 0
        try:
            while place < len(refs) and (following := self._treat(refs, place)) is not None:
                place = following
        except EOFError:
            echo()
        except KeyboardInterrupt:
            echo()
            code = 130
        self._count()
        return code

    def _treat(self, refs: list[str], place: int) -> int | None:
        """One form, until something is decided about it: the place of the next one, None to stop there."""
        ref, shown = refs[place], False
        kept: dict[str, str] = {}
        while True:
            card = self._card(ref)
            if card is None:
                line(_("{ref} has been decided on meanwhile.", ref=ref))
                return place + 1
            if not shown:
                show(card, place + 1, self.total)
                shown = True
            answer = self._key(card)
            if answer in ("l", "q", "s"):
                return place + 1 if answer == "l" else None
            if answer == "m":
                _whole(card)
            elif answer == "u":
                if (back := self._taken_back(refs, card)) is not None:
                    return back
            elif entries := self._act(card, answer, kept):
                self.last = (place, answer, entries)
                return place + 1

    def _taken_back(self, refs: list[str], card: Card) -> int | None:
        """Takes the last decision back; the place of its form, which is to be decided on again."""
        assert self.last is not None
        place, answer, entries = self.last
        try:
            _say_how_to_leave()
            note = required(_("Why take back what was decided about {ref}", ref=refs[place]))
            commands = card.taking_back(refs[place], self.session.actor, note, entries)
            present(self.session, self.session.engine.apply_all(commands), False)
        except KeyboardInterrupt:
            echo()
            return None
        except CoopError as problem:
            tell(problem)
            return None
        self.done[answer] -= 1
        self.last = None
        return place

    def _card(self, ref: str) -> Card | None:
        from workflow.views.triage import card

        with self.session.reader() as reader:
            return card(reader, self.session.engine, ref, self.session.actor)

    def _key(self, found: Card) -> str:
        known = keys(found, taking_back=self.last is not None)
        if not found.offers(ACCEPT) and found.unmet:
            line(_waiver_of_others(found))
        line()
        for shown in side_by_side([f"[{letter}] {text}" for letter, text in known.items()]):
            line(shown)
        return key(_("Key"), known, also="s")

    def _act(self, found: Card, answer: str, kept: dict[str, str]) -> int:
        """Does what a key says: how many entries; none when it was not done: what was typed is kept for another try."""
        try:
            commands = self._commands(found, answer, kept)
        except KeyboardInterrupt:
            echo()
            line(_("Nothing was stored for this form; what you had typed is kept."))
            return 0
        try:
            applied = self.session.engine.apply_all(commands)
        except CoopError as problem:
            tell(problem)
            return 0
        present(self.session, applied, False)
        self.done[answer] += 1
        return len(applied)

    def _commands(self, found: Card, answer: str, kept: dict[str, str]) -> list[Command]:
        actor = self.session.actor
        if answer in ("p", "h"):
            if found.unmet:
                _say_how_to_leave()
            note = self._waiver(found, kept) if found.unmet else None
            return found.accepting(actor, note, host=answer == "h")
        _say_how_to_leave()
        said = ASK if answer == "a" else DECLINE
        event = found.declaration.events[found.answers[said]]
        given = self._keys(found, event, kept)
        note = None
        if event.note == "required":
            asked = _("The question to the requester") if answer == "a" else _("A note, for the history")
            note = kept[f"{answer} note"] = required(asked, kept.get(f"{answer} note", ""))
        return found.deciding(said, actor, given, note)

    def _keys(self, found: Card, event: Event, kept: dict[str, str]) -> dict[str, str]:
        """What an event cannot do without, asked for."""
        given = {}
        for name, (spec, needed) in found.declaration.keys_of(event).items():
            if not needed:
                continue
            text = spec.text + (f" ({label_of(spec.help)})" if spec.help else "")
            if spec.codes:
                codes = {code: item.text for code, item in found.declaration.vocabulary(spec.codes).items()}
                given[name] = choose(text, codes, kept.get(name, ""))
            else:
                given[name] = required(text, kept.get(name, ""))
            kept[name] = given[name]
        return given

    def _waiver(self, found: Card, kept: dict[str, str]) -> str:
        rules = enumeration([rule.text for rule in found.unmet])
        kept["waiver"] = required(_("Why waive “{rules}”", rules=rules), kept.get("waiver", ""))
        return kept["waiver"]

    def _count(self) -> None:
        said = [
            text
            for letter, text in (
                ("p", _n("{n} prequalified", "{n} prequalified", self.done["p"])),
                ("h", _n("{n} hosted", "{n} hosted", self.done["h"])),
                ("a", _n("{n} asked about", "{n} asked about", self.done["a"])),
                ("d", _n("{n} declined", "{n} declined", self.done["d"])),
            )
            if self.done[letter]
        ]
        left = self.total - self.done.total()
        said.append(_n("{n} left for later", "{n} left for later", left) if left else _("none left"))
        line()
        line((", ".join(said) + ".", "bold"))


def _say_how_to_leave() -> None:
    line((_("Ctrl-C goes back to the keys: nothing is stored, what you typed is kept."), "dim"))


def _waiver_of_others(found: Card) -> str:
    """Who may accept what the charter does not allow, and what they type."""
    rules = " ".join(f"--waive {rule.code}" for rule in found.unmet)
    if not found.waivers:
        return _("To prequalify it, a waiver is needed, and nobody here may give it.")
    id, name = found.waivers[0]
    typed = found.declaration.events[found.answers[ACCEPT]].command
    command = f"coop --as {id} {typed} {found.request.ref} {rules} --note …"
    return _("To prequalify it, a waiver by {name} is needed: {command}", name=name, command=command)


def keys(found: Card, *, taking_back: bool = False) -> Mapping[str, str]:
    """What may be done with a form, by key."""
    known = {}
    if found.offers(ACCEPT):
        waived = _n("prequalify, with a waiver", "prequalify, with waivers", len(found.unmet))
        known["p"] = waived if found.unmet else _("prequalify")
    if found.hostable:
        known["h"] = _("prequalify and host")
    if found.offers(ASK):
        known["a"] = _("ask the requester")
    if found.offers(DECLINE):
        known["d"] = _("decline")
    if _cut(found):
        known["m"] = _("more")
    if taking_back:
        known["u"] = _("undo the last decision")
    return {**known, "l": _("later"), "q": _("stop here")}


# --- The screen ---


def show(found: Card, number: int, total: int) -> None:
    """All that a decision needs, on one screen."""
    request, form, declaration = found.request, found.form, found.declaration
    zone = declaration.lab.tz
    line()
    line(
        (_("Form {n} of {total}", n=number, total=total) + " ", "dim"), (request.ref, "cyan"), ("  " + "─" * 20, "dim")
    )
    line((one_line(form["title"] or "—"), "bold"))
    who = one_line(", ".join(filter(None, [form["requester.name"], form.get("requester.function")])) or "—")
    service = declaration.label("services", form["service"])
    line(f"{who} — {service} ({declaration.label('departments', form['department'])})")
    times = [_("received {moment}", moment=short_time(local(request.submitted_at, zone)))]
    if found.due_at:
        times.append(_("answer before {moment}", moment=short_time(local(found.due_at, zone))))
    kind = [declaration.label("kinds", form["kind"]), declaration.label("axes", form["axis"])]
    for facts in (kind, times):
        line((" · ".join(facts), "dim"))
    if found.alike:
        line((alike(found.alike), "yellow"))
    for name, most in _shares(found):
        _text(declaration.form[name].text, form[name], most)
    _charter(found)
    for name, text in _proposed(found):
        line((f"{name} : ", "bold"), text)


def _charter(found: Card) -> None:
    line()
    for rule in found.rules:
        if rule.met:
            line("  ", ("✓ ", "green"), rule.text)
        else:
            line("  ", ("✗ ", "bold red"), rule.refusal)


def _proposed(found: Card) -> Iterator[tuple[str, str]]:
    declaration, zone = found.declaration, found.declaration.lab.tz
    if found.request.accompanied:
        tier = declaration.label("tiers", found.advice.tier) or _("no advice")
        yield _("Recommended tier"), f"{tier} ({found.advice.reason})"
    yield _("Wish"), _wish(found)
    slots = " · ".join(short_time(local(slot, zone)) for slot in found.slots) or _("none in the coming months")
    yield (_("Next slots of the interview") if found.request.accompanied else _("Next slots")), slots


def _wish(found: Card) -> str:
    """The place and the dates wished for."""
    form, place = found.form, found.declaration.label("places", found.form["place"])
    first, last = form.get("wanted_from"), form.get("wanted_to")
    if first and last:
        dates = _("from {first} to {last}", first=_numeric(first), last=_numeric(last))
    elif first:
        dates = _("from {first} on", first=long_date(date.fromisoformat(first)))
    elif last:
        dates = _("until {last}", last=long_date(date.fromisoformat(last)))
    else:
        return place
    return f"{place}, {dates}"


def _numeric(day: str) -> str:
    return numeric_date(date.fromisoformat(day))


def _wrapped(text: Any) -> list[str]:
    room = min(width(), 100) - 2
    return [part for row in printable(text or "—").splitlines() for part in in_column(row, room)]


def _text(label: str, text: Any, most: int) -> None:
    lines = _wrapped(text)
    line()
    line((label, "bold"))
    for shown in lines[:most]:
        line(f"  {shown}")
    if len(lines) > most:
        line("  …")


def _shares(found: Card) -> list[tuple[str, int]]:
    """Each text of the form, and how many of its lines are on the screen."""
    return [(name, OTHERS if n else FIRST) for n, name in enumerate(found.texts)]


def _cut(found: Card) -> bool:
    """Whether the screen does not hold the whole of its texts."""
    return any(len(_wrapped(found.form[name])) > most for name, most in _shares(found))


def _whole(found: Card) -> None:
    for name in found.texts:
        _text(found.declaration.form[name].text, found.form[name], 10_000)
