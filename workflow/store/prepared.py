"""A statement prepared for a driver: compiled once per dialect, run on the driver's cursor."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import ClauseElement, Dialect, UpdateBase
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.selectable import ReturnsRows

_naming: Any = namedtuple  # of names known only when a statement is prepared
Definition = Callable[[Dialect], ClauseElement]  # of a statement, which a dialect may say in its own way


class Prepared:
    """A statement as a driver takes it: its text, the values it always has, how its rows are named."""

    __slots__ = ("fixed", "named", "text")

    def __init__(self, statement: ClauseElement, dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect)
        assert isinstance(compiled, SQLCompiler)
        self.text = str(compiled)
        self.fixed = {name: bind.value for name, bind in compiled.binds.items() if not bind.required}
        gives = isinstance(statement, ReturnsRows) and (not isinstance(statement, UpdateBase) or statement._returning)
        names = list(statement.exported_columns.keys()) if gives and isinstance(statement, ReturnsRows) else []
        self.named: Callable[[Any], Any] = _naming("Row", names)._make if names else tuple

    def values(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        """The parameters, those that are always the same included."""
        return {**self.fixed, **given} if self.fixed else given


class Statement:
    """A statement, made and prepared for a dialect at its first use: a command runs few of them."""

    __slots__ = ("_prepared", "define")

    def __init__(self, define: Definition) -> None:
        self.define = define
        self._prepared: dict[str, Prepared] = {}

    def prepared(self, dialect: Dialect) -> Prepared:
        found = self._prepared.get(dialect.name)
        if found is None:
            found = self._prepared[dialect.name] = Prepared(self.define(dialect), dialect)
        return found
