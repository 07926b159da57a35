"""Messages: queued with the entry, delivered once."""
