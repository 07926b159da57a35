"""Rule tests written in TOML: read with every mistake named, run each on a lab of its own, told where they fail."""

from __future__ import annotations

from pathlib import Path

import pytest

from states.declaration.model import Declaration
from states.declaration.toml_lines import elements
from states.errors import Invalid
from states.lifecycle.effects import Accept, effect_of
from workflow.engine import Applied
from workflow.lab.opening import checked, read_text
from workflow.testing import START, Lab, SimulatedClock
from workflow.testing.forms import form_for
from workflow.testing.rule_files import read_rules
from workflow.testing.rule_tests import Outcome, run
from workflow.views.alerts import Alarms

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "states/cooperative.toml"
LABS = (SHIPPED, ROOT / "examples/preau/preau.toml")


def written(folder: Path, text: str) -> str:
    file = folder / "rules.toml"
    file.write_text(text, "utf-8")
    return str(file)


# The steps of a test; then, of the one that fails, which it is, what is said to be expected, and obtained.
FAILING = [
    (['apply = "prequalify", refused = ["role"]'], 1, "refusé par role", "Préqualifiée"),
    (['apply = "close"'], 1, "close, enregistré", "refusé par state"),
    (['apply = "prequalify"', 'apply = "close", refused = ["role"]'], 2, "refusé par role", "refusé par state"),
    (['apply = "decline"'], 1, "decline", "reason"),
    (['apply = "prequalfy"'], 1, "un événement", "prequalfy. Vouliez-vous dire « prequalify » ?"),
    (["wait = 1", 'expect = { state = "qualified" }'], 2, 'state = "qualified"', '"received"'),
    (['expect = { late = ["received"] }'], 1, '["received"]', "[]"),
    (["wait = 6", "expect = { late = [] }"], 2, "[]", '["received"]'),
    (['expect = { due = { received = "2026-01-20" } }'], 1, "2026-01-20", '{ received = "2026-01-19" }'),
    (["expect = { stat = 1 }"], 1, "un nom", "stat. Vouliez-vous dire « state » ?"),
    (['until = "2026-01-01 09:00"'], 1, "2026-01-01 09:00", "lundi 12 janvier 2026"),
]
# A slot is found, the clock goes to a meeting that is held, a note that is owed is given; who may, acts.
PASSING = [
    'apply = "request_info"', 'apply = "provide_info", set = { participants = 12 }', 'apply = "prequalify"',
    'apply = "plan_interview"', 'expect = { planned = ["interview-1"] }', 'apply = "hold_interview"',
    'apply = "assign_tier", set = { tier = "50_50" }, note = "Nouveau"',
    'apply = "validate", set = { basis = "committee" }, as = "committee"',
    'expect = { validated = true, cap = 6, planned = [], state = "tier_assigned" }',
]  # fmt: skip


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> list[Outcome]:
    """What becomes of each of them, then of the one that passes, then of one whose form is not received."""
    lines = []
    for steps in (*(case[0] for case in FAILING), PASSING, ["wait = 1"]):
        lines += ["[[test]]", 'rule = "La règle"', "steps = [", *(f"  {{ {step} }}," for step in steps), "]"]
    lines.append('form = { kind = "group" }')
    found = read_rules(written(tmp_path_factory.mktemp("rules"), "\n".join(lines)))
    return list(run(*checked(read_text(str(SHIPPED)), SHIPPED.parent), found.tests))


@pytest.mark.parametrize("n", range(len(FAILING)))
def test_a_failure_says_its_line_what_was_expected_and_what_was_obtained(outcomes: list[Outcome], n: int) -> None:
    _steps, which, expected, obtained = FAILING[n]
    failure = outcomes[n].failure
    assert failure is not None
    assert failure.line == outcomes[n].test.line + 2 + which
    assert expected in failure.expected
    assert obtained in failure.obtained.replace("\u00a0", " ")


def test_what_is_not_said_suits(outcomes: list[Outcome]) -> None:
    assert outcomes[len(FAILING)].failure is None


def test_a_form_that_is_not_received_fails_at_its_test(outcomes: list[Outcome]) -> None:
    failure = outcomes[-1].failure
    assert failure is not None
    assert failure.line == outcomes[-1].test.line
    assert "kind" in failure.obtained


