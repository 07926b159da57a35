"""`review`: the semester's governance review, what is behind each figure, the committee's decisions, its seal."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from cli.commands.lead.applying import present
from cli.input.events import command_of
from cli.options import Listing, json_option, print_json, with_session
from cli.output.terminal import document, echo, printable, progress, write_out
from cli.session import Session
from states.declaration.types import local
from states.errors import WrongUsage
from states.language import _
from states.review.semesters import semester_of

if TYPE_CHECKING:
    from datetime import datetime

    from handlers.review.cells import Telling, Texts
    from handlers.review.pack import Pack
    from states.review.document import Review
    from states.review.publishing import Edition
    from workflow.reviews.book import Sealed
    from workflow.reviews.editions import Publication
    from workflow.views.reader import Reader

LAID_OUT = ("html", "pdf", "ods", "csv")
FORMATS = (*LAID_OUT, "json")
TEXTS = 200  # requests whose texts are kept at hand
SHOWN = "show"  # what `coop review 2026-S1` is short for


class _Reviews(Listing):
    """`coop review 2026-S1 …` shows that semester: a word that is no command is a semester; alone, the present one."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        words = [arg for arg in args if not arg.startswith("-")]
        if words and not any(word in self.commands for word in words[:1]):
            args = [SHOWN, *args]
        return super().parse_args(ctx, args)


@click.group(
    cls=_Reviews,
    alone="now",
    help=_("The semester’s governance review: “coop review 2026-S1”, and what is behind it."),
)
def review() -> None:
    pass


def _options(command: Any) -> Any:
    """The options of a review that is shown or written."""
    for option in reversed(
        (
            click.option("--format", "form", type=click.Choice(FORMATS), help=_("Write it for the committee.")),
            click.option("--out", metavar="PATH", help=_("Where to write it; - is the standard output.")),
            click.option("--known-at", metavar="TIME", help=_("As it was known then: nothing recorded later exists.")),
            click.option("--public", is_flag=True, help=_("To be published: few persons are masked.")),
            click.option("--again", is_flag=True, help=_("Without what it would reveal with earlier public editions.")),
            click.option("--evidence", is_flag=True, help=_("With the entries behind figures, in PDF, ODS and CSV.")),
            click.option("--sealed", is_flag=True, help=_("As it was sealed, and what has changed since.")),
            click.option("--css", type=click.Path(dir_okay=False), metavar="FILE", help=_("A house style, for HTML.")),
            click.option("--machine", is_flag=True, help=_("CSV for programs: one long table.")),
            json_option,
        )
    ):
        command = option(command)
    return command


@review.command(
    SHOWN, help=_("The review of a semester. “coop review 2026-S1” is short for “coop review show 2026-S1”.")
)
@click.argument("semester")
@_options
@with_session
def show(session: Session, semester: str, known_at: str | None, sealed: bool, as_json: bool, **how: Any) -> None:
    moment = session.moment_past(known_at, "--known-at")
    if sealed:
        _show_sealed(session, semester, known_at, _How(**how), as_json)
    else:
        _show(session, semester, moment, _How(**how), as_json)


@review.command(help=_("The semester that runs, so far."))
@_options
@with_session
def now(session: Session, known_at: str | None, sealed: bool, as_json: bool, **how: Any) -> None:
    moment = session.moment_past(known_at, "--known-at")
    day = local(session.now, session.declaration.lab.tz).date()
    code = semester_of(session.declaration, day).code
    if sealed:
        _show_sealed(session, code, known_at, _How(**how), as_json)
    else:
        _show(session, code, moment, _How(**how), as_json)


class _How(NamedTuple):
    """How a review is to be given: in which format, into which file, what of it."""

    form: str | None
    out: str | None
    public: bool
    again: bool
    evidence: bool
    css: str | None
    machine: bool

    def agree(self, as_json: bool) -> None:
        """Refuses what would be asked in vain. Raises WrongUsage."""
        if as_json and self.form not in (None, "json"):
            raise WrongUsage(_("--json and --format {form} ask for two documents.", form=self.form))
        if self.out and not (self.form or as_json):
            raise WrongUsage(_("--out goes with --format: html, pdf, ods, csv or json."))
        if self.again and not self.public:
            raise WrongUsage(_("--again goes with --public."))
        for option, given, needed in (("--css", self.css, "html"), ("--machine", self.machine, "csv")):
            if given and self.form != needed:
                raise WrongUsage(_("{option} goes with --format {form}.", option=option, form=needed))


class _Told(NamedTuple):
    """A review and what is needed of it: for a file, not the histories it was made from, which take much room."""

    semester: str
    digest: str
    moment: datetime  # known at
    public: Publication | None
    content: Mapping[str, Any] | None  # for JSON
    pack: Callable[[], Pack] | None  # for what is laid out
    review: Review | None  # for the screen


