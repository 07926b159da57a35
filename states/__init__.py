"""What the lab *knows*: the declaration, guards, the decision, working time. Pure: no database, no clock."""
