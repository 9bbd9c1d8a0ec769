"""Rules of the pathways service: from a person's facts to findings, pure functions without clock, I/O or chance.

What the rest of the service uses:

    facts.decode(source, id, type, subject, time, data) -> Fact    one event in binary mode; data: JSON bytes
    facts.decode_line(line) -> Fact                                one structured event
        both raise facts.Unreadable(reason, field)
    facts.pack(facts) -> bytes, facts.unpack(bytes) -> list[Fact]  the stored form, lossless for declared fields
    facts.fields(fact) -> dict                                     the declared data fields by name, as JSON has them
    facts.INDIFFERENT                                              kinds of facts that no rule looks at
    record.cluster_of(facts) -> list[list[Fact]]                   persons linked by any merge or split, together
    evaluate.evaluate(facts, today, rules) -> evaluate.Result      the facts of ONE cluster
        .findings: list[Finding]         sorted by (person_id, pattern, anchor), all merge groups of the cluster
        .next_due: dict[str, date|None]  for every pseudonym that has a fact
        .implausible: list[Implausible]  (person_id, id, reason)
        .leader(pseudonym) -> str        under whom it is evaluated (itself, if not merged away)
        .erased(pseudonym) -> bool       whether its merge group is erased
        .municipality(pseudonym) -> str | None   the responsible municipality on `today` (None: moved out of the Land)
        .explain(finding) -> Text        texts of a finding of this result (de, en, and what ends it)
    finding.Finding                      one finding; .identity, .line() (the published form without text)
    diff.difference(held, new) -> list[diff.Change]    held: Mapping[identity, Finding], new: Iterable[Finding]
    rules.parse(toml_text, catalogue_text) -> Rules    raises rules.BadRules with all errors by field

`services.pathways.rules.load(path=None)` reads the rule set from the package, or from a file.
"""
