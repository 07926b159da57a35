"""The slip of elimination: what is due to go, its nature, its extreme dates, its volume, for the archivist's visa."""

from __future__ import annotations

from handlers.documents.sheet import Section, Sheet
from states.declaration.model import Declaration
from states.language import _, _n, label_of, long_date, short_date
from workflow.privacy.retention import File, Slip


def slip_sheet(declaration: Declaration, slip: Slip) -> Sheet:
    """The slip on paper."""
    nature = label_of(declaration.privacy.nature) or _("Requests for support: what was written, and who asked")
    return Sheet(
        _("Slip of elimination {code}", code=slip.code),
        nature,
        declaration.lab.text,
        list(facts(slip)),
        [
            Section(
                _("Nature, extreme dates, volume"),
                (),
                [_("Files that ended as"), _("Kept for"), _("Files"), _("First day"), _("Last day"), _("Volume")],
                [_row(slip, state, files) for state, files in slip.by_state()],
                [4, 3, 2, 3, 3, 3],
            ),
            Section(_("The files"), [", ".join(one.ref for one in slip.files) or _("none")]),
            Section(
                _("What stays"), [_("The dates, codes and figures of each request, without anybody’s name or words.")]
            ),
        ],
        counts=[_("Archivist, date and visa"), _("For the lab, date and signature")],
    )


def facts(slip: Slip) -> list[tuple[str, str]]:
    """What the slip says of all it lists."""
    texts = sum(len(one.texts) for one in slip.files)
    found = [(_("As of"), long_date(slip.day)), (_("Files"), str(len(slip.files)))]
    if slip.files:
        first, last = min(one.opened for one in slip.files), max(one.ended for one in slip.files)
        found.append((_("Extreme dates"), _("{first} to {last}", first=long_date(first), last=long_date(last))))
        found.append(
            (_("Volume"), _n("{n} text, {bytes} bytes", "{n} texts, {bytes} bytes", texts, bytes=_bytes(slip.files)))
        )
    if slip.held_back:
        found.append((_("Held back: their project has a request under way"), ", ".join(slip.held_back)))
    return found


def _bytes(files: list[File]) -> int:
    return sum(one.size for one in files)


def _row(slip: Slip, state: str, files: list[File]) -> list[str]:
    return [
        state,
        _n("{n} month", "{n} months", slip.retention[state]),
        str(len(files)),
        short_date(min(one.opened for one in files)),
        short_date(max(one.ended for one in files)),
        _n("{n} byte", "{n} bytes", _bytes(files)),
    ]
