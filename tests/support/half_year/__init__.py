"""The half-year of an invented lab, simulated: what `coop demo` plays was recorded from it."""