def _told(reader: Reader, semester: str, known_at: str | None, how: _How, form: str | None) -> _Told:
    from states.review.document import COURSE, document
    from workflow.reviews.book import period_of, review_of

    found = review_of(reader, period_of(reader.declaration, semester), known_at, COURSE)
    content, public, pack = document(found), None, None
    if how.public:
        content, public = _published(reader, found, content, refuse=form is not None and not how.again)
    if form in LAID_OUT:
        edition = public.edition if public else None
        made = _pack(reader, found, content["digest"], edition, evidence=how.evidence or form == "html")
        if form == "pdf":
            from handlers.review.formats.pdf import shortened

            made = shortened(made)
        pack = (lambda: made) if made.evidence else partial(made.taken_out, made.put_away())
    moment = local(found.scope.sources.now, reader.declaration.lab.tz)
    kept = (content if form == "json" else None), pack, (None if form else found)
    return _Told(content["semester"], content["digest"], moment, public, *kept)


def _show(session: Session, semester: str, known_at: str | None, how: _How, as_json: bool) -> None:
    how.agree(as_json)
    form = how.form or ("json" if as_json else None)
    with session.reader() as reader:
        with progress(_("The review")) as advance:
            told = _told(reader, semester, known_at, how, form)
            advance(2, 3)
            out = how.out or (None if form in ("csv", "json") else f"{_name(told.semester)}.{form}")
            comes_out = form is not None and told.public is not None and not told.public.out
            made = _json(told.content)
            if told.pack:
                from cli.output.review import rendered

                made = rendered(told.pack(), form or "", told.moment, how.css, how.machine)
            if comes_out:
                made = tuple(made)  # whole, before it is kept as published
            elif form:
                made = _written(made, out)
            advance(3, 3)
        if told.review:
            from cli.output.review import page_one

            page_one(_telling(reader, told.review, told.public.edition if told.public else None))
        elif not comes_out:
            _deliver(made, out)
    if comes_out and told.public:
        _publish(session, told.public, told.digest, made, out)


def _publish(session: Session, public: Publication, digest: str, made: Iterable[bytes], out: str | None) -> None:
    """Keeps an edition, then writes it: one that is out and not kept would give away what the next one hides."""
    from workflow.reviews.editions import publish

    publish(session.engine, session.actor, public, digest)
    try:
        _deliver(_written(made, out), out)
    except WrongUsage as problem:
        said = _("This edition is kept as published: the same command writes it elsewhere, with another --out.")
        raise WrongUsage(problem.message, hint=said) from None


def _published(
    reader: Reader, found: Review, content: Mapping[str, Any], *, refuse: bool
) -> tuple[dict[str, Any], Publication]:
    """The document as it may be published, and its edition. Raises Refused for one that needs `--again`."""
    from handlers.review.public import must_say_again, published
    from workflow.reviews.editions import publication

    public = publication(reader, found)
    if public.revealed and refuse:
        raise must_say_again(reader.declaration, public)
    return published(found, public.edition, content), public


def _name(semester: str) -> str:
    # Like the semester in it, the name of a file is the same in every language.
    return f"review-{semester}"


def _json(content: Any) -> Iterable[bytes]:
    return ((json.dumps(content, ensure_ascii=False, indent=2) + "\n").encode(),)


def _texts(reader: Reader) -> Texts:
    """What the vault still holds: titles, which come on every line, asked at once; of the rest, a few requests'."""
    titles, texts = reader.titles(), lru_cache(TEXTS)(reader.texts)

    def text(ref: str, seq: int, field: str) -> str | None:
        return titles.get((ref, seq)) if field == "title" else texts(ref).get(seq, field)

    return text


def _telling(reader: Reader, found: Review, edition: Edition | None = None) -> Telling:
    from handlers.review.cells import Telling

    return Telling.of(found, _texts(reader), edition=edition)


def _pack(
    reader: Reader, found: Review, digest: str, edition: Edition | None, *, evidence: bool, seal: Sealed | None = None
) -> Pack:
    from handlers.review.contents import Provenance, pack
    from workflow.reviews.book import head_at, orientations
    from workflow.reviews.dataset import Known

    now = found.scope.sources.now
    said = [] if edition else orientations(reader, found.period.code, seal.known if seal else Known(now))
    provenance = Provenance(seal.head if seal else head_at(reader, now), digest)
    return pack(found, provenance, _texts(reader), said, edition=edition, evidence=evidence)


def _written(made: Iterable[bytes], out: str | None) -> Iterable[bytes]:
    """What is left to print once a file is written: nothing, or all of it where the standard output is meant."""
    if out in (None, "-"):
        return made
    assert out is not None
    write_out(Path(out), made)
    return ()


def _deliver(left: Iterable[bytes], out: str | None) -> None:
    """Says which file was written, or prints what is for the standard output."""
    for piece in left:
        document(piece)
    if out not in (None, "-"):
        echo(_("Written: {file}", file=printable(out)))


