"""Commands killed just before and just after each step that lasts, at each in turn; and no step lasts elsewhere."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from knocks import KNOCKS, Knock, Stage
from places import Databases, Files

SEVERAL = ("apply", "tick")  # which commit more than once: on PostgreSQL the others are killed by `make soak`


@pytest.fixture(scope="module")
def file_stage(sqlite_places: Files, tmp_path_factory: pytest.TempPathFactory) -> Stage:
    return Stage(sqlite_places, tmp_path_factory.mktemp("stage") / "read", thorough=False)


@pytest.fixture(scope="module")
def postgresql_stage(postgresql_places: Databases, tmp_path_factory: pytest.TempPathFactory) -> Stage:
    return Stage(postgresql_places, tmp_path_factory.mktemp("stage") / "read", thorough=False)


@pytest.mark.parametrize(
    ("stage", "knock"),
    [
        pytest.param(stage, knock, id=f"{knock.name} {stage}")
        for stage in ("file_stage", "postgresql_stage")
        for knock in KNOCKS
        if stage == "file_stage" or knock.name in SEVERAL
    ],
)
def test_killed_at_each_crash_point_nothing_is_lost(stage: str, knock: Knock, request: pytest.FixtureRequest) -> None:
    found: Stage = request.getfixturevalue(stage)
    points = found.control(knock)[1].points
    assert {point.partition(" ")[0] for point in points} == {"before", "after"}
    for at, point in enumerate(points, 1):
        (end,) = found.kill(knock, {"at": at})
        assert end.killed, f"{knock.name} was to be killed at {point}"


# --- No step that lasts is taken elsewhere ---

ROOT = Path(__file__).parents[2]
LASTING = {
    "backup", "begin", "commit", "copy2", "copyfile", "fdatasync", "fsync", "hardlink_to", "move", "pwrite",
    "rename", "renames", "symlink_to", "write_bytes", "write_text",
}  # fmt: skip
# What looks like one and is none, and why.
HARMLESS = {
    ("cli/commands/begin/demo.py", "move"): "a half-year that is played again as easily",
    ("cli/commands/begin/demo.py", "write_bytes"): "into a throwaway folder",
    ("cli/completion/install.py", "open"): "a line at the end of a file that is its owner's",
    ("cli/session.py", "write_text"): "what `.` stands for: losing it costs a few keystrokes",
    ("handlers/exchange/event_logs/ocel_sqlite.py", "execute"): "into a part that is thrown away unless it is whole",
    ("handlers/review/formats/ods.py", "open"): "inside an archive that is then written whole",
    ("workflow/files.py", "open"): "a pipe or a terminal keeps nothing",
    ("workflow/store/backup.py", "copyfile"): "into a part that nobody reads before it is synced and has its name",
    ("workflow/store/database.py", "begin"): "to look, without a lock",
}


def lasting(call: ast.Call) -> str | None:
    """The name of a call that leaves something on the disk; None for another."""
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    words = [each.value for each in ast.walk(call) if isinstance(each, ast.Constant) and isinstance(each.value, str)]
    if ast.unparse(call.func) in ("os.replace", "os.link", "os.truncate", "shutil.copy"):
        return name
    if name == "replace":  # of a path: a text has two arguments
        return name if len(call.args) == 1 else None
    if name in ("open", "fdopen"):
        return name if {"w", "wb", "a", "ab", "x", "xb", "r+", "rb+", "r+b", "w+"} & {*words} else None
    if name in ("execute", "run"):
        return name if {"COMMIT", "END"} & {*words} else None
    ours = ast.unparse(call.func) == "turns.begin"  # which asks for turns
    return name if name in LASTING and isinstance(call.func, ast.Attribute) and not ours else None


def taken(path: Path) -> set[str]:
    """The steps that last which a module takes by itself."""
    tree = ast.parse(path.read_text("utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    named = {
        inside for call in calls if ast.unparse(call.func).startswith("durable.") for inside in ast.walk(call)
    }  # their own arguments
    return {name for call in calls if call not in named and (name := lasting(call))}


def test_every_step_that_lasts_has_its_crash_points() -> None:
    found = {
        (str(path.relative_to(ROOT)), name)
        for room in ("workflow", "handlers", "cli")
        for path in sorted((ROOT / room).rglob("*.py"))
        if "testing" not in path.parts and path.name != "durable.py"
        for name in taken(path)
    }
    assert found == {*HARMLESS}


@pytest.mark.parametrize(
    ("code", "steps"),
    [
        ("os.replace(a, b)", {"replace"}),
        ("part.replace(target)", {"replace"}),
        ("text.replace('a', 'b')", set()),
        ("cursor.execute('COMMIT')", {"execute"}),
        ("with connection.begin(): pass", {"begin"}),
        ("durable.step('copy', lambda: here.backup(there))", set()),
        ("path.open('w').write(text)", {"open"}),
        ("path.open('rb').read()", set()),
        ("os.fsync(file)", {"fsync"}),
        ("path.write_text(text)", {"write_text"}),
    ],
)
def test_a_step_that_lasts_is_recognised(code: str, steps: set[str], tmp_path: Path) -> None:
    (tmp_path / "module.py").write_text(code, "utf-8")
    assert taken(tmp_path / "module.py") == steps
