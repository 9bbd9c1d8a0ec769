"""Messages in and out: outbox and relay, the batch consumer, dead letters. Delivery is at least once, effects once."""
