"""What the keys of a declaration may say and the product knows: how a request ends, what an event records, answers."""

CLOSED, DECLINED, WITHDRAWN, CANCELLED = OUTCOMES = ("closed", "declined", "withdrawn", "cancelled")
ABANDONED = (WITHDRAWN, CANCELLED)
DELIVERABLE, SATISFACTION, EFFORT, FOLLOW_UP, DECISION = RECORDS = (
    "deliverable",
    "satisfaction",
    "effort",
    "follow_up",
    "decision",
)
ACCEPT, ASK, ANSWER, DECLINE, HOST = ANSWERS = ("accept", "ask", "answer", "decline", "host")
