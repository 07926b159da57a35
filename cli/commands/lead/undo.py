"""What an undo is told as: what it undoes, what it puts back, and who is written to because of it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from attrs import evolve

from cli.input.prompts import confirm
from cli.output.messages import message_kind
from cli.output.terminal import echo, printable
from states.language import _

if TYPE_CHECKING:
    from cli.session import Session
    from states.lifecycle.undoing import Undoing
    from states.requests.entry import Entry


def lines(session: Session, entry: Entry) -> list[str]:
    """What a stored correction undid."""
    from states.lifecycle.undoing import undoing

    with session.reader() as reader:
        entries = [e for e in reader.entries(entry.stream) if e.seq <= entry.seq]
        declaration = reader.declaration_of(entry.declaration).of(entry.stream)
        undone = undoing(declaration, entries[:-1], entry.data["corrects"], reader.versions_of(entry.stream))
        if undone is None:
            return []
        put_back = evolve(undone, after=reader.replayed(entries))
    told = [_("Undone: {entry}; it stays in the history, marked.", entry=undone.named)]
    return [*told, *put_back.put_back(), *_letters(put_back, entry), *_written_about(session, undone.entry)]


def _written_about(session: Session, entry: Entry) -> list[str]:
    """What becomes of the letters to the requester about an entry undone: those that wait do not leave."""
    from workflow.outbox.letters import letters_of

    with session.reader() as reader:
        declaration = reader.declaration_of(entry.declaration)
        about = [one for one in letters_of(reader.tx, entry.stream) if one.sequence == entry.seq]
    kept = {
        "waiting": _("The letter “{letter}” does not leave: it says what is undone."),
        "sent": _("The letter “{letter}” has left: tell the requester what holds now."),
        "uncertain": _("The letter “{letter}” has left perhaps: tell the requester what holds now."),
    }
    return [
        kept[one.shown].format(letter=declaration.letters[one.payload["letter"]].text)
        for one in about
        if one.shown in kept
    ]


def _letters(undone: Undoing, entry: Entry) -> list[str]:
    from states.notifications import REQUESTER, messages
    from states.requests.request import changes

    changed = changes(undone.before.by_id, undone.after.by_id)
    return [
        _(
            "A message leaves ({kind}, {meeting}) to {person}",
            kind=message_kind(message.kind),
            meeting=message.meeting,
            person=_("the requester") if message.recipient == REQUESTER else message.recipient,
        )
        for message in messages(changed, undone.after, entry)
    ]


def ask_first(session: Session, ref: str, inputs: dict[str, Any], as_json: bool) -> None:
    """On a terminal, asks before an undo that cancels a meeting, reopens a request or writes to someone."""
    from states.lifecycle.undoing import undoing

    if as_json or not sys.stdin.isatty():
        return
    with session.reader() as reader:
        entries = reader.entries(ref)
        if not entries:
            return
        declaration = reader.declaration_of(entries[-1].declaration).of(ref)
        seq = str(inputs.get("seq") or "")
        undone = undoing(declaration, entries, int(seq) if seq.isdigit() else None)
    if undone is None:
        return
    letters = _letters(undone, entries[-1]._replace(seq=entries[-1].seq + 1, recorded_at=session.now))
    letters += _written_about(session, undone.entry)
    if undone.weighs or letters:
        echo(printable(_("To be undone: {entry}", entry=undone.named)))
        for line in (*undone.put_back(), *letters):
            echo(f"  {printable(line)}")
        confirm(_("Undo it?"))
