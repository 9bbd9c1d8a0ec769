"""Raw findings of the rules, before clipping and subsumption."""

from collections.abc import Callable
from dataclasses import dataclass, field

SEVERITIES = ["info", "warning", "critical"]
DROPOUT = {"DROPOUT_PERSON", "EXCLUDED", "ABSENCE"}
COMPLETED = {"COMPLETED_GOAL", "COMPLETED_NO_RESULT", "EARLY_EMPLOYMENT", "EARLY_TRAINING", "EARLY_SCHOOL"}
SUCCESS = {"COMPLETED_GOAL", "EARLY_EMPLOYMENT", "EARLY_TRAINING", "EARLY_SCHOOL"}
LEFT = {"DEPARTED_VOLUNTARY", "DEPORTED", "DECEASED"}
UNAVAILABLE = {"HEALTH", "PARENTAL", "CHILDCARE", "WORK_BAN", "DETAINED"}
NEUTRAL = LEFT | UNAVAILABLE | {"MOVED", "STATUS_CHANGE", "PROVIDER_CANCELLED", "TRANSFER", "UNKNOWN"}
POSITIVE = {"EMP_UNSUB", "TRAIN_COMPANY", "TRAIN_SCHOOL", "BAE", "STUDY"}
HOLDING_CATEGORIES = {"ACT", "PREVOC", "WORKOPP"}


@dataclass
class Step:
    """A severity reached on a day with its evidence."""

    severity: str
    day: int
    evidence: set


@dataclass
class Finding:
    """A finding in the making; `whole` gives evidence that depends on the finished since and until."""

    pattern: str
    anchor: str
    steps: list
    until: int | None = None
    whole: Callable | None = None
    added: set = field(default_factory=set)
    about: object = None
    raw_since: int | None = None

    @property
    def since(self):
        """The first step's day."""
        return self.steps[0].day

    @property
    def evidence(self):
        """Union over the steps reached, or what the rule says of the finished finding; and of the subsumed."""
        own = self.whole(self.since, self.until) if self.whole else set().union(*(s.evidence for s in self.steps))
        return own | self.added

    def holds(self, x):
        """since <= x and (until is empty or x < until)."""
        return self.since <= x and (self.until is None or x < self.until)

    def severity_on(self, x):
        """Severity reached by x."""
        return [step.severity for step in self.steps if step.day <= x][-1]


def positive(e):
    """Whether the episode's end is positive."""
    return e.end is not None and (e.destination in POSITIVE or e.exit in {"EARLY_EMPLOYMENT", "EARLY_TRAINING"})


def earliest(*dates):
    """The earliest of the dates that are known, or None."""
    return min((d for d in dates if d is not None), default=None)


def start_of_anything(line, x):
    """First start of a countable episode or a spell on or after x, or None."""
    return earliest(*(e.start for e in line.episodes + line.spells if e.start >= x))


def anything_open(line, x, *, but=None):
    """Whether a countable episode, other than one, or a spell is open on x."""
    return any(e.open_on(x) for e in line.episodes + line.spells if e is not but)


def gap(episodes, i):
    """Gap before the i-th episode in the order; the first has none."""
    if i == 0:
        return None
    ends = [e.end for e in episodes[:i]]
    if None in ends:
        return 0
    return max(0, episodes[i].start - max(ends))


def ids_of(episodes):
    """All measure ids of joined episodes."""
    return set().union(*(e.ids for e in episodes))
