"""The database: its tables, its transactions, its upkeep."""
