"""What an event may do, decides and does."""
