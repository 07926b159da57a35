"""A PostgreSQL database with the roles of the guide, under names of its own; and who comes to it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text

GUIDE = Path(__file__).parents[2] / "docs/guides/postgresql.md"
MAKING, GRANTING = re.findall(r"```sql\n(.*?)```", GUIDE.read_text("utf-8"), re.S)
OWNER, DAILY, PERSON, WATCH = "coop_proprietaire", "coop_quotidien", "camille", "veille"
_NAMES = re.compile(rf"\b({OWNER}|{DAILY}|{PERSON}|{WATCH}|coop)\b")


class Team:
    """A database as the guide makes it."""

    def __init__(self, places: Any) -> None:
        self._places, self._admin = places, places._url
        self._name = f"{places._prefix}_team"
        self.say(self._admin, MAKING)

    def of(self, role: str) -> str:
        """The address by which a role of the guide comes."""
        url = self._admin.set(username=self._mine(role), database=self._name)
        return str(url.render_as_string(hide_password=False))

    def _mine(self, words: str) -> str:
        return _NAMES.sub(lambda name: self._name if name[1] == "coop" else f"{name[1]}_{self._name}", words)

    def say(self, url: Any, statements: str) -> None:
        """What the guide has somebody type, at an address."""
        engine = create_engine(url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for statement in filter(None, map(str.strip, self._mine(statements).split(";"))):
                connection.execute(text(statement))
        engine.dispose()

    def grant(self) -> None:
        """What the owner types after each `coop init`."""
        self.say(self.of(OWNER), GRANTING)

    def close(self) -> None:
        self.say(self._admin, "DROP DATABASE coop WITH (FORCE)")
        self.say(self._admin, ";".join(f"DROP ROLE {role}" for role in (PERSON, WATCH, DAILY, OWNER)))
