"""The other process of `Lab.killed`: it applies commands until it is killed."""

from __future__ import annotations

import json
import os
import sys

from attrs import evolve

from states.declaration.types import moment
from workflow.engine import Command, Engine
from workflow.store.database import Store
from workflow.testing.crashes import die


def run(url: str, now: str, where: str) -> None:
    """Commands as JSON come in, the numbers of their entries go out; see `Lab.killed`."""
    engine = Engine(Store(url), lambda: moment(now))
    commands = [Command(**{**asked, "waive": tuple(asked["waive"])}) for asked in json.load(sys.stdin)]
    if where == "before_commit":
        with engine.store.writing() as tx:
            for command in commands:
                engine.apply_in(tx, command)
            tx.send()
            die(os.getpid())
    while True:
        for command in commands:
            print(engine.apply(command).entry.seq, flush=True)
        if where == "after_commit":
            die(os.getpid())
        commands = [evolve(command, key=None) for command in commands]


if __name__ == "__main__":
    run(*sys.argv[1:])
