"""Reading a declaration, and proving it."""
