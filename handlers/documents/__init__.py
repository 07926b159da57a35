"""What is made on paper: how, and the sheets of one request."""
