"""The lab itself: its people, its days, its opening."""
