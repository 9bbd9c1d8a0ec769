"""The patterns: one module a family, one function a pattern, from a timeline to raw findings.

A raw finding spans all time, steps and end to come included, as they will be if nothing new becomes known.
"""
