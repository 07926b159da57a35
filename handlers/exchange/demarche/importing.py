"""From pages of the platform to requests: received page by page, changes taken over or kept as conflicts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from attrs import define, field, frozen

from handlers.exchange.demarche.dossiers import filed_by_another, form_of
from handlers.exchange.demarche.mapping import unknown_questions
from handlers.exchange.demarche.pages import Json, Page
from handlers.forms.raw import Forms, RawForm
from handlers.intake import Intake, Reception, Skipped, receive_forms
from states.causes import quoted
from states.errors import Invalid, Refused
from states.language import _
from states.lifecycle.effects import Amend, effect_of
from workflow import conflicts
from workflow.engine import Command, Engine
from workflow.store import statements as q


@define
class Imported:
    """What became of every dossier."""

    intake: Intake = field(factory=Intake)
    amended: list[Skipped] = field(factory=list)  # taken over: nothing had been done with them yet
    conflicts: list[str] = field(factory=list)  # the requests of which a conflict was found, and not known before
    left_out: Counter[str] = field(factory=Counter)  # state on the platform -> dossiers that are not asked for
    repeated: int = 0  # dossiers that the platform gave twice
    pages: int = 0


@frozen
class Importer:
    """Receives dossiers for someone: which states are wanted, which question is which field."""

    engine: Engine
    mapping: Mapping[str, str]
    how: Reception
    states: Collection[str]

    def receive(self, pages: Iterable[Page], advance: Callable[[int], None] = lambda _done: None) -> Imported:
        """Each page as it comes: what stops the next one leaves what was received. A dry run keeps nothing."""
        found, forms, done = Imported(), list[RawForm](), 0
        for page, dossiers in self._wanted(pages, found):
            if found.pages == 1:
                found.intake.notices += map(_not_asked, unknown_questions(self.mapping, page))
            raw = tuple(form_of(page, dossier, self.mapping) for dossier in dossiers)
            found.intake.notices += (_by_another(form.file) for form, d in zip(raw, dossiers, strict=True)
                                     if filed_by_another(d))  # fmt: skip
            if self.how.dry_run:
                forms += raw
            else:
                self._store(raw, found)
            done += len(dossiers)
            advance(done)
        if self.how.dry_run:
            found.intake.take(receive_forms(self.engine, [Forms(tuple(forms), "json", "utf-8")], self.how))
        return found

    def _wanted(self, pages: Iterable[Page], found: Imported) -> Iterator[tuple[Page, list[Json]]]:
        """The dossiers of each page that are asked for, each as it was last changed, once."""
        known: dict[str, str] = {}
        for page in pages:
            found.pages += 1
            wanted = []
            for dossier in page.dossiers:
                number, changed = str(dossier["number"]), str(dossier.get("dateDerniereModification") or "")
                if known.get(number) == changed:
                    found.repeated += 1
                elif (state := dossier.get("state")) in self.states:
                    wanted.append(dossier)
                else:
                    found.left_out[str(state)] += 1
                known[number] = changed
            yield page, wanted

    def _store(self, forms: tuple[RawForm, ...], found: Imported) -> None:
        intake = receive_forms(self.engine, [Forms(forms, "json", "utf-8")], self.how)
        found.intake.take(intake)
        for again in intake.skipped:
            if again.changed:
                self._changed(again, found)

    def _changed(self, again: Skipped, found: Imported) -> None:
        values = {change.field: change.after for change in again.changed}
        if event := self._amending(again.ref):
            command = Command(again.ref, event, self.how.actor, values, _("Changed on the form platform"))
            try:
                self.engine.apply(command)
            except (Refused, Invalid):
                pass  # it is for someone to settle
            else:
                found.amended.append(again)
                return
        if conflicts.record(self.engine, self.how.actor, again.ref, again.external_id, values):
            found.conflicts.append(again.ref)

    def _amending(self, ref: str) -> str | None:
        """The event that changes a form where it was received; None once anything else was done with the request."""
        with self.engine.store.looking() as tx:
            facts = self.engine.facts(tx)
            request = facts.find(ref)
            assert request is not None
            declaration, done = facts.declaration_of(request.declaration), {e.event for e in facts.entries_of(ref)}
        for code, event in declaration.events.items():
            here = any(edge.source == request.state for edge in declaration.edges[code])
            if here and isinstance(effect_of(event), Amend):
                return code if done <= {declaration.creation, code} else None
        return None

    def deleted(self, pages: Iterable[Page], found: Imported) -> None:
        """The dossiers deleted there that are requests here: each is for someone to settle."""
        for page in pages:
            for dossier in page.dossiers:
                number, reason = str(dossier["number"]), str(dossier.get("reason") or "")
                with self.engine.store.looking() as tx:
                    row = tx.one(q.request_by_external_id, external_id=number)
                if row and conflicts.record(self.engine, self.how.actor, row.ref, number, {}, reason or "deleted"):
                    found.conflicts.append(row.ref)


def _not_asked(id: str) -> str:
    return _("The mapping names {id}, which is no question of the démarche.", id=quoted(id))


def _by_another(place: str) -> str:
    return _("{place}: filed by somebody else; the address is theirs.", place=place)
