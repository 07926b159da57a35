"""Messages as e-mail, and their delivery."""
