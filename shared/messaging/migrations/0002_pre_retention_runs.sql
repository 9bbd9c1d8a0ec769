-- What was deleted because its time was over: category, period, and how many rows; dry runs beside real ones.
CREATE TABLE retention_runs (
    run_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    ran_at timestamptz NOT NULL,
    category text NOT NULL,
    days integer NOT NULL,
    before_at timestamptz NOT NULL,
    removed bigint NOT NULL,
    dry_run boolean NOT NULL
);
