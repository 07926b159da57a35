"""What takes too long for `make test`: `make soak` runs it, at full length or by as many tries as are asked for."""
