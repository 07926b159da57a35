"""The platform over HTTP: one page at a time, as its documentation asks, and again when it is busy or away.

A page is asked again after an error of the server, a time-out, an answer cut short (five times, each after twice as
long) and after 429, once the time it says is over. What refuses the token, or the démarche, is told at once. The
token leaves for the platform alone: a redirection is not followed.
"""

from __future__ import annotations

import http.client
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from email.message import Message
from email.utils import parsedate_to_datetime
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

from attrs import Factory, define, field

from handlers.exchange.demarche.pages import Json, Page, page_of
from handlers.plain_text import one_line
from states.causes import cause, quoted
from states.errors import PlatformUnreachable, WrongUsage
from states.language import _

HOME = "https://demarche.numerique.gouv.fr/api/v2/graphql"
HERE = ("localhost", "127.0.0.1", "::1")  # where a token may travel unencrypted
TRIES = 5
PATIENCE = 30  # seconds for an answer
LONGEST_WAIT = 600  # seconds that a platform may ask us to wait
LARGEST = 100_000_000  # bytes of an answer; a page of a hundred dossiers is below five million


class _Later(Exception):
    """The answer did not come, and may come later: after so many seconds, if the platform said."""

    def __init__(self, reason: str, after: float | None = None) -> None:
        self.reason, self.after = reason, after
        super().__init__(reason)


class _NoRedirection(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_given: Any) -> None:
        return None


@define
class Platform:
    """A démarche on the platform; raises PlatformUnreachable when it does not answer, Invalid when it refuses."""

    number: int
    token: str = field(repr=False)
    url: str = HOME
    wait: Callable[[float], None] = time.sleep
    told: Callable[[str], None] = lambda _sentence: None  # is given why it is waited
    _opener: urllib.request.OpenerDirector = Factory(lambda: urllib.request.build_opener(_NoRedirection))

    def __attrs_post_init__(self) -> None:
        address = urlsplit(self.url)
        if address.scheme != "https" and not (address.scheme == "http" and address.hostname in HERE):
            raise WrongUsage(_("The platform is asked over https: {url} is not.", url=quoted(self.url)))

    def dossiers(self, state: str | None = None, since: str | None = None) -> Iterator[Page]:
        """Its dossiers, page after page, of one state or of all, changed since an instant or ever."""
        return self._pages("dossiers", "dossiers", {"state": state, "updatedSince": since})

    def deleted(self, since: str | None = None) -> Iterator[Page]:
        """The dossiers that were deleted there."""
        return self._pages("deleted", "deletedDossiers", {"since": since})

    def _pages(self, operation: str, wanted: str, variables: Mapping[str, Any]) -> Iterator[Page]:
        place, after, seen = _("démarche {number}", number=self.number), None, set[str]()
        while True:
            answer = self._asked(operation, {"number": self.number, "after": after, **variables})
            page = page_of(answer, place, wanted)
            yield page
            if page.next is None:
                return
            if page.next in seen:
                raise PlatformUnreachable(_("The platform gives the same page again and again: nothing follows it."))
            seen.add(page.next)
            after = page.next

    def _asked(self, operation: str, variables: Mapping[str, Any]) -> Json:
        given = {name: value for name, value in variables.items() if value is not None}
        body = json.dumps({"query": _QUERY, "operationName": operation, "variables": given}).encode()
        attempt = 1
        while True:
            try:
                return self._answer(body)
            except _Later as busy:
                if attempt == TRIES or (busy.after or 0) > LONGEST_WAIT:
                    hint = _("What was received before is kept: type the same command again later.")
                    reason = _("The platform does not answer: {reason}.", reason=busy.reason)
                    raise PlatformUnreachable(reason, hint=hint) from None
                seconds = busy.after if busy.after is not None else float(2**attempt)
                self.told(_("{reason}; asked again in {n} s.", reason=busy.reason, n=round(seconds)))
                self.wait(seconds)
                attempt += 1

    def _answer(self, body: bytes) -> Json:
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self.token}"}
        # The scheme was seen to be https, or http on this very machine, as the platform was made.
        request = urllib.request.Request(self.url, data=body, headers=headers, method="POST")  # noqa: S310 - https, or this machine: looked at above
        try:
            with self._opener.open(request, timeout=PATIENCE) as response:
                data = response.read(LARGEST)
        except urllib.error.HTTPError as problem:
            with problem:  # its body is read, its connection closed
                raise self._failure(problem) from None
        except (OSError, http.client.HTTPException) as problem:
            raise _Later(_why(problem)) from None
        try:
            answer: Json = json.loads(data)
        except (ValueError, RecursionError):
            raise _Later(_("an answer cut short")) from None
        return answer

    def _failure(self, problem: urllib.error.HTTPError) -> Exception:
        status = problem.code
        if status == 429:
            return _Later(_("asked too often"), _seconds(problem.headers, 60))
        if status >= 500:
            return _Later(_("HTTP error {status}", status=status), _seconds(problem.headers, None))
        if status in (301, 302, 303, 307, 308):
            elsewhere = quoted(problem.headers.get("Location") or "")
            return WrongUsage(_("The platform has moved to {url}: give that address with --url.", url=elsewhere))
        said = one_line(problem.read(2000).decode("utf-8", "replace")) or str(problem.reason)
        if status in (401, 403):
            hint = _("A token is made by an administrator of the démarche, for a time and for some networks.")
            return WrongUsage(_("The platform refuses the token: {reason}", reason=_message(said)), hint=hint)
        return WrongUsage(
            _("The platform refuses what is asked (HTTP {status}): {reason}", status=status, reason=_message(said))
        )


_QUERY = files(__package__).joinpath("dossiers.graphql").read_text("utf-8")


def _message(said: str) -> str:
    """The messages of an error's body, else the body."""
    try:
        errors = json.loads(said)["errors"]
        return " ".join(str(error["message"]) for error in errors)
    except (ValueError, KeyError, TypeError):
        return said[:300]


def _why(problem: Exception) -> str:
    reason = getattr(problem, "reason", problem)
    if isinstance(problem, http.client.HTTPException):
        return _("an answer cut short")
    if isinstance(reason, TimeoutError):
        return _("no answer within {n} s", n=PATIENCE)
    return cause(reason) if isinstance(reason, OSError) else one_line(str(reason))


def _seconds(headers: Message, default: float | None) -> float | None:
    """What Retry-After says, a number of seconds or a date: the answer has its own beside it."""
    said = (headers.get("Retry-After") or "").strip()
    if said.isdigit():
        return float(said)
    try:
        return max(0.0, (parsedate_to_datetime(said) - parsedate_to_datetime(headers["Date"])).total_seconds())
    except (TypeError, ValueError, KeyError):
        return default
