"""The command as a user types it, in a lab of its own."""

from desk import opened_desk

desk = opened_desk
