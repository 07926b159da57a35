"""Forms as people and their tools write them."""
