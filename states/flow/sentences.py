"""Why nobody can say, and who is compared, in sentences."""

from __future__ import annotations

from states.flow import forecasts
from states.flow.forecasts import Forecast
from states.language import _, _n


def reason(found: Forecast) -> str | None:
    """Why one of the two dates is missing, or both; None when neither is."""
    return _REASONS[found.reason](found) if found.reason else None


def compared(found: Forecast) -> str:
    """The requests that a forecast rests on: `14 demandes du même niveau, encore là après 20 jours ouvrés`."""
    n = len(found.waits)
    if found.among == forecasts.TIER:
        those = _n("{n} request of the same tier", "{n} requests of the same tier", n)
    elif found.among == forecasts.KIND:
        those = _n("{n} request of the same kind", "{n} requests of the same kind", n)
    else:
        those = _n("{n} request, whatever its kind", "{n} requests, whatever their kind", n)
    if not found.age:
        return _("{those}, still there after the first day", those=those)
    return _("{those}, still there after {waited}", those=those, waited=_waited(found))


def _waited(found: Forecast) -> str:
    return _n("{n} working day", "{n} working days", found.age)


def _few(found: Forecast) -> str:
    enough = forecasts.ENOUGH
    if not found.of:
        return _("No comparable request has waited that long: it takes {enough} to say anything.", enough=enough)
    return _n(
        "Only {n} comparable request has waited that long: it takes {enough} to say anything.",
        "Only {n} comparable requests have waited that long: it takes {enough} to say anything.",
        found.of,
        enough=enough,
    )


def _waiting(found: Forecast) -> str:
    if found.half:
        return _("Too few of them have come there to say more.")
    return _("Of {those}, too few have come there.", those=compared(found))


_REASONS = {
    forecasts.ON_HOLD: lambda _found: _("It is suspended: nobody knows when it will go on."),
    forecasts.LAB_CLOSED: lambda _found: _("The lab is closed: ask again once it is open."),
    forecasts.CHANGED: lambda found: _n(
        "The rules have changed since: {n} request followed others.",
        "The rules have changed since: {n} requests followed others.",
        found.of,
    ),
    forecasts.OLDEST: lambda found: _n(
        "It has been there for longer than the one request that was there before ({waited}).",
        "It has been there for longer than each of the {n} requests that were there before ({waited}).",
        found.of,
        waited=_waited(found),
    ),
    forecasts.FEW: _few,
    forecasts.WAITING: _waiting,
}
