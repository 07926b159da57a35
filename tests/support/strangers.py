"""Input as strangers write it, and whatever reads it.

A reader takes what it is given, or refuses it in a sentence: anything else that it raises is a fault of the program.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from unittest.mock import patch

from attrs import evolve, frozen
from sqlalchemy import func, select

from cli import settings, settings_file
from cli.input.dates import day_understood, understood
from cli.session import Session
from handlers.batch import apply_file
from handlers.calendars.absences import read_calendar
from handlers.forms.reading import read_bytes
from handlers.forms.tables import read_mapping
from handlers.intake import Reception, receive
from handlers.mail.settings import mail_settings
from states.declaration.documents import shipped
from states.declaration.types import Malformed, Reading, local
from states.errors import CoopError
from states.forms.form import check_form
from states.verification.letters import faults
from states.verification.loading import load
from states.verification.structure import check
from workflow.store import schema as s
from workflow.store.address import Address, shown
from workflow.testing import Lab, undone

ROOT = Path(__file__).parent.parent.parent
SAMPLES = ROOT / "tests/samples"
LETTERS = ROOT / "states/letters"
SECRET = "hunter2"


@frozen
class Reader:
    """One that reads what others write: the samples it knows how to read, and itself. `slow`: milliseconds each."""

    samples: Sequence[bytes]
    read: Callable[[bytes], object]
    slow: bool = False


def tried(reader: Reader, data: bytes) -> bool:
    """Whether a reader takes what it is given; False where it refuses it in a sentence."""
    try:
        reader.read(data)
    except CoopError as refused:
        if not 2 <= refused.exit <= 8:
            raise
        return False
    return True


def readers(lab: Lab, folder: Path) -> Mapping[str, Reader]:
    """Whatever reads what others write, by name: files (in `folder`), words of the command line, the environment.

    `lab` has requests; nothing that is refused may leave anything in it.
    """
    read = _Readings(lab, folder)
    forms = {suffix: [path.read_bytes() for path in sorted(SAMPLES.glob(f"**/*{suffix}"))] for suffix in FORMATS}
    return {
        **{f"form {suffix}": Reader(found, read.form(f"f{suffix}")) for suffix, found in forms.items()},
        "form of no name": Reader([sample for found in forms.values() for sample in found], read.form("-")),
        "submit": Reader(forms[".csv"], read.submitted, slow=True),
        "mapping": Reader([path.read_bytes() for path in sorted(SAMPLES.glob("cases/*.toml"))], read.mapping),
        "apply": Reader([path.read_bytes() for path in sorted(SAMPLES.glob("**/*.jsonl"))], read.applied, slow=True),
        "set": Reader(
            [b"title=Autre", b"participants=12", b"wanted_from=2026-03-01", b"requester.phone=05"], read.amended
        ),
        "declaration": Reader([shipped().encode()], read.declaration, slow=True),
        "letter": Reader([path.read_bytes() for path in sorted(LETTERS.glob("*.md"))], read.letter, slow=True),
        "calendar": Reader(CALENDARS, read.calendar),
        "config": Reader(CONFIGS, read.config),
        "date": Reader([text.encode() for text in DATES], read.date),
        "address": Reader([text.encode() for text in ADDRESSES], read.address),
        "environment": Reader([b"2026-03-10T14:00+01:00", b"fr", b"camille=en,requester=fr"], read.environment),
    }


FORMATS = (".toml", ".json", ".csv")
DATES = (
    "10/03 14h30", "mar 14h", "demain 9h", "le 10 mars \u00e0 14 h", "2026-03-10T14:00+01:00", "in 3 weeks",
    "il y a 2 jours", "10 march 2:30pm", "hier", "dans 1h30", "2026-W10", "1er mai", "31/12/2026", "lundi prochain",
)  # fmt: skip
ADDRESSES = (
    f"postgresql://user:{SECRET}@host/database",
    f"postgresql://u:{SECRET}@h1:5432,h2:5432/coop?target_session_attrs=read-write",
    f"postgres://u@h/d?sslpassword={SECRET}&sslmode=require", "sqlite:////tmp/lab.db", "~/lab?a.db",
    f"postgresql:/u:{SECRET}@h/x", f"postgresql+psycopg://u:{SECRET}@[::1]:5432/d", f"mysql://u:{SECRET}@h/d",
    f"u:{SECRET}@h",
)  # fmt: skip
CONFIGS = (
    b'db = "~/lab.db"\nactor = "camille"\n\n'
    b'[mail]\nhost = "smtp.example.org"\nsender = "Le labo <a@example.org>"\nport = 587\n',
    b'# un commentaire\nlang = "fr"  # ici\n'
    b'[mail]\nhost = "localhost"\ntls = "none"\nsender = "a@b.fr"\n'
    b'languages = { camille = "en" }\n',
)
EVENT = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//y//EN\r\n"
    "BEGIN:VEVENT\r\nUID:1@x\r\n{}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)
CALENDARS = tuple(
    EVENT.format(lines).encode()
    for lines in (
        "DTSTART;VALUE=DATE:20260309\r\nDTEND;VALUE=DATE:20260314\r\nSUMMARY:Congés",
        "DTSTART;TZID=Europe/Paris:20260309T090000\r\nDURATION:PT2H\r\nRRULE:FREQ=WEEKLY;BYDAY=MO,WE;UNTIL=20260601T000000Z",
        "DTSTART;VALUE=DATE:20260309\r\nRRULE:FREQ=MONTHLY;BYMONTHDAY=-1;BYSETPOS=1;COUNT=5\r\nEXDATE;VALUE=DATE:20260331",
        "DTSTART:20260309T230000Z\r\nRDATE:20260310T230000Z,20260311T230000Z\r\nSTATUS:CONFIRMED",
        "DTSTART;VALUE=DATE:20260309\r\nRRULE:FREQ=YEARLY;BYYEARDAY=60;BYWEEKNO=10;WKST=MO;INTERVAL=2",
    )
)


class _Readings:
    """How each reader is called."""

    def __init__(self, lab: Lab, folder: Path) -> None:
        self.lab, self.declared, self.zone = lab, lab.declaration, lab.declaration.lab.tz
        self.file = folder / "given"
        self.now = lab.clock.now

    def form(self, name: str) -> Callable[[bytes], object]:
        reading = Reading(self.declared, local_times=True)

        def read(data: bytes) -> object:
            forms = read_bytes(data, name, self.declared).forms
            return [check_form(raw.values, reading, self.now) for raw in forms[:50]]

        return read

    def submitted(self, data: bytes) -> object:
        """A file is stored whole, or nothing of it is."""
        file, before = self.file.with_suffix(".csv"), self._requests()
        file.write_bytes(data)
        found = receive(self.lab.engine, [str(file)], None, Reception("camille"))
        assert self._requests() - before == len(found.received)
        for refused in found.refused:
            assert not found.received
            raise refused
        return found

    def _requests(self) -> int:
        with self.lab.store.looking() as tx:
            return tx.connection.execute(select(func.count()).select_from(s.requests)).scalar_one()

    def mapping(self, data: bytes) -> object:
        self.file.write_bytes(data)
        return read_mapping(self.file, self.declared)

    def applied(self, data: bytes) -> object:
        """None of its lines may bring out a fault: it would be told by the code 1."""
        self.file.write_bytes(data)
        outcome = apply_file(self.lab.engine, str(self.file), "camille")
        assert 1 not in [result.error["exit"] for result in outcome.results if result.error], outcome.results
        return outcome

    def amended(self, data: bytes) -> object:
        from cli.input.events import typed

        with undone(self.lab.store) as tx:
            given = typed(self.declared, self.declared.events["amend"], [_text(data)])
            return self.lab.engine.apply_in(tx, self.lab.command("2026-0001", "amend", given))

    def declaration(self, data: bytes) -> object:
        return list(check(load(_text(data))))

    def letter(self, data: bytes) -> object:
        code, letter = next(iter(self.declared.letters.items()))
        return list(faults(evolve(self.declared, letters={code: evolve(letter, content={"fr": _text(data)})})))

    def calendar(self, data: bytes) -> object:
        self.file.write_bytes(data)
        return read_calendar(self.file, self.zone, local(self.now, self.zone).date())

    def config(self, data: bytes) -> object:
        self.file.write_bytes(data)
        with patch.dict("os.environ", {"COOP_CONFIG": str(self.file)}):
            found = settings.whole_file()
            table = found.get("mail")
            mail_settings(table if isinstance(table, Mapping) else {}, {})
            settings_file.write(self.file, "actor", "alix")
        return found

    def date(self, data: bytes) -> object:
        found = []
        for ask in (understood, day_understood):
            with suppress(Malformed):
                found.append(ask(_text(data), self.now, self.zone))
        return found

    def address(self, data: bytes) -> object:
        text = _text(data)
        if SECRET in text and _kept_secret(text):
            assert SECRET not in shown(text)
        try:
            return Address.of(text)
        except CoopError as refused:
            if _kept_secret(text) and SECRET in refused.message:
                raise AssertionError(refused.message) from refused
            raise

    def environment(self, data: bytes) -> object:
        text = _text(data).replace("\0", "")
        with patch.dict("os.environ", {"COOP_NOW": text, "COOP_LANG": text}):
            try:
                return Session(None, None, False).now
            finally:
                mail_settings({"host": "h", "sender": "a@b.fr"}, {"COOP_MAIL_LANGUAGES": text, "COOP_MAIL_PORT": text})


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _kept_secret(text: str) -> bool:
    """Whether what is told stands where a password does: after a colon and before an @, or in a secret parameter."""
    told = rf"^\w[\w+.-]*(:/{{0,2}}[^/?#]*:{SECRET}@|://.*[?&]sslpassword={SECRET}(&|$))"
    return not text.startswith("sqlite:") and text.count(SECRET) == 1 and bool(re.search(told, text))
