-- Sources that are quiet for longer than their rhythm, as long as they are.
CREATE TABLE source_silences (
    source_number integer PRIMARY KEY REFERENCES sources,
    silent_since date NOT NULL
);
