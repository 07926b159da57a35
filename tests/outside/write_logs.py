"""Writes the logs of a store and the nets of its declaration, for a program of process mining that runs apart.

    python tests/outside/write_logs.py FOLDER

FOLDER holds `coop.db`. Its nets are made from the declaration alone: a place for each state, a transition for each way
from one to another.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from states.declaration.documents import shipped
from states.declaration.model import Declaration
from states.verification.loading import load

COMMANDS = {
    "log.xes": ("xes",), "whole.xes": ("xes", "--all"), "log.json": ("ocel",), "log.sqlite": ("ocel",),
    "whole.json": ("ocel", "--all"), "whole.sqlite": ("ocel", "--all"),
}  # fmt: skip
BEFORE = "before"  # the place before a history begins


def net(declaration: Declaration, prefix: str = "") -> dict[str, object]:
    """Every way of a lifecycle: from a state, by an event, to a state."""
    ways = [(BEFORE, prefix + declaration.creation, declaration.initial)]
    for code, edges in declaration.edges.items():
        ways += [(edge.source, prefix + code, target) for edge in edges for target in edge.targets]
    return {"start": BEFORE, "ways": sorted(set(ways))}


def main(folder: Path) -> None:
    for name, words in COMMANDS.items():
        command = ["coop", "--db", str(folder / "coop.db"), "--as", "camille", "export", *words]
        program = Path(sys.executable).with_name(command[0])
        subprocess.run([str(program), *command[1:], "--out", str(folder / name)], check=True)
    declaration = load(shipped())
    nets = {"requests": net(declaration), "activities": net(declaration.activities, "activity:")}
    (folder / "nets.json").write_text(json.dumps(nets), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
