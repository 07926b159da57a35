"""Everything that a store holds, against what its history says: without a lock, at one moment, changing nothing."""

from __future__ import annotations

from collections.abc import Sequence

from states.language import _
from workflow.clock import Clock
from workflow.integrity.chains import verify_history
from workflow.integrity.derived import Derived
from workflow.integrity.heads import moments_of
from workflow.integrity.report import Advance, Problem, Report
from workflow.store import schema as s
from workflow.store.database import Store
from workflow.store.structure import damages, differences
from workflow.store.upgrade import missing


def verify(store: Store, clock: Clock, advance: Advance, heads: Sequence[str] = ()) -> Report:
    """Recomputes every digest, the head and every derived row. `heads`: those it must have had at some moment."""
    report = Report()
    with store.looking() as tx:
        absent = missing(tx.connection)
        report.problems += (Problem(name, _("it is missing")) for name in absent)
        altered = [Problem(*difference) for difference in differences(tx.connection) if difference[0] not in absent]
        report.problems += altered
        report.problems += (Problem("file", damage) for damage in damages(tx.connection))
        tables = {problem.where for problem in report.problems} & {*s.metadata.tables}
        if tables.isdisjoint(table.name for table in s.PRIMARY):
            derived = None if tables else Derived(tx, store, clock)
            verify_history(tx, report, advance, derived)
            report.known = moments_of(tx.connection, heads)
            report.problems += (
                Problem(f"head {head[:12]}", _("the history never had it: its end was cut, or it was rewritten"))
                for head in heads
                if head not in report.known
            )
            report.problems += derived.problems() if derived else ()
    return report
