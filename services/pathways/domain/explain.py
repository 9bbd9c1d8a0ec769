"""Texts."""
from services.pathways.domain.finding import Finding, Text
def explain(finding, timeline, rules):
    return Text("","","","")
