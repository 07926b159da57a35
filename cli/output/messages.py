"""The messages of the outbox in people's words: what one is, what became of it, and why."""

from __future__ import annotations

from states.language import _


def message_kind(kind: str) -> str:
    """What a message is."""
    return {
        "invitation": _("invitation"),
        "change": _("change"),
        "cancellation": _("cancellation"),
        "release": _("no longer expected"),
        "escalation": _("alert"),
        "digest": _("digest"),
        "letter": _("letter"),
    }.get(kind, kind)


def message_status(status: str) -> str:
    """What became of a message."""
    return {
        "waiting": _("waiting"),
        "uncertain": _("uncertain"),
        "sent": _("sent"),
        "failed": _("failed"),
        "dropped": _("given up"),
    }.get(status, status)


def message_reason(code: str | None) -> str:
    """What a code of the outbox means; the server's own codes as they are."""
    if not code:
        return ""
    return {
        "erased": _("the address was erased"),
        "no_address": _("no e-mail address"),
        "malformed_address": _("an address that no server takes"),
        "left": _("no longer in the lab"),
        "settled": _("settled meanwhile"),
        "undone": _("what it says was undone"),
        "template": _("its text cannot be filled: coop lifecycle check"),
        "past": _("its moment is past"),
        "nothing_to_say": _("nothing to say"),
        "superseded": _("a later message stands for it"),
        "never_announced": _("the meeting had not been announced"),
        "as_announced": _("what was said already holds"),
        "by_hand": _("given up by hand"),
        "no_answer": _("the server did not say whether it took it"),
        "timeout": _("the server did not answer in time"),
        "disconnected": _("the server hung up"),
        "unreachable": _("the server cannot be reached"),
        "tls": _("the server’s certificate cannot be trusted"),
        "not_supported": _("the server does not take such addresses"),
    }.get(code, _("the server said {code}", code=code) if code[:1].isdigit() else code)
