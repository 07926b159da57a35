"""The command as a user types it, in a lab of its own; every command that it is proposed works."""

from proposals import watched_desk

desk = watched_desk
