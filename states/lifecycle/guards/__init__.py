"""Guards: rules that an event must meet, by the name a declaration asks for them by."""

from states.lifecycle.guards import activities, corrections, meetings, requests
from states.lifecycle.guards.registry import Guard

GUARDS: dict[str, Guard] = {
    found.name: found
    for module in (requests, meetings, corrections, activities)
    for found in vars(module).values()
    if isinstance(found, Guard)
}
