"""How the lab speaks with *people*: commands, tables, exit codes. Prints; decides nothing."""
