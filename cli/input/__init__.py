"""What people type: dates, days, slots, answers."""
