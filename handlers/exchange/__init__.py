"""What other programs give to the lab and take from it."""
