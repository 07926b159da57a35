"""What was recorded: entries, the vault, the lab's own stream."""
