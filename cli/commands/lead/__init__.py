"""Commands that lead a request."""
