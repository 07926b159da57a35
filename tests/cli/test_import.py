"""`coop import`: forms from the form platform, and what it says otherwise once we moved on."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from desk import SAMPLES, Desk
from form_platform import MAPPING, TOKEN, Platform, dossier, running

LATER, LATEST = "2026-01-11T10:00:00+01:00", "2026-01-12T10:00:00+01:00"


@pytest.fixture
def platform(monkeypatch: pytest.MonkeyPatch) -> Iterator[Platform]:
    monkeypatch.setenv("COOP_DEMARCHE_TOKEN", TOKEN)
    monkeypatch.setenv("COOP_LANG", "fr")
    with running() as found:
        yield found


@pytest.fixture
def lab(desk: Desk, tmp_path: Path) -> Desk:
    """A lab with the mapping of the platform; Tuesday 13 January."""
    lines = [f'"{id}" = "{field}"' for id, field in MAPPING.items()]
    (tmp_path / "demarche.toml").write_text("[champs]\n" + "\n".join(lines), "utf-8")
    return desk.at("2026-01-13T09:00+01:00")


def words(platform: Platform, tmp_path: Path, *more: str) -> tuple[str, ...]:
    mapping = str(tmp_path / "demarche.toml")
    return ("import", "demarche", "--number", "4242", "--mapping", mapping, "--url", platform.url, *more)


# --- What comes in ---


def test_answers_in_files_are_received_once(desk: Desk) -> None:
    desk.at("2026-04-02T09:00+02:00")
    pages = [str(SAMPLES / f"demarche-page-{n}.json") for n in (1, 2, 3)]
    how = ("import", "demarche", "--mapping", str(SAMPLES / "demarche-mapping.toml"), "--from-files", *pages)
    first, again = desk.json(*how), desk.json(*how)
    assert (len(first["received"]), first["rejected"], first["pages"]) == (30, [], 3)
    assert (first["received"][0]["ref"], first["received"][0]["external_id"]) == ("2026-0001", "111009")
    assert (len(again["received"]), len(again["skipped"]), again["amended"], again["conflicts"]) == (0, 30, [], [])


def test_a_first_mapping_is_written_from_the_questions(desk: Desk, tmp_path: Path) -> None:
    desk.at("2026-04-02T09:00+02:00")
    page = str(SAMPLES / "demarche-page-1.json")
    written = desk.coop("import", "demarche", "--describe", "--from-files", page)
    (tmp_path / "first.toml").write_text(written.out, "utf-8")
    found = desk.json("import", "demarche", "--mapping", str(tmp_path / "first.toml"), "--from-files", page)
    assert (len(found["received"]), found["rejected"]) == (10, [])


def test_dossiers_come_from_the_platform(lab: Desk, platform: Platform, tmp_path: Path) -> None:
    platform.page = 2
    platform.dossiers = [
        dossier(1), dossier(2, answers={"collaborative_share": {"integerNumber": "cent"}}), dossier(3),
        dossier(3), dossier(4, state="accepte"), dossier(5, deposeParUnTiers=True),
    ]  # fmt: skip
    printed = lab.coop(*words(platform, tmp_path))
    assert printed.exit == 0
    assert "3 fiches reçues, 1 à corriger, laissées de côté pour leur état sur la plateforme" in printed.out
    assert "accepte (1)" in printed.out
    assert "1 donnée deux fois" in printed.out
    assert "démarche 4242, dossier 2" in printed.err
    assert "démarche 4242, dossier 5" in printed.err
    assert [request["ref"] for request in lab.json("list")] == ["2026-0001", "2026-0002", "2026-0003"]
    assert lab.json("show", "1")["form"]["requester"]["email"] == "noa.temoin@example.org"


def test_a_dry_run_keeps_nothing(lab: Desk, platform: Platform, tmp_path: Path) -> None:
    platform.dossiers = [dossier(1), dossier(2)]
    assert len(lab.json(*words(platform, tmp_path, "--dry-run"))["received"]) == 2
    assert lab.json("list") == []


def test_what_came_before_a_failure_is_kept_and_the_same_command_goes_on(
    lab: Desk, platform: Platform, tmp_path: Path
) -> None:
    platform.page, platform.dossiers = 1, [dossier(1), dossier(2)]
    refuses = (403, {}, "forbidden network")

    def fails_at_the_second(body: dict[str, Any]) -> Any:
        answer = Platform.answer(platform, body)
        platform.faults.append(refuses)
        return answer

    platform.answer = fails_at_the_second  # type: ignore[method-assign]
    failed = lab.coop(*words(platform, tmp_path))
    assert failed.exit == 2
    assert "2026-0001" in failed.err
    del platform.answer
    platform.faults.clear()
    assert [new["external_id"] for new in lab.json(*words(platform, tmp_path))["received"]] == ["2"]


def test_without_a_mapping_the_command_that_writes_one_is_proposed(platform: Platform, lab: Desk) -> None:
    hint = lab.fails(2, "import", "demarche", "--number", "4242", "--url", platform.url)["hint"]
    written = lab.coop(*shlex.split(hint)[1:])
    assert '"Champ-title" = "title"' in written.out


# --- What it says otherwise since ---


def test_a_change_is_taken_over_while_nothing_was_done(lab: Desk, platform: Platform, tmp_path: Path) -> None:
    platform.dossiers = [dossier(1)]
    lab.json(*words(platform, tmp_path))
    platform.dossiers = [dossier(1, LATER, answers={"title": {"text": "Un autre titre"}})]
    printed = lab.coop(*words(platform, tmp_path))
    assert "2026-0001 : repris de la plateforme : Intitulé du projet" in printed.out.replace("\u00a0", " ")
    assert lab.json("show", "1")["form"]["title"] == "Un autre titre"
    assert lab.json("import", "conflicts")["conflicts"] == []


@pytest.fixture
def conflict(lab: Desk, platform: Platform, tmp_path: Path) -> Desk:
    """A request prequalified here, whose title and share then change there."""
    platform.dossiers = [dossier(1)]
    lab.json(*words(platform, tmp_path))
    lab.json("prequalify", "1")
    changed = {"title": {"text": "Un autre titre"}, "collaborative_share": {"integerNumber": "70"}}
    platform.dossiers = [dossier(1, LATER, answers=changed)]
    assert lab.json(*words(platform, tmp_path))["conflicts"] == ["2026-0001"]
    return lab


def test_a_change_after_we_moved_on_is_never_taken_over_in_silence(conflict: Desk) -> None:
    assert conflict.json("show", "1")["form"]["title"] == "Un projet"
    (found,) = conflict.json("import", "conflicts")["conflicts"]
    assert (found["ref"], found["external_id"], found["deleted"]) == ("2026-0001", "1", None)
    assert found["changes"] == [
        {"field": "title", "ours": "Un projet", "theirs": "Un autre titre", "frozen": False},
        {"field": "collaborative_share", "ours": 60, "theirs": 70, "frozen": True},
    ]


def test_the_command_of_a_conflict_settles_what_it_may(conflict: Desk) -> None:
    printed = conflict.coop("import", "conflicts").out
    (command,) = [line.strip()[2:] for line in printed.splitlines() if "coop amend" in line]
    assert conflict.coop(*shlex.split(command)[1:]).exit == 0
    (found,) = conflict.json("import", "conflicts")["conflicts"]
    assert [change["field"] for change in found["changes"]] == ["collaborative_share"]


def test_what_is_kept_here_is_not_asked_again_until_it_changes_again(
    conflict: Desk, platform: Platform, tmp_path: Path
) -> None:
    assert conflict.coop("import", "settle", "1", "--note", "vu avec la cheffe de projet").exit == 0
    assert conflict.json("import", "conflicts")["conflicts"] == []
    assert conflict.json(*words(platform, tmp_path))["conflicts"] == []
    platform.dossiers = [dossier(1, LATEST, answers={"title": {"text": "Un troisième titre"}})]
    assert conflict.json(*words(platform, tmp_path))["conflicts"] == ["2026-0001"]
    assert conflict.fails(4, "import", "settle", "2", "--note", "x")["code"]
    assert conflict.coop("db", "verify").exit == 0


def test_what_is_deleted_there_is_told_and_not_deleted_here(lab: Desk, platform: Platform, tmp_path: Path) -> None:
    platform.dossiers = [dossier(1)]
    lab.json(*words(platform, tmp_path))
    platform.dossiers, platform.deleted = [], [{"number": 1, "reason": "user_request"}, {"number": 9, "reason": "x"}]
    assert lab.json(*words(platform, tmp_path))["conflicts"] == ["2026-0001"]
    assert "supprimé sur la plateforme (à la demande de l’usager)" in lab.coop("import", "conflicts").out
    assert lab.json("show", "1")["state"] == "received"
    assert lab.json(*words(platform, tmp_path))["conflicts"] == []


def test_a_mapping_that_names_what_is_not_asked_says_so(lab: Desk, platform: Platform, tmp_path: Path) -> None:
    file = tmp_path / "demarche.toml"
    file.write_text(file.read_text("utf-8") + '\n"Champ-ailleurs" = "experience"\n', "utf-8")
    platform.dossiers = [dossier(1)]
    printed = lab.coop(*words(platform, tmp_path))
    assert (printed.exit, "« Champ-ailleurs »" in printed.err.replace("\u00a0", " ")) == (0, True)


# --- The token ---


def test_the_token_is_asked_for_and_never_printed(
    lab: Desk, platform: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COOP_DEMARCHE_TOKEN", "un-jeton-perdu")
    refused = lab.coop(*words(platform, tmp_path))
    assert (refused.exit, "Token expired" in refused.err, "un-jeton-perdu" in refused.err) == (2, True, False)
    monkeypatch.delenv("COOP_DEMARCHE_TOKEN")
    assert "COOP_DEMARCHE_TOKEN" in lab.fails(2, *words(platform, tmp_path))["message"]
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\n", "utf-8")
    file.chmod(0o644)
    assert "chmod 600" in lab.fails(2, *words(platform, tmp_path, "--token-file", str(file)))["hint"]
    file.chmod(0o600)
    assert lab.json(*words(platform, tmp_path, "--token-file", str(file)))["received"] == []


@pytest.mark.parametrize("wrong", [(), ("--number", "1", "--from-files", "a.json"), ("--from-files",), ("a.json",)])
def test_a_demarche_is_named_in_one_way(lab: Desk, wrong: tuple[str, ...]) -> None:
    assert lab.fails(2, "import", "demarche", *wrong)["hint"]