@pytest.mark.parametrize(
    ("text", "line", "field"),
    [
        ("", None, "test"),
        ('[[test]]\nrule = "R"', 1, "steps"),
        ('[[test]]\nsteps = [{ wait = 1 }]', 1, "rule"),
        ('[[test]]\nrule = "R"\nsteps = ["close"]', 3, "steps"),
        ('[[test]]\nrule = "R"\nstep = [{ wait = 1 }]', 3, "step"),
        ('[[test]]\nrule = "R"\nsteps = [\n  { wait = 1 },\n  { wayt = 1 },\n]', 5, "wayt"),
        ('[[test]]\nrule = "R"\nsteps = [\n  { wait = "1" },\n]', 4, "wait"),
        ('[[test]]\nrule = "R"\nsteps = [\n  { wait = true },\n]', 4, "wait"),
        ('[[test]]\nrule = "R"\nsteps = [\n  { wait = 1, apply = "close" },\n]', 4, "steps"),
        ('[[test]]\nrule = "R"\nsteps = [\n  { note = "x" },\n]', 4, "steps"),
        ('[[test]]\nrule = "R"\nsteps = [\n  { until = "demain" },\n]', 4, "until"),
        ('[[test]]\nrule = "R"\nstart = "lundi"\nsteps = [{ wait = 1 }]', 3, "start"),
        ('lab = 3\n[[test]]', 1, "lab"),
        ('[[test]]\nrule = "R', 2, "file"),
    ],
)  # fmt: skip
def test_a_mistake_of_writing_is_named_with_its_line(tmp_path: Path, text: str, line: int | None, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_rules(written(tmp_path, text))
    assert refused.value.exit == 6
    assert (field, line) in [(error.field, error.line) for error in refused.value.fields]


def test_no_step_is_left_out_however_it_is_written(tmp_path: Path) -> None:
    text = '[[test]]\nrule = "R"\n[[test.steps]]\nwait = 1\n[[test.steps]]\napply = "close"\n'
    (test,) = read_rules(written(tmp_path, text)).tests
    assert [(step.wait, step.apply) for step in test.steps] == [(1, ""), (0, "close")]


def test_every_mistake_is_named_at_once(tmp_path: Path) -> None:
    text = '[[test]]\nrule = "R"\nsteps = [\n  { a = 1 },\n  { wait = "x" },\n]\n'
    text += '[[test]]\nrule = "S"\nsteps = [ { b = 1 } ]'
    with pytest.raises(Invalid) as refused:
        read_rules(written(tmp_path, text))
    assert [(error.field, error.line) for error in refused.value.fields] == [("a", 4), ("wait", 5), ("b", 9)]


def test_the_tables_of_a_list_are_found_whatever_is_between_quotes() -> None:
    text = 'a = "[{"\nsteps = [  # [{\n  { b = "}]" }, { c = [{}] },\n  # {\n  { d = \'{\' },\n]\ne = [{}]'
    assert elements(text, 2) == [3, 3, 5]
    assert elements(text, 7) == [7]


@pytest.fixture(scope="module", params=LABS, ids=lambda path: path.stem)
def declared(request: pytest.FixtureRequest) -> tuple[Path, Declaration]:
    return request.param, checked(read_text(str(request.param)), request.param.parent)[0]


def test_a_form_made_to_order_is_received_by_any_lab(tmp_path: Path, declared: tuple[Path, Declaration]) -> None:
    path, declaration = declared
    people = {"camille": declaration.keeper}
    lab = Lab.open(f"sqlite:///{tmp_path}/lab.db", clock=SimulatedClock(START), declaration=path, people=people)
    try:
        for kind in declaration.kinds:
            received = lab.engine.apply(lab.reception(form_for(declaration, kind=kind)))
            assert isinstance(received, Applied)
            accepting = next(code for code, e in declaration.events.items() if isinstance(effect_of(e), Accept))
            assert lab.refused(received.request.ref, accepting, note="parce que") == set()
    finally:
        lab.close()


def test_waiting_counts_the_working_days_of_the_lab(tmp_path: Path) -> None:
    lab = Lab.open(f"sqlite:///{tmp_path}/lab.db", clock=SimulatedClock("2026-04-02T09:00:00+02:00"))
    try:
        ref = lab.submit().request.ref
        lab.wait(2)  # from Thursday, over a week-end and Easter Monday
        assert lab.clock.now == "2026-04-07T07:00:00Z"
        assert lab.show(ref)["state"] == "received"
        lab.wait(5)  # past the fifth day, and the watch has gone round
        with lab.reading() as reader:
            assert {alert.risk.ref for alert in Alarms(reader).alerts()} == {ref}
    finally:
        lab.close()
