"""enrollment KNOWS memberships, workshops, alliances, offers, the sources and the pseudonyms of persons.

HEARS the facts municipal systems report, over HTTP.
SAYS `enrollment.persons`, `enrollment.municipalities`, `enrollment.workshops`, `enrollment.offers`.
"""
