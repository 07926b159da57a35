"""Commands that receive forms."""
