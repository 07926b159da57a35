"""What the lab *remembers*: the store, the one transaction, history. The only room that commits."""
