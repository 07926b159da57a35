"""The example of CONTRIBUTING on `workflow.testing` does what it says."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_example_of_a_test_runs(tmp_path: Path) -> None:
    section = (ROOT / "CONTRIBUTING.md").read_text("utf-8").partition("### Tests of another lab")[2]
    (code,) = re.findall(r"```python\n(.*?)```", section.partition("\n### ")[0], re.DOTALL)
    names: dict[str, object] = {}
    exec(code, names)
    (test,) = [value for name, value in names.items() if name.startswith("test_") and callable(value)]
    test(tmp_path)
