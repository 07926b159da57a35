"""The declaration of a lab: its typed tables, its types of value, where a line of it stands."""
