"""What a message says before it has a form, who writes it, and why one cannot leave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import Factory, frozen


class Unsendable(Exception):
    """A message that cannot leave, or need not any more: `reason` is a code, without anything personal."""

    def __init__(self, reason: str, *, needed: bool = True) -> None:
        super().__init__(reason)
        self.reason, self.needed = reason, needed  # one that is not needed any more is no failure


NOBODY = "coop@localhost.invalid"  # a sender that reaches nobody


@frozen
class SenderProfile:
    """Who writes, and in which language to whom: by staff id, or `requester`; French when nothing is said."""

    sender: str = NOBODY
    name: str | None = None
    reply_to: str | None = None
    languages: Mapping[str, str] = Factory(dict)

    @property
    def answers_to(self) -> str:
        """The address that answers go to; empty where none is set."""
        return self.reply_to or ("" if self.sender == NOBODY else self.sender)

    @property
    def domain(self) -> str:
        return self.sender.rpartition("@")[2]


@frozen
class Item:
    """A line of a list, and what is said under it."""

    text: str
    notes: Sequence[str] = ()


@frozen
class Section:
    """A list under its title."""

    title: str
    items: Sequence[Item]
    pressing: bool = False


@frozen
class Letter:
    """What a message says, before it has a form."""

    subject: str
    heading: str
    lead: Sequence[str]
    lab: str
    facts: Sequence[tuple[str, str]] = ()
    sections: Sequence[Section] = ()
    closing: Sequence[str] = ()
    tone: str = ""
    greeting: str = ""
    signature: str = ""
    language: str = "fr"

    @property
    def label_width(self) -> int:
        return max((len(label) for label, _value in self.facts), default=0)
