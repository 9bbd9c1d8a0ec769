"""The closed list of metrics: each with unit, meaning and remedy. Nobody makes one elsewhere."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

_BATCH_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)

HTTP_SECONDS = Histogram(
    "gemeinsam_http_request_seconds",
    "Time to answer a request. High: see the trace of a slow one; look at database connections.",
    ["service", "method", "route", "status"],
)
RECORDS_TAKEN = Counter(
    "gemeinsam_records_taken_total",
    "Records whose effects are committed, by topic. Flat while lag grows: the consumer waits, see the log.",
    ["service", "topic"],
)
BATCH_SECONDS = Histogram(
    "gemeinsam_batch_seconds",
    "Time to take one batch, commit included. High: see the database's load.",
    ["service", "topic"],
    buckets=_BATCH_SECONDS,
)
CONSUMER_LAG = Gauge(
    "gemeinsam_consumer_lag_records",
    "Records on the topic not yet taken by this process's partitions. Growing: add a process, up to the partitions.",
    ["service", "topic"],
)
CONSUMER_RETRIES = Counter(
    "gemeinsam_consumer_retries_total",
    "Batches tried again because something was away. Growing: see the health page for what is away.",
    ["service", "reason"],
)
CONSUMER_HELD = Gauge(
    "gemeinsam_consumer_held",
    "1 while the consumer has stopped because too many records would go to the dead letters. Release after a look.",
    ["service", "topic"],
)
DEAD_LETTERS = Counter(
    "gemeinsam_dead_letters_total",
    "Records set aside as dead letters, by reason. Look at them: `python -m services.<name> dead-letters list`.",
    ["service", "reason"],
)
OUTBOX_MESSAGES = Gauge(
    "gemeinsam_outbox_messages",
    "Messages committed and not yet sent (as far as counted). Growing: Kafka is away or slow.",
    ["service"],
)
OUTBOX_AGE_SECONDS = Gauge(
    "gemeinsam_outbox_age_seconds",
    "Age of the oldest message not yet sent. Above 10: Kafka is away, or no process holds the relay's lock.",
    ["service"],
)
RELAY_ACTIVE = Gauge(
    "gemeinsam_relay_active",
    "1 in the one process of a service that sends. 0 in all of them: see the log of each.",
    ["service"],
)
RELAYED = Counter(
    "gemeinsam_relayed_total",
    "Messages acknowledged by Kafka, by topic.",
    ["service", "topic"],
)
JOB_FAILURES = Counter(
    "gemeinsam_job_failures_total",
    "Runs of a recurring duty that ended in an error; it is tried again. See the log.",
    ["service", "job"],
)
FACTS_RECEIVED = Counter(
    "gemeinsam_facts_received_total",
    "Rows received over the API by outcome (accepted, duplicate, set_aside, rejected).",
    ["outcome"],
)
FINDINGS_SAID = Counter(
    "gemeinsam_findings_said_total",
    "Events about findings, by event and pattern.",
    ["event", "pattern"],
)
PERSONS_SET_ASIDE = Gauge(
    "gemeinsam_persons_set_aside",
    "Persons whose evaluation failed; tried again every hour and after a start. Above 0: the log has the error.",
)
RULES_PERSONS_LEFT = Gauge(
    "gemeinsam_rules_persons_left",
    "Persons not yet evaluated by a rule set whose date has come. Standing still: stopped, or the outbox is full.",
    ["version"],
)
DELIVERIES = Counter(
    "gemeinsam_deliveries_total",
    "Messages to people by outcome (sent, retried, failed).",
    ["channel", "outcome"],
)
