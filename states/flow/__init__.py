"""How long requests wait: in which states, and until when comparable ones did. It counts days, and judges nobody."""
