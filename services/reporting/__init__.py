"""Reporting: counts persons, measures and findings by area, live, and publishes them protected.

Knows projections. Hears `enrollment.persons` and `pathways.findings`. Says `reporting.indicators`.
"""
