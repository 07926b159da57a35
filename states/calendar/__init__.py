"""Working time: instants, ranges of days, working days."""
