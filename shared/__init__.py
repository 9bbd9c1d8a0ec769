"""Plumbing and the published language: what the four services have in common and nothing of what they know."""
