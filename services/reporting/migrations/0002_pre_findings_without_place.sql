-- Who has left the Land has no responsible municipality any more; the findings of the time before stay.
ALTER TABLE findings ALTER COLUMN municipality DROP NOT NULL;
