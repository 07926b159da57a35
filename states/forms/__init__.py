"""The form, what is typed into it, and the tier it recommends."""
