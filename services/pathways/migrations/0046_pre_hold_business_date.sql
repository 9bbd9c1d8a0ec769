-- The business date, kept from moving until the commit, and which rule set is in force from when: every batch of facts
-- begins with it, so that it is one round trip. The lock may be waited for, and what is read is what holds after that:
-- each statement of a volatile function sees the database anew.
CREATE FUNCTION hold_business_date(lock bigint)
RETURNS TABLE (today date, effective_on date, version text)
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(lock);
    RETURN QUERY
        SELECT business_date.today, held.effective_on, held.version
        FROM (SELECT) AS once
        LEFT JOIN business_date ON true
        LEFT JOIN (SELECT * FROM activations WHERE state <> 'withdrawn') AS held ON true
        ORDER BY held.effective_on, held.activation_id;
END
$$;
