"""Sync: two replicas made equal by a plan, with nothing overwritten and nothing lost."""
