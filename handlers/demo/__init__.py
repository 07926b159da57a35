"""An invented half-year of a lab."""

HALF_YEAR = "half-year.jsonl"  # beside the declaration of a lab that has its own
