"""An invented half-year of a lab."""
