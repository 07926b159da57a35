"""`lifecycle`: the declaration, read, checked, drawn and put in force."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.commands.keep.migrating import migrate
from cli.input.prompts import confirm
from cli.options import Listing, json_option, print_json, with_session
from cli.output.changes import compared, tell_borne, tell_changes
from cli.output.terminal import echo, heading, printable, progress, table, write_out
from cli.session import Session
from states.declaration.toml_lines import Locator
from states.errors import BadDeclaration, FieldError, Invalid, WrongUsage
from states.language import _, _n, label_of

if TYPE_CHECKING:
    from states.declaration.model import Declaration
    from workflow.versions.unnamed import Borne


@click.group(cls=Listing, alone="show", help=_("The declaration of the lab: read, check, draw, put in force."))
def lifecycle() -> None:
    pass


def _declaration(session: Session, file: str | None) -> Declaration:
    """The file's declaration, or the one in force."""
    if file is None:
        return session.declaration
    from states.verification.loading import load
    from workflow.lab.opening import read_text

    return load(read_text(file), Path(file).parent)


@lifecycle.command(help=_("States, events and tiers: of the store, or of FILE."))
@click.argument("file", required=False)
@json_option
@with_session
def show(session: Session, file: str | None, as_json: bool) -> None:
    declaration = _declaration(session, file)
    if as_json:
        print_json(_document(declaration))
        return
    heading(f"{declaration.lab.name} {declaration.lab.version} · {declaration.digest[:12]}")
    echo()
    _show_events(declaration)
    echo()
    if declaration.activity:
        heading(_("Activities"))
        echo(", ".join(f"{kind.text} ({code})" for code, kind in declaration.activity_types.items()))
        _show_events(declaration.activities)
        echo()
    tiers = [
        [
            tier.text,
            code,
            f"{tier.work.min}–{tier.work.max}" if tier.work.min != tier.work.max else str(tier.work.max),
            tier.validation,
            label_of(tier.meant_for),
        ]
        for code, tier in declaration.tiers.items()
    ]
    table([_("Tier"), _("Code"), _("Meetings"), _("Validation"), _("Meant for")], tiers)


def _show_events(declaration: Declaration) -> None:
    rows = []
    for code, event in declaration.events.items():
        sources = [*dict.fromkeys(str(word) for t in event.transitions for word in t.sources)] or ["–"]
        targets = list(dict.fromkeys(word for t in event.transitions for word in t.to))
        rows.append([event.text, code, ", ".join(sources), _listed(targets)])
    table([_("Event"), _("Code"), _("From"), _("To")], rows)


def _listed(words: Sequence[str]) -> str:
    return ", ".join(words) if len(words) <= 3 else _("depends on the history")


def _document(declaration: Declaration) -> dict[str, object]:
    return {
        "name": declaration.lab.name,
        "version": declaration.lab.version,
        "digest": declaration.digest,
        **_states_and_events(declaration),
        "tiers": {
            code: {
                "label": dict(t.label),
                "min": t.work.min,
                "max": t.work.max,
                "validation": t.validation,
                "derogation": t.derogation,
            }
            for code, t in declaration.tiers.items()
        },
        "activity": {
            "axes": list(declaration.activity_axes),
            "types": {
                code: {"label": dict(t.label), "minutes": t.minutes} for code, t in declaration.activity_types.items()
            },
            **_states_and_events(declaration.activities),
        },
    }


def _states_and_events(declaration: Declaration) -> dict[str, object]:
    return {
        "states": {code: {"label": dict(s.label), "final": s.final} for code, s in declaration.states.items()},
        "events": {
            code: {
                "label": dict(e.label),
                "transitions": [
                    {"from": list(t.sources), "to": list(t.to), "when": list(t.when)} for t in e.transitions
                ],
                "roles": list(e.roles),
                "needs": [declaration.keys[k].name or k for k in e.needs],
                "takes": [declaration.keys[k].name or k for k in e.takes],
                "guards": list(e.guards),
                "waives": {rule: list(roles) for rule, roles in e.waives.items()},
                "note": e.note,
            }
            for code, e in declaration.events.items()
        },
    }


