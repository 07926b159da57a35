"""The systemd units of the guide are units that systemd takes, and their commands are commands of ours."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest
from generation import commands
from generation.markdown import ROOT

GUIDE = ROOT / "docs" / "guides" / "programmer-la-surveillance.md"
UNITS = re.findall(r"`/etc/systemd/system/([\w.-]+)`.*?```ini\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
STARTS = re.findall(r"/opt/coop/bin/coop (scheduler [^>\n]*)", GUIDE.read_text("utf-8"))


def test_the_guide_has_its_units() -> None:
    assert [name for name, _text in UNITS] == ["coop-veille.service", "coop-passage.service", "coop-passage.timer"]


@pytest.mark.parametrize("start", STARTS)
def test_what_they_start_can_be_typed(start: str) -> None:
    here: click.Command = commands.root().command
    for word in start.split()[:2]:
        assert isinstance(here, click.Group)
        found = here.get_command(click.Context(here), word)
        assert found is not None
        here = found
    here.make_context("coop", start.split()[2:])


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd here")
def test_systemd_takes_them(tmp_path: Path) -> None:
    for name, text in UNITS:
        (tmp_path / name).write_text(text.replace("/opt/coop/bin/coop", sys.executable), "utf-8")
    files = [str(tmp_path / name) for name, _text in UNITS]
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", *files], capture_output=True, text=True)
    told = "\n".join(line for line in done.stderr.splitlines() if "coop-" in line)
    assert (done.returncode, told) == (0, "")
