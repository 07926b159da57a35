"""Where each shell looks for completions, and putting the script there.

Fish, and bash with the package bash-completion, look in a folder of the user's. Zsh, bash alone and PowerShell are
told by a line in the file they read when they start, which is added once, under a comment that says whose it is.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from pathlib import Path

from attrs import define, field

from cli.output.terminal import printable
from states.causes import cause
from states.errors import WrongUsage
from states.language import _
from workflow.files import write_whole

MARK = "# Completion of the command coop (coop completion --install)"
# Where bash-completion itself is, if it is installed: Debian and most others, Homebrew twice, FreeBSD.
BASH_COMPLETION = (
    "/usr/share/bash-completion/bash_completion",
    "/opt/homebrew/etc/profile.d/bash_completion.sh",
    "/usr/local/etc/profile.d/bash_completion.sh",
    "/usr/local/share/bash-completion/bash_completion.sh",
)


@define
class Installed:
    """What was done: the script's file, every file changed, and the sentences that say so."""

    file: Path
    changed: list[Path] = field(factory=list)
    lines: list[str] = field(factory=list)


def install(shell: str, script: str) -> Installed:
    """Puts the script where the shell looks; repeated, it changes nothing that is right already."""
    place = {"bash": _bash, "zsh": _zsh, "fish": _fish, "powershell": _powershell}[shell]
    try:
        return place(script)
    except OSError as problem:
        raise WrongUsage(_("The completion could not be installed: {problem}.", problem=cause(problem))) from None


def _home() -> Path:
    return Path(os.environ.get("HOME") or Path.home())


def _folder(variable: str, default: str) -> Path:
    found = os.environ.get(variable)
    return Path(found) if found else _home() / default


def _fish(script: str) -> Installed:
    done = Installed(_folder("XDG_CONFIG_HOME", ".config") / "fish/completions/coop.fish")
    _write(done, done.file, script)
    done.lines.append(_("The next fish will complete coop."))
    return done


def _bash(script: str) -> Installed:
    own = _folder("XDG_DATA_HOME", ".local/share") / "bash-completion"
    done = Installed(_folder("BASH_COMPLETION_USER_DIR", str(own)) / "completions/coop")
    _write(done, done.file, script)
    if not any(Path(path).exists() for path in BASH_COMPLETION):
        _add_line(done, _home() / ".bashrc", f"source {_quoted(done.file)}")
    done.lines.append(_("The next bash will complete coop."))
    return done


def _zsh(script: str) -> Installed:
    folder = _folder("ZDOTDIR", "")
    done = Installed(folder / ".zfunc/_coop")
    _write(done, done.file, script)
    _add_line(done, folder / ".zshrc", f"fpath+=({_quoted(done.file.parent)}); autoload -Uz compinit && compinit")
    done.lines.append(_("The next zsh will complete coop."))
    return done


def _powershell(script: str) -> Installed:
    profile = _profile()
    done = Installed(profile.parent / "coop-completion.ps1")
    _write(done, done.file, script)
    _add_line(done, profile, ". '" + str(done.file).replace("'", "''") + "'")
    done.lines.append(_("The next PowerShell will complete coop."))
    return done


def _profile() -> Path:
    """The profile of the user's PowerShell, asked of itself: on Windows its folder may be anywhere."""
    for name in ("pwsh", "powershell"):
        if found := shutil.which(name):
            asked = [found, "-NoProfile", "-NonInteractive", "-Command", "$PROFILE.CurrentUserAllHosts"]
            said = subprocess.run(asked, capture_output=True, text=True, timeout=60, check=False).stdout.strip()
            if said:
                return Path(said)
    raise WrongUsage(
        _("PowerShell was not found here, so its profile is not known."),
        hint=_("In PowerShell: coop completion powershell | Out-String | Invoke-Expression"),
    )


def _quoted(path: Path) -> str:
    return shlex.quote(str(path))


def _write(done: Installed, path: Path, script: str) -> None:
    if path.exists() and path.read_text("utf-8") == script:
        done.lines.append(_("Already there: {path}", path=printable(path)))
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, script.encode(), mode=0o644)
    done.changed.append(path)
    done.lines.append(_("Written: {path}", path=printable(path)))


def _add_line(done: Installed, path: Path, line: str) -> None:
    """Adds a line at the end of a file the shell reads when it starts, unless it is there."""
    text = path.read_text("utf-8", errors="surrogateescape") if path.exists() else ""
    if line in text.splitlines():
        done.lines.append(_("Already there: {path}", path=printable(path)))
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as end:
        end.write(("" if not text or text.endswith("\n") else "\n") + f"\n{MARK}\n{line}\n")
    done.changed.append(path)
    done.lines.append(_("Added to {path}: {line}", path=printable(path), line=printable(line)))
