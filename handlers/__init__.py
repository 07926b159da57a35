"""How the lab speaks with the *world*: forms in; exports out. Writes only through workflow."""
