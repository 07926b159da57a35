"""What is held on a person: who they are in the registers, where they stand, and how it is erased everywhere."""
