"""Pathways knows timelines and findings; it hears the facts about persons and says what pattern begins, ends, changes.

- hears `enrollment.persons`
- says `pathways.findings`: detected, escalated, revised, resolved, retracted
- the rules are pure functions in `domain`; `evaluate FILE` runs them without any server
"""
