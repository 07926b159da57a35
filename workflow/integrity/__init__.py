"""What the history proves: recomputing the chain and every derived table, and making those again."""