@lifecycle.command(
    help=_("Look for mistakes in FILE, or in the declaration in force: every one of them, with its place.")
)
@click.argument("file", required=False)
@json_option
@with_session
def check(session: Session, file: str | None, as_json: bool) -> None:
    from states.verification.exploration import survey
    from workflow.lab.opening import checked, read_text

    text = read_text(file) if file is not None else None
    declaration = checked(text, Path(file or "").parent)[0] if text is not None else session.declaration
    found = survey(declaration, Locator(text) if text is not None else None)
    if found.counterexamples:
        fields = [FieldError(c.path, f"{c.message} {' → '.join(c.trace)}", c.line) for c in found.counterexamples]
        raise BadDeclaration(fields)
    borne = _borne(session, declaration) if file is not None else None
    if as_json:
        proofs = [{"tier": p.tier, "kind": p.kind, "cap": p.cap, "situations": p.situations} for p in found.proofs]
        document = {"name": declaration.lab.name, "digest": declaration.digest, "proofs": proofs}
        print_json({**document, "store": borne.document() if borne else None})
        return
    counts = [
        _n("{n} state", "{n} states", len(declaration.states) + len(declaration.activities.states)),
        _n("{n} event", "{n} events", len(declaration.events) + len(declaration.activities.events)),
        _n("{n} tier", "{n} tiers", len(declaration.tiers)),
    ]
    echo(_("{counts}: no mistake found.", counts=", ".join(counts)))
    for proof in found.proofs:
        echo(printable(proof.text))
    if borne is not None:
        tell_borne(borne)


def _borne(session: Session, declaration: Declaration) -> Borne | None:
    """What the store bears that a file no longer names; None where there is no store that this program reads."""
    from states.errors import NotFound, StoreOutdated, StoreUnreachable
    from workflow.versions.unnamed import borne
    from workflow.views.reader import Reader

    try:
        with session.store.looking() as tx:
            return borne(Reader(tx, session.now, session.known), declaration)
    except (NotFound, StoreOutdated, StoreUnreachable):
        return None


@lifecycle.command(help=_("Draw the lifecycle."))
@click.argument("file", required=False)
@click.option(
    "--format",
    "form",
    type=click.Choice(["mermaid", "dot", "svg"]),
    default="mermaid",
    show_default=True,
    help=_("What to draw it in."),
)
@click.option("--activity", is_flag=True, help=_("That of an activity, not of a request."))
@click.option("--out", type=click.Path(dir_okay=False), metavar="PATH", help=_("Write to this file."))
@json_option
@with_session
def diagram(session: Session, file: str | None, form: str, activity: bool, out: str | None, as_json: bool) -> None:
    from handlers.diagrams import svg
    from states.lifecycle.diagram import dot, mermaid

    drawn = _declaration(session, file)
    if activity and drawn.activity is None:
        raise WrongUsage(_("This declaration has no activity."), hint="coop lifecycle diagram")
    text = {"mermaid": mermaid, "dot": dot, "svg": svg}[form](drawn.activities if activity else drawn)
    if out:
        write_out(Path(out), text.encode())
    if as_json:
        print_json({"format": form, "text": text, "path": out})
    elif out:
        echo(_("Written: {path}", path=out))
    else:
        click.echo(text.rstrip("\n"))


