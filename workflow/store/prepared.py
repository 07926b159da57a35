"""A statement prepared for a driver: compiled once per dialect, run on the driver's cursor."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any

from sqlalchemy import ClauseElement, Dialect, UpdateBase
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.selectable import ReturnsRows

_naming: Any = namedtuple  # of names known only when a statement is prepared
Values = tuple[Any, ...]
Definition = Callable[[Dialect], ClauseElement]  # of a statement, which a dialect may say in its own way


class Prepared:
    """A statement as a driver takes it: its text, the order of its values, how its rows are named."""

    __slots__ = ("_fixed", "_in_order", "named", "text")

    def __init__(self, statement: ClauseElement, dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect)
        assert isinstance(compiled, SQLCompiler)
        self.text = str(compiled)
        self._fixed = {name: bind.value for name, bind in compiled.binds.items() if not bind.required}
        self._in_order = _picking(compiled.positiontup or ())
        gives = isinstance(statement, ReturnsRows) and (not isinstance(statement, UpdateBase) or statement._returning)
        names = list(statement.exported_columns.keys()) if gives and isinstance(statement, ReturnsRows) else []
        self.named: Callable[[Any], Any] = _naming("Row", names)._make if names else tuple

    def values(self, given: Mapping[str, Any]) -> Values:
        """The values in the order of the text, those that are always the same included: a driver finds names slowly."""
        return self._in_order({**self._fixed, **given} if self._fixed else given)


def _picking(names: Sequence[str]) -> Callable[[Mapping[str, Any]], Values]:
    """What gives the values of some names, in their order."""
    if len(names) > 1:
        return itemgetter(*names)
    return lambda given: tuple(given[name] for name in names)


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
