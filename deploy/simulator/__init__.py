"""Municipal systems: they register, ask for pseudonyms and report facts, all over the public HTTP interface."""
