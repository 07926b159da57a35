"""The figures of a review counted again from the tables of a SQLite store, by a program that shares nothing with ours.

Only the standard library, and the text of contract.md (“How the review counts”). Deadlines alone are taken as the
product lists them: counting working days again is the work of other tests.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")
TOULOUSE = {"09", "12", "31", "32", "46", "65", "81", "82"}
FINAL = {"closed", "declined", "withdrawn", "cancelled"}


def utc(day: date) -> str:
    return datetime(day.year, day.month, day.day, tzinfo=PARIS).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def recount(
    file: str, first: date, last: date, regional: set[str], hourly: int, known_at: str = "9999"
) -> dict[str, Any]:
    """The figures of a period, both days included, as known at an instant."""
    return Recount(file, known_at).figures(first, last, regional, hourly)


class Recount:
    """The effective entries of a store, stream by stream."""

    def __init__(self, file: str, known_at: str) -> None:
        self.known_at = known_at
        database = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
        rows = database.execute(
            "SELECT stream, seq, event, from_state, to_state, occurred_at, data FROM entries WHERE recorded_at <= ?"
            " ORDER BY stream, seq",
            (known_at,),
        ).fetchall()
        database.close()
        self.all: dict[str, list[dict[str, Any]]] = defaultdict(list)
        names = ("stream", "seq", "event", "source", "to", "at", "data")
        for row in rows:
            entry = dict(zip(names, row, strict=True))
            entry["data"] = json.loads(entry["data"])
            self.all[entry["stream"]].append(entry)
        self.lab = self.all.pop("lab")
        self.gone = {(s, e["data"]["corrects"]) for s, es in self.all.items() for e in es if "corrects" in e["data"]}

    def effective(self, stream: str) -> list[dict[str, Any]]:
        return [e for e in self.all[stream] if "corrects" not in e["data"] and (stream, e["seq"]) not in self.gone]

    def form(self, stream: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for e in self.effective(stream):
            if e["event"] in ("submit", "provide_info", "amend", "plan_activity", "amend_activity", "register"):
                found |= e["data"]
        return found

    def said(self, stream: str, meeting: str, name: str) -> Any:
        """What was last said of a meeting."""
        told = [e["data"] for e in self.effective(stream) if e["data"].get("meeting") == meeting]
        return ([data[name] for data in told if name in data] or [None])[-1]

    def place(self, stream: str, meeting: str, seq: int) -> tuple[str, str, int]:
        """Where, when and for how long a meeting was planned, at the time of an entry."""
        place, at, duration = "", "", 0
        for e in self.effective(stream):
            if e["seq"] < seq and e["data"].get("meeting") == meeting:
                place = e["data"].get("place", place)
                at = e["data"].get("at", at)
                duration = e["data"].get("duration", duration)
        return place, at, duration

    def figures(self, first: date, last: date, regional: set[str], hourly: int) -> dict[str, Any]:
        start, end = utc(first), utc(last + timedelta(days=1))
        inside = [e for s in self.all for e in self.effective(s) if start <= e["at"] < end]
        of = lambda *events: [e for e in inside if e["event"] in events]  # noqa: E731
        into = lambda state: [e for e in inside if e["to"] == state != e["source"] and "A" not in e["stream"]]  # noqa: E731
        requests = [s for s in self.all if "A" not in s]
        held = [e for s in self.all for e in self.effective(s) if start <= self.begun(e) < end]
        support = [e for e in held if e["event"] in ("hold_meeting", "hold_session")]
        kind = lambda s: self.form(s)["kind"]  # noqa: E731
        accompanied = {e["stream"] for e in support if kind(e["stream"]) == "accompanied"}
        gatherings = [e for e in held if e["event"] in ("hold_session", "hold_activity")]
        return {
            "open_at_start": sum(self.open_at(s, start) is not None for s in requests),
            "received": len(of("submit")),
            "reopened": sum(e["source"] in FINAL and e["to"] not in FINAL and "A" not in e["stream"] for e in inside),
            "accepted": len(of("prequalify")),
            **{state: len(into(state)) for state in FINAL},
            "decline_reasons": dict(Counter(e["data"]["reason"] for e in into("declined"))),
            "open_by_state": dict(Counter(filter(None, (self.open_at(s, end) for s in requests)))),
            "by_tier": dict(Counter(self.tier(s, end) for s in accompanied)),
            "by_axis": dict(Counter(self.form(s)["axis"] for s in accompanied)),
            "by_department": dict(Counter(self.form(s)["department"] for s in accompanied)),
            "by_academy": dict(
                Counter("toulouse" if self.form(s)["department"] in TOULOUSE else "montpellier" for s in accompanied)
            ),
            "agreement": {
                "closed": self.agreed(into("closed")),
                "declined": self.agreed(into("declined")),
                "tier_changed": self.agreed(of("change_tier")),
            },
            "exchange": self.exchange(first, last, held),
            "off_site_by_department": dict(
                Counter(
                    self.said(e["stream"], e["data"]["meeting"], "department") or "unsaid"
                    for e in held
                    if self.place(e["stream"], e["data"]["meeting"], e["seq"])[0] == "hors_les_murs"
                )
            ),
            "projects_accompanied": len({self.project(s) for s in accompanied}),
            "managers_participating": sum(
                e["data"].get("managers", 0) for e in gatherings if self.form(e["stream"])["axis"] == "management"
            ),
            "attendance_rate": self.attendance(
                [e for e in gatherings if self.form(e["stream"])["axis"] == "acculturation"]
            ),
            "attendance_rate_all": self.attendance(gatherings),
            "services_participating": len(
                regional
                & (
                    {self.form(e["stream"])["service"] for e in support}
                    | {code for e in gatherings for code in e["data"].get("services", ())}
                )
            ),
            "deliverables": len(of("record_deliverable")),
            "satisfaction": self.mean(of("record_satisfaction", "evaluate_activity")),
            "return_on_investment": self.roi(of("record_effort", "record_follow_up"), hourly),
            "space_usage_rate": len(self.used(first, last, held)) / (2 * len(list(self.open_days(first, last)))),
            "lead_times": self.lead_times(requests, start, end),
            "project_committees": sum(bool(e["data"].get("committee")) for e in of("comment")),
            "corrections": sum(
                1 for s, es in self.all.items() for e in es if (s, e["seq"]) in self.gone and start <= e["at"] < end
            ),
            "alerts": dict(
                Counter(e["data"]["rule"] for e in self.lab if e["event"] == "alert_raised" and start <= e["at"] < end)
            ),
        }

    def agreed(self, entries: list[dict[str, Any]]) -> dict[str, int]:
        words = {True: "yes", False: "no", None: "unsaid"}
        return dict(Counter(words[e["data"].get("agreed")] for e in entries))

    def exchange(self, first: date, last: date, held: list[dict[str, Any]]) -> dict[str, int]:
        """Days swapped with the other lab, and meetings in Toulouse, which is its place."""
        swaps = [e["data"] for e in self.lab if e["event"] == "place_swapped"]
        days = {e["stream"] + e["data"]["meeting"]: self.begun(e) for e in held}
        used = {
            (self.place(e["stream"], e["data"]["meeting"], e["seq"])[0],
             datetime.fromisoformat(days[e["stream"] + e["data"]["meeting"]]).astimezone(PARIS).date().isoformat())
            for e in held
        }  # fmt: skip
        inside = lambda name: [s for s in swaps if first.isoformat() <= s[name] <= last.isoformat()]  # noqa: E731
        there = [e for e in held if self.place(e["stream"], e["data"]["meeting"], e["seq"])[0] == "toulouse"]
        agreed = sum(bool(self.said(e["stream"], e["data"]["meeting"], "agreed")) for e in there)
        return {
            "days_gained": len(inside("gained")),
            "days_gained_used": sum((s["place"], s["gained"]) in used for s in inside("gained")),
            "days_given": len(inside("given")),
            "held_agreed": agreed,
            "held_not_agreed": len(there) - agreed,
        }

    def open_at(self, stream: str, end: str) -> str | None:
        state = None
        for e in self.effective(stream):
            if e["at"] < end and (e["source"] is None or e["to"] != e["source"]):
                state = e["to"]
        return None if state in FINAL else state

    def tier(self, stream: str, end: str) -> str:
        found = [e for e in self.effective(stream) if e["event"] in ("assign_tier", "change_tier") and e["at"] < end]
        return str(found[-1]["data"]["tier"])

    def project(self, stream: str) -> str:
        while before := self.form(stream).get("follows"):
            stream = before
        return stream

    def attendance(self, held: list[dict[str, Any]]) -> float | None:
        both = []
        for e in held:
            expected = e["data"].get("expected", e["data"].get("registered", self.form(e["stream"]).get("registered")))
            if expected is not None and e["data"].get("attended") is not None:
                both.append((e["data"]["attended"], expected))
        return sum(a for a, _e in both) / sum(e for _a, e in both) if both else None

    def mean(self, entries: list[dict[str, Any]]) -> float | None:
        weights = [(float(e["data"]["score"]), e["data"].get("respondents", 1)) for e in entries]
        return sum(score * n for score, n in weights) / sum(n for _score, n in weights) if weights else None

    def roi(self, entries: list[dict[str, Any]], hourly: int) -> float | None:
        cost = sum(float(e["data"].get("cost", 0)) + hourly * float(e["data"].get("hours", 0)) for e in entries)
        gain = sum(float(e["data"].get("gain", 0)) for e in entries)
        return (gain - cost) / cost if cost and any("gain" in e["data"] for e in entries) else None

    def begun(self, e: dict[str, Any]) -> str:
        """When what an entry says was held really began; nothing else began at all."""
        if not e["event"].startswith("hold_"):
            return ""
        return str(e["data"].get("started_at") or self.place(e["stream"], e["data"]["meeting"], e["seq"])[1])

    def used(self, first: date, last: date, held: list[dict[str, Any]]) -> set[tuple[date, bool]]:
        found = set()
        for e in held:
            place, _at, length = self.place(e["stream"], e["data"]["meeting"], e["seq"])
            begun = datetime.fromisoformat(self.begun(e)).astimezone(PARIS)
            over = begun + timedelta(minutes=e["data"].get("duration", length))
            if place == "montpellier" and first <= begun.date() <= last:
                noon = begun.replace(hour=13, minute=0, second=0)
                found |= {(begun.date(), False)} if begun < noon else set()
                found |= {(begun.date(), True)} if over > noon else set()
        return found

    def open_days(self, first: date, last: date) -> Iterator[date]:
        """Montpellier: four days a week, less what is closed, plus and minus what was swapped."""
        closed: set[date] = set()
        gained: set[date] = set()
        for e in self.lab:
            data, day = e["data"], date.fromisoformat
            if e["event"] == "holidays_copied":
                closed |= {day(text) for text in data["days"]}
            elif e["event"] in ("calendar_closed", "place_closed") and data.get("place") in (None, "montpellier"):
                here, until = day(data["first"]), day(data["last"])
                closed |= {here + timedelta(days=n) for n in range((until - here).days + 1)}
            elif e["event"] == "place_swapped" and data["place"] == "montpellier":
                gained.add(day(data["gained"]))
                closed.add(day(data["given"]))
            assert e["event"] not in ("calendar_reopened", "place_reopened", "swap_cancelled"), "not counted here"
        here = first
        while here <= last:
            if here not in closed and ((here.weekday() < 5 and here.weekday() != 3) or here in gained):
                yield here
            here += timedelta(days=1)

    def lead_times(self, requests: list[str], start: str, end: str) -> dict[str, tuple[int, float]]:
        days: dict[str, list[float]] = defaultdict(list)
        for stream in requests:
            since, state = "", ""
            for e in self.effective(stream):
                if e["source"] is None or e["to"] != state:
                    if state and start <= e["at"] < end and e["source"] != e["to"]:
                        lasted = datetime.fromisoformat(e["at"]) - datetime.fromisoformat(since)
                        days[state].append(lasted.total_seconds() / 86400)
                    if e["source"] != e["to"]:
                        since, state = e["at"], e["to"]
        return {state: (len(found), median(found)) for state, found in days.items()}
