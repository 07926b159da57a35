"""Records the half-year that `coop demo` plays: PYTHONPATH=tests/support python -m half_year."""

from half_year.recording import FILE, record, written

FILE.write_text(written(record()), "utf-8")
print(FILE)
