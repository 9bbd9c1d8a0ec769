"""The rules of reporting: which facts hold, where a person counts, what is counted, and what of it may be shown."""
