"""Municipal systems: they register, ask for pseudonyms and report facts, all over the public HTTP interface.

The invented persons (`careers`) get what an office would offer them (`fitting`): language courses by level, school and
training from summer on, nothing that does not suit age, sex or schooling. Some drift, wait, break off or are never
reached (`programmes.HABITS`); some facts come late, twice, corrected or not at all. Of 1,500 persons some 450 have an
open finding that warns: mostly language plateau, measure career, repetition, follow-up gap, bridge to nowhere and
overstay; about two in three persons have any at all, chains and what goes well included.
"""
