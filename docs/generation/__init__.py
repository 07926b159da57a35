"""What docs/generate.py is made of: scenes that are played, and references read from the code."""