def _show_sealed(session: Session, semester: str, known_at: str | None, how: _How, as_json: bool) -> None:
    """The review as it was sealed, in the format asked for, and what has changed since."""
    from handlers.review.since import cannot_be_printed, changed_rows, sealed_pack, since_document, since_seal
    from states.review.document import COURSE
    from workflow.reviews.book import period_of, review_of, sealed, sealed_review

    if known_at or how.public:
        raise WrongUsage(_("--sealed shows a review as it was kept: neither --known-at nor --public goes with it."))
    how.agree(as_json)
    form = how.form or ("json" if as_json else None)
    with session.reader() as reader:
        seal = sealed(reader, period_of(reader.declaration, semester).code)
        found = review_of(reader, period_of(reader.declaration, semester), None, COURSE)
        kept = sealed_review(reader, seal)
        if kept is None and form not in (None, "json"):
            raise cannot_be_printed(seal)
        pack = rows = None
        if kept is not None:
            evidence = how.evidence or form == "html"
            pack = _pack(reader, kept, seal.digest, None, evidence=evidence, seal=seal)
            rows = changed_rows(pack, _pack(reader, found, "", None, evidence=False))
        since = since_seal(seal, found, rows, reader)
        if form is None:
            from cli.output.review import sealed_screen

            sealed_screen(session.declaration, since)
        elif form == "json" or pack is None:
            _deliver(_written(_json(since_document(session.declaration, since)), how.out), how.out)
        else:
            from cli.output.review import rendered

            moment = local(seal.known_at, session.declaration.lab.tz)
            made = rendered(sealed_pack(pack, since, reader.declaration), form, moment, how.css, how.machine)
            out = how.out or (None if form == "csv" else f"{_name(seal.semester)}-sealed.{form}")
            _deliver(_written(made, out), out)


@review.command(help=_("The entries behind a figure. For example: “coop review explain 2026-S1 received”."))
@click.argument("semester")
@click.argument("indicator")
@click.option("--known-at", metavar="TIME", help=_("As it was known then: nothing recorded later exists."))
@json_option
@with_session
def explain(session: Session, semester: str, indicator: str, known_at: str | None, as_json: bool) -> None:
    from states.review.document import behind
    from states.review.document import explain as explained
    from workflow.reviews.book import period_of, review_of

    moment = session.moment_past(known_at, "--known-at")
    with session.reader() as reader:
        whole = review_of(reader, period_of(reader.declaration, semester), moment)
        if as_json:
            print_json(explained(whole, indicator))
            return
        from cli.output.review import items_screen

        items_screen(_telling(reader, whole), *behind(whole, indicator))


@review.command(help=_("The committee’s decision on projects: ratify, postpone or refuse."))
@click.argument("semester")
@click.argument("refs", metavar="REF…", nargs=-1, required=True)
@click.option("--decision", required=True, metavar="D", help=_("ratify, postpone or refuse."))
@click.option("--note", help=_("Why, for the history."))
@click.option("--at", "when", metavar="TIME", help=_("When it was decided; now by default."))
@json_option
@with_session
def decide(
    session: Session, semester: str, refs: tuple[str, ...], decision: str, note: str | None, when: str | None,
    as_json: bool,
) -> None:  # fmt: skip
    from states.lifecycle.effects import Ratify, event_with
    from workflow.reviews.book import period_of

    given = {"decision": decision, "review": period_of(session.declaration, semester).code}
    commands = []
    for ref in map(session.ref, refs):
        event = event_with(session.lifecycle(ref), Ratify)
        if event is None:
            raise WrongUsage(_("In this lab no event records a decision of the committee."))
        commands.append(command_of(session, ref, event, given, {"note": note, "when": when}))
    present(session, session.engine.apply_all(commands), as_json)


@review.command(help=_("Record an orientation of the committee, as a text of the review."))
@click.argument("semester")
@click.option("--note", required=True, metavar="TEXT", help=_("The orientation."))
@json_option
@with_session
def orient(session: Session, semester: str, note: str, as_json: bool) -> None:
    from workflow.reviews.book import record_orientation

    entry = record_orientation(session.engine, session.actor, semester, note)
    if as_json:
        print_json({"semester": entry.data["semester"], "seq": entry.seq})
    else:
        echo(_("Recorded: it stands in the chapter for the committee."))


@review.command(help=_("Keep the review as it is: its figures, its digest, the head of the history."))
@click.argument("semester")
@json_option
@with_session
def seal(session: Session, semester: str, as_json: bool) -> None:
    from workflow.reviews.book import seal_review, sealed_document

    kept = seal_review(session.engine, session.actor, semester)
    if as_json:
        print_json(sealed_document(session.declaration, kept))
        return
    echo(_("Sealed: {semester}", semester=kept.semester))
    echo(_("Digest: {digest}", digest=kept.digest))
    if kept.joins:
        from cli.output.review import joined

        echo(joined(session.declaration, kept))
    echo(_("Head: {head}", head=kept.head))
    echo(_("Later: coop review {semester} --sealed", semester=kept.semester))
