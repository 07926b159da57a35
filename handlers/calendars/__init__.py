"""iCalendar, in and out."""
