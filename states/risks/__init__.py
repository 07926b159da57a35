"""What may go wrong, what it touches, what settles it."""
