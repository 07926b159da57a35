"""The store read: what each screen and each file shows."""
