"""What is made on paper: how, and the sheets and letters of one request."""
