"""What the keys of a declaration may say and the product knows.

How a request ends, what an event records and answers, what the review counts of an axis.
"""

CLOSED, DECLINED, WITHDRAWN, CANCELLED = OUTCOMES = ("closed", "declined", "withdrawn", "cancelled")
ABANDONED = (WITHDRAWN, CANCELLED)
DELIVERABLE, SATISFACTION, EFFORT, FOLLOW_UP, DECISION = RECORDS = (
    "deliverable",
    "satisfaction",
    "effort",
    "follow_up",
    "decision",
)
LED_BY_LAB = ("both", "lab")  # the facilitations in which the lab leads the session
MANAGERS, ATTENDANCE = GATHERED = ("managers", "attendance")
ACCEPT, ASK, ANSWER, DECLINE, HOST = ANSWERS = ("accept", "ask", "answer", "decline", "host")
UNSAID = "unsaid"  # the name under which a review counts what nobody said
