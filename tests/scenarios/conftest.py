"""Someone at the command line of a lab; every command that a scenario is proposed works."""

from proposals import watched_desk

desk = watched_desk