@lifecycle.command(help=_("Put FILE in force for new requests: checked, compared, then an entry of the lab's history."))
@click.argument("file")
@click.option("--yes", is_flag=True, help=_("Do not ask."))
@json_option
@with_session
def adopt(session: Session, file: str, yes: bool, as_json: bool) -> None:
    from workflow.lab.opening import adopt, checked, read_text

    declaration, document = checked(read_text(file), Path(file).parent)
    changes = compared(session.document_in_force(), document)
    if not as_json:
        tell_changes(changes)
        if changes and not yes:
            confirm(_("Put it in force?"))
    entry = adopt(session.engine, declaration, document, session.actor)
    if as_json:
        print_json(
            {
                "digest": declaration.digest,
                "version": declaration.lab.version,
                "adopted": entry is not None,
                "changes": changes,
            }
        )
    elif entry:
        echo(
            _(
                "In force for new requests: {name} {version}. Running requests keep their version.",
                name=declaration.lab.name,
                version=declaration.lab.version,
            )
        )


@lifecycle.command(help=_("What FILE changes of the declaration in force, or OTHER of FILE, in sentences."))
@click.argument("file")
@click.argument("other", required=False)
@json_option
@with_session
def diff(session: Session, file: str, other: str | None, as_json: bool) -> None:
    from workflow.lab.opening import checked, read_text

    documents = [checked(read_text(one), Path(one).parent)[1] for one in (file, other) if one is not None]
    before, after = documents if other is not None else (session.document_in_force(), *documents)
    changes = compared(before, after)
    if as_json:
        print_json(changes)
    elif changes or other is None:
        tell_changes(changes)
    else:
        echo(_("No difference between the two."))


@lifecycle.command(
    help=_("Go through the history again under FILE: what it would have refused, moved and raised. Nothing is stored.")
)
@click.argument("file")
@click.option("--since", metavar="DAY", help=_("The first day of what is compared; default: all of the history."))
@json_option
@with_session
def rehearse(session: Session, file: str, since: str | None, as_json: bool) -> None:
    from cli.output.rehearsal import shown, tell_rehearsal
    from workflow.lab.opening import checked, read_text
    from workflow.versions.rehearsal import rehearse
    from workflow.views.forecast import Outlook

    declaration, _document_of_file = checked(read_text(file), Path(file).parent)
    first = session.day(since, "--since", "past") if since else None
    with session.reader() as reader, progress(_("Going through the history")) as advance:
        rehearsal = rehearse(reader, declaration, advance, reader.midnight(first) if first else "")
        titles = {} if as_json else Outlook(reader).titles(shown(rehearsal))
    if as_json:
        print_json(rehearsal.document(declaration))
    else:
        tell_rehearsal(rehearsal, declaration, titles, first)


@lifecycle.command(help=_("Run the rule tests of FILE, each on a simulated lab: what must pass, be refused, fall due."))
@click.argument("file")
@click.option("--lab", metavar="FILE", help=_("The declaration to try; default: the one FILE names, else in force."))
@json_option
@with_session
def test(session: Session, file: str, lab: str | None, as_json: bool) -> None:
    from workflow.lab.opening import checked, read_text
    from workflow.testing.rule_files import read_rules
    from workflow.testing.rule_tests import run

    rules = read_rules(file)
    named = lab or rules.lab
    if named:
        declaration, document = checked(read_text(str(named)), Path(named).parent)
    else:
        declaration, document = session.declaration, session.document_in_force()
    failures = []
    for outcome in run(declaration, document, rules.tests):
        if not as_json:
            echo(printable(f"{'✓' if outcome.failure is None else '✗'} {outcome.test.rule}"))
        if outcome.failure:
            failures.append(FieldError(outcome.test.rule, outcome.failure.text, outcome.failure.line, file))
    total = len(rules.tests)
    if failures:
        raise Invalid(
            failures, _n("{n} rule test of {of} fails.", "{n} rule tests of {of} fail.", len(failures), of=total)
        )
    if as_json:
        print_json({"tests": total, "passed": total, "lab": declaration.lab.name, "digest": declaration.digest})
    else:
        echo(_n("{n} rule holds.", "{n} rules hold.", total))


lifecycle.add_command(migrate)
