"""Commands that keep the lab."""
