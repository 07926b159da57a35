"""A cell as people read it, in the language of the moment: every format that shows text writes it alike."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import floor

from handlers.review.pack import Cell
from states.language import _, _n, current, long_date, number, numeric_date

# The kinds that are numbers: a table aligns them on the right.
NUMBERS = frozenset({"count", "number", "rate", "days", "hours", "euros"})
MINUS = "\u2212"


def written(cell: Cell, *, long: bool = False) -> str:
    """The cell in words: `62,5 %`, `3,5 j`, `1 200 €`, `10/03/2026`, `sans donnée`, `masqué`.

    At most one decimal, none for a share, cents for `euros`; halves are rounded up. `long` writes a date in full
    (`mardi 10 mars 2026`). Separators and spaces before units do not break.
    """
    if cell.masked:
        return _("masked")
    if cell.value is None:
        return _("no data")
    if isinstance(cell.value, date):
        return long_date(cell.value) if long else numeric_date(cell.value)
    if cell.kind in NUMBERS and not isinstance(cell.value, str):
        return _WRITERS[cell.kind](Fraction(cell.value)).replace("-", MINUS)
    return str(cell.value)


def signed(difference: Fraction, kind: str) -> str:
    """A difference with its sign, of two shares in points: `+12`, `−3 points`; `=` where what is shown is the same."""
    if kind == "rate":
        points = rounded(difference * 100, 0)
        text = _n("{sign}{points} point", "{sign}{points} points", int(abs(points)), sign=_sign(points),
                  points=number(abs(points)))  # fmt: skip
        return text if points else "="
    shown = rounded(difference, 0 if kind == "count" else 1)
    return _sign(shown) + written(Cell(Fraction(abs(shown)), kind)) if shown else "="


def _sign(value: Decimal) -> str:
    return MINUS if value < 0 else "+"


def places(kind: str, value: Fraction) -> int:
    """The decimals that mean something: none in a share, unless it would say “none” or “all” of what is neither."""
    if kind == "rate":
        return 0 if value in (0, 1) or rounded(value * 100, 0) not in (0, 100) else 1
    return {"count": 0, "euros": 2}.get(kind, 1)


def rounded(value: Fraction, places: int) -> Decimal:
    """The value with at most `places` decimals, halves up, and no zero at the end of them."""
    scaled = Decimal(floor(value * 10**places + Fraction(1, 2))).scaleb(-places)
    whole = scaled.to_integral_value()
    return whole if scaled == whole else scaled.normalize()


def _count(value: Fraction) -> str:
    # Most numbers of a review: written without the machinery of separators, which takes far longer.
    if value.denominator == 1 and 0 <= value < 1000:
        return str(value.numerator)
    return number(rounded(value, 0))


def _rate(value: Fraction) -> str:
    share = number(rounded(value * 100, places("rate", value)))
    return f"{share}\u00a0%" if current() == "fr" else f"{share}%"


def _euros(value: Fraction) -> str:
    amount = rounded(value, 2)
    sign, text = "-" if amount < 0 else "", _with_cents(number(abs(amount)), amount)
    return f"{sign}{text}\u00a0€" if current() == "fr" else f"{sign}€{text}"


def _with_cents(text: str, amount: Decimal) -> str:
    """`1 200,5` as `1 200,50`: the number format drops the last zero."""
    cents = abs(amount) % 1
    return f"{text}0" if cents and (cents * 10) % 1 == 0 else text


_WRITERS: dict[str, Callable[[Fraction], str]] = {
    "count": _count,
    "number": lambda value: number(rounded(value, places("number", value))),
    "rate": _rate,
    "days": lambda value: _("{n}\u00a0d", n=number(rounded(value, 1))),
    "hours": lambda value: _("{n}\u00a0h", n=number(rounded(value, 1))),
    "euros": _euros,
}
