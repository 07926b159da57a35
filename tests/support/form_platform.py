"""A form platform on a free port, which answers as the documented one does, and fails as a test tells it to."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKEN = "jeton-de-test"
# Without its fragment in the query, an answer comes as another type: each must be asked for.
FRAGMENTS = (
    "TextChamp", "DateChamp", "DatetimeChamp", "CheckboxChamp", "YesNoChamp", "IntegerNumberChamp",
    "DecimalNumberChamp", "DropDownListChamp", "MultipleDropDownListChamp", "LinkedDropDownListChamp",
    "DepartementChamp", "PieceJustificativeChamp",
)  # fmt: skip
ASKED = {  # field -> what is asked for it, and the answer of a dossier that says nothing of it
    "title": ("TextChamp", {"text": "Un projet"}),
    "need": ("TextChamp", {"text": "Un besoin"}),
    "expected_outcome": ("TextChamp", {"text": "Un résultat"}),
    "outcome_predefined": ("YesNoChamp", {"selected": False}),
    "collaborative_share": ("IntegerNumberChamp", {"integerNumber": "60"}),
    "kind": ("DropDownListChamp", {"choice": "Accompagnement"}),
    "axis": ("DropDownListChamp", {"choice": "Innovation managériale"}),
    "service": ("DropDownListChamp", {"choice": "draio"}),
    "department": ("DepartementChamp", {"departement": {"name": "Hérault", "code": "34"}}),
    "place": ("DropDownListChamp", {"choice": "Hors les murs"}),
}
MAPPING = {f"Champ-{field}": field for field in ASKED}


def dossier(number: int, changed: str = "2026-01-05T09:00:00+01:00", **how: Any) -> dict[str, Any]:
    """A dossier that makes a valid form; `answers` gives some of its answers, field by field, None taking one away."""
    answers = {**{field: value for field, (_type, value) in ASKED.items()}, **how.pop("answers", {})}
    champs = [
        {"__typename": ASKED[field][0], "champDescriptorId": f"Champ-{field}", "label": "Question", **value}
        for field, value in answers.items()
        if value is not None
    ]
    return {
        "number": number,
        "state": "en_construction",
        "dateDepot": "2026-01-05T09:00:00+01:00",
        "dateDerniereModification": changed,
        "deposeParUnTiers": False,
        "usager": {"email": "noa.temoin@example.org"},
        "demandeur": {"__typename": "PersonnePhysique", "prenom": "Noa", "nom": "Témoin", "email": None},
        "champs": champs,
        **how,
    }


class Platform:
    """What the platform holds, what it was asked, and how the next requests fail, in turn."""

    def __init__(self) -> None:
        self.dossiers: list[dict[str, Any]] = []
        self.deleted: list[dict[str, Any]] = []
        self.page = 100  # dossiers
        self.asked: list[dict[str, Any]] = []
        self.faults: list[tuple[int, Mapping[str, str], str] | str] = []
        self.url = ""

    def answer(self, body: dict[str, Any]) -> Any:
        assert all(f"... on {name} " in body["query"] for name in FRAGMENTS)
        asked = body["variables"]
        self.asked.append({"operation": body["operationName"], **asked})
        if body["operationName"] == "deleted":
            return self._answered("deletedDossiers", self.deleted, asked)
        wanted = [d for d in self.dossiers if asked.get("state") in (None, d["state"])]
        return self._answered("dossiers", wanted, asked)

    def _answered(self, name: str, nodes: list[dict[str, Any]], asked: Mapping[str, Any]) -> Any:
        start = int(asked.get("after") or 0)
        end = start + self.page
        info = {"hasNextPage": end < len(nodes), "endCursor": str(end) if nodes else None}
        questions = [
            {"__typename": f"{type}Descriptor", "id": f"Champ-{field}", "label": field, "required": True}
            for field, (type, _value) in ASKED.items()
        ]
        found = {"pageInfo": info, "nodes": nodes[start:end]}
        revision = {"champDescriptors": questions}
        return {"data": {"demarche": {"number": 4242, "title": "Fiche", "activeRevision": revision, name: found}}}


@contextmanager
def running() -> Iterator[Platform]:
    """The platform while it answers."""
    platform = Platform()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            fault = platform.faults.pop(0) if platform.faults else None
            if isinstance(fault, tuple):
                self._send(fault[0], fault[2].encode(), fault[1])
            elif self.headers["Authorization"] != f"Bearer {TOKEN}":
                self._send(401, b'{"errors": [{"message": "Token expired"}]}')
            else:
                data = json.dumps(platform.answer(body)).encode()
                if fault == "cut":
                    self._send(200, data[: len(data) // 2], {"Content-Length": str(len(data))})
                elif fault == "halved":
                    self._send(200, data[: len(data) // 2])
                elif fault == "hang up":
                    self.connection.close()
                else:
                    self._send(200, data)

        def _send(self, status: int, data: bytes, headers: Mapping[str, str] | None = None) -> None:
            (self.send_response_only if headers and "Date" in headers else self.send_response)(status)
            for name, value in {"Content-Length": str(len(data)), "Connection": "close", **(headers or {})}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)
            self.close_connection = True

        def log_message(self, *_said: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    platform.url = f"http://127.0.0.1:{server.server_port}/graphql"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield platform
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
