"""Slots: when a place and people are free."""
