"""The chapters of the review."""
