"""The letters to the requester: what one says of this request, as text and as HTML."""
