"""The commands, a folder for each section of `coop --help`."""
