"""Guards: rules that an event must meet."""
