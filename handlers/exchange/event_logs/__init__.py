"""The histories as logs of events, for programs of process mining."""
