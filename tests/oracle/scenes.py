"""Exact scenes for the random timelines: one rule each, every date on, before or after a number of that rule."""

from tests.oracle.days import day

HOLDING = ["MAT", "BVB", "AGH", "P16H", "EQ"]
COMPLETED = ["COMPLETED_NO_RESULT", "COMPLETED_NO_RESULT", "COMPLETED_GOAL", "EARLY_SCHOOL"]
DROPOUT = ["DROPOUT_PERSON", "EXCLUDED", "ABSENCE"]
OTHER = ["HEALTH", "PARENTAL", "TRANSFER", "STATUS_CHANGE", "DEPORTED", "EARLY_TRAINING", "EARLY_EMPLOYMENT", "MOVED"]
SPELLS = [("employment", "REGULAR"), ("training", "COMPANY"), ("training", "SCHOOL"), ("training", "STUDY")]
COUNTABLE = ["MAT", "BVB", "AGH", "IK_ALLG", "BSK_B2", "HSA9", "EQ", "ASA", "EGZ", "TQ"]


def any_exit(m):
    """An exit, mostly one without result."""
    return m.rng.choice([*COMPLETED[:2], *COMPLETED, *DROPOUT, m.rng.choice(OTHER)])


def measure(m, types, start, *, end=None, exit_code=None, **more):
    """A measure with exact days (numbers); `destination` belongs to the end."""
    m.measures += 1
    name = f"m{m.measures}"
    to = more.pop("destination", ...)
    provider = more.pop("provider", m.rng.choice(["P1", "P2", "P3", "P4"]))
    data = {"measure_id": name, "type": types, "provider": provider, "started_on": m.iso(start), **more}
    m.say("measure.started", data)
    m.dates += [start] if end is None else [start, end]
    if end is not None:
        code = exit_code or any_exit(m)
        m.say("measure.ended", {"measure_id": name, "ended_on": m.iso(end), "exit": code, "destination": to})
    return name


def spell(m, start, *, end=None, of=None):
    """A spell with exact days (numbers)."""
    thing, kind = of or m.rng.choice([*SPELLS, ("employment", "MINIJOB")])
    m.spells += 1
    data = {"spell_id": f"s{m.spells}", "kind": kind}
    m.dates += [start] if end is None else [start, end]
    m.say(f"{thing}.started", {**data, "started_on": m.iso(start)})
    if end is not None:
        m.say(f"{thing}.ended", {**data, "ended_on": m.iso(end)})


def benefit(m, when, to, source=...):
    """A change of benefit on an exact day."""
    m.dates.append(when)
    m.say("benefit.changed", {"changed_on": m.iso(when), "from_benefit": source, "to_benefit": to})


def certificate(m, when):
    """Progress on an exact day."""
    m.dates.append(when)
    data = {"certificate_id": f"c{len(m.facts)}", "obtained_on": m.iso(when), "certificate": "TQ"}
    m.say("certificate.obtained", data)


def follow(m, base, offsets, types=None):
    """Perhaps a start of something an exact number of days after `base`."""
    rng = m.rng
    if rng.random() < 0.4:
        return
    start = base + rng.choice(offsets)
    end = rng.choice([None, start, start + 1, start + 30, start + 61])
    if rng.random() < 0.3:
        spell(m, start, end=end)
    else:
        measure(m, rng.choice(types or COUNTABLE), start, end=end)


def base_day(m):
    """A day some time before today, such that what is due falls about today."""
    return m.today - m.rng.choice([29, 30, 59, 60, 89, 90, 119, 120, 180, 181, 365, 366, 540, 700, 900, 1200])


def gap(m):
    """Ends on one day, and what follows."""
    rng, e = m.rng, base_day(m)
    for _ in range(rng.choice([1, 1, 2, 3])):
        to = rng.choice([..., ..., ..., "EMP_UNSUB", "JOBSEEKING"])
        code = rng.choice([*COMPLETED, "DROPOUT_PERSON", "HEALTH", "CHILDCARE", *OTHER])
        measure(m, rng.choice(COUNTABLE), e - rng.choice([0, 1, 30, 30]), end=e, exit_code=code, destination=to)
    follow(m, e, [-1, 0, 1, 2, 29, 30, 31, 89, 90, 91, 179, 180, 181, 364, 365, 366])
    if rng.random() < 0.3:
        measure(m, rng.choice(COUNTABLE), e - 40, end=e + rng.choice([-1, 0, 1, 2]))
    if rng.random() < 0.2:
        spell(m, e - 40, end=e + rng.choice([-1, 0, 1, 2]))


def regime(m):
    """A change of benefit, an end near it, an earlier half of the change, and what follows."""
    rng, t = m.rng, base_day(m)
    families = ["ASYLBLG_GRUND", "ASYLBLG_ANALOG", "SGB2", "SGB3_ALG", "SGB8", "SGB12"]
    halves = [..., ..., "NONE", "EARNINGS", "ODD", None]
    own = rng.choice(families) if rng.random() < 0.4 else rng.choice(halves)
    benefit(m, t, rng.choice([*families, "NONE"]) if rng.random() < 0.15 else rng.choice(families), own)
    for _ in range(rng.choice([0, 1, 1, 2, 3])):
        before = t - rng.choice([0, 0, 1, 30, 59, 60, 60, 61, 62, 300])
        to = rng.choice(["NONE", "NONE", "NONE", "ODD", rng.choice(families)])
        benefit(m, before, to, rng.choice([..., ..., rng.choice(families), "NONE"]))
    for _ in range(rng.choice([1, 1, 2])):
        end = t + rng.choice([-15, -14, -14, -13, 0, 10, 44, 45, 45, 46])
        to = rng.choice([..., ..., ..., "EMP_UNSUB", "BAE"])
        code = rng.choice([*COMPLETED[:2], *DROPOUT, "TRANSFER", "HEALTH", "DEPORTED", "EARLY_TRAINING"])
        measure(m, rng.choice(COUNTABLE), end - rng.choice([0, 30, 100]), end=end, exit_code=code, destination=to)
    follow(m, t, [-1, 0, 1, 58, 59, 60, 61, 118, 119, 120, 121])
    if rng.random() < 0.3:
        measure(m, rng.choice(COUNTABLE), t - 90, end=t + rng.choice([46, 58, 59, 60, 61]))


def bridge(m):
    """A bridge, and what it should lead to."""
    rng, start = m.rng, base_day(m) - 30
    end = start + rng.choice([0, 1, 30, 31])
    names = ["LANG", "PREVOC", "VOC", "EMPSUB", "AUSB_BETR", "AUSB_SCHUL", "EGZ", "BVB", "ASA", "SCHOOL", "STUDY"]
    to = rng.choice([*names, "COUNSEL", "BAB", "ODD"])
    landing = {"LANG": "IK_ALLG", "PREVOC": "BVB", "VOC": "ASA", "EMPSUB": "EGZ", "SCHOOL": "HSA9"}.get(to, to)
    measure(m, rng.choice(HOLDING), start, end=end, exit_code=any_exit(m), bridge_to=to)
    for _ in range(rng.choice([0, 1, 1, 2])):
        base, offset = rng.choice(
            [
                (start, -1),
                (start, 0),
                (start, 1),
                (end, 0),
                (end, 1),
                (end, 58),
                (end, 59),
                (end, 60),
                (end, 61),
                (end, 180),
            ]
        )
        when = base + offset
        if rng.random() < 0.6:
            spell(m, when, end=rng.choice([None, when + 5, when + 88, when + 89]))
        else:
            types = landing if rng.random() < 0.7 else rng.choice(COUNTABLE)
            measure(m, types, when, end=rng.choice([None, when, when + 9]))
    if rng.random() < 0.3:
        certificate(m, end + rng.choice([-1, 0, 1, 59, 60, 61, 179, 180]))


def delay(m):
    """A referral, and what becomes of it."""
    rng, r = m.rng, m.today - m.rng.choice([41, 42, 43, 59, 60, 61, 89, 90, 91, 200, 400])
    types = rng.choice(["IK_ALLG", "IK_JUGEND", "BSK_B1", "MAT", "JSA", "BAB", "ODD"])
    m.measures += 1
    name = f"m{m.measures}"
    m.say("measure.referred", {"measure_id": name, "type": types, "referred_on": m.iso(r)})
    m.dates.append(r)
    offsets = [-1, 0, 1, 41, 42, 43, 59, 60, 61, 89, 90, 91]
    if rng.random() < 0.4:
        data = {"measure_id": name, "type": types, "provider": "P1", "started_on": m.iso(r + rng.choice(offsets))}
        m.say("measure.started", data)
    if rng.random() < 0.5:
        other = types if rng.random() < 0.7 else "IK_JUGEND"
        start = r + rng.choice(offsets)
        another = measure(m, other, start, end=rng.choice([None, start + 5]))
        name = rng.choice([name, name, another])
    for _ in range(rng.choice([0, 1, 1, 2])):
        when = m.iso(r + rng.choice(offsets))
        kind = rng.choice(["refused", "no_show", "cancelled", "NO_SHOW"])
        if kind == "NO_SHOW":
            m.say("measure.ended", {"measure_id": name, "ended_on": when, "exit": "NO_SHOW"})
        else:
            m.say(f"measure.{kind}", {"measure_id": name, f"{kind}_on": when})


def career(m):
    """Starts, two years apart or less, with progress near them."""
    rng = m.rng
    start = m.today - rng.choice([300, 731, 800, 1100, 1500, 2200])
    for _ in range(rng.randint(2, 6)):
        types = rng.choice([*COUNTABLE, "MAT", "IK_ALLG"])
        measure(m, types, start, end=rng.choice([None, start, start + 10, start + 30]))
        if rng.random() < 0.15:
            certificate(m, start + rng.choice([-1, 0, 1, 30]))
        start += rng.choice([0, 0, 1, 91, 200, 364, 365, 366, 728, 729, 730, 731, 732, 733])


def chain(m):
    """Episodes with gaps about 90 days, levels up and down."""
    rng, start = m.rng, m.today - m.rng.choice([120, 181, 270, 400, 600])
    for _ in range(rng.randint(2, 5)):
        end = start + rng.choice([0, 1, 10, 30, 100])
        types = rng.choice(["AGH", "MAT", "IK_ALLG", "HSA9", "BVB", "EQ", "ASA", "EGZ"])
        code = rng.choice([*COMPLETED, *COMPLETED, "DROPOUT_PERSON", "TRANSFER"])
        measure(m, types, start, end=end if rng.random() < 0.9 else None, exit_code=code)
        start = end + rng.choice([-5, 0, 1, 30, 89, 90, 90, 91, 92, 179, 180, 181])


def ladder(m):
    """Levels up, or down, one after the other."""
    rng, start = m.rng, m.today - m.rng.choice([120, 181, 270, 400, 600])
    types = ["MAT", "IK_ALLG", rng.choice(["BVB", "HSA9"]), "MAG", "ASA", "EGZ"]
    types = rng.sample(types, rng.randint(2, 5)) if rng.random() < 0.2 else types[: rng.randint(3, 6)]
    if rng.random() < 0.5:
        types.reverse()
    for name in types:
        end = start + rng.choice([0, 1, 10, 30])
        measure(
            m,
            name,
            start,
            end=end if rng.random() < 0.95 else None,
            exit_code=rng.choice([*COMPLETED, *COMPLETED, "EXCLUDED"]),
        )
        start = end + rng.choice([0, 1, 1, 30, 89, 90, 91, 180, 181])
        if rng.random() < 0.15:
            other = start + rng.choice([-1, 0, 0, 1])
            measure(m, rng.choice(COUNTABLE), other, end=end + rng.choice([0, 1, 40]), exit_code=rng.choice(COMPLETED))


def repeat(m):
    """One group again within two years."""
    rng, group = m.rng, m.rng.choice([["MAT"], ["IK_ALLG", "IK_JUGEND"], ["ASA", "ABH"], ["AGH"], ["BVB", "MAT"]])
    start = m.today - rng.choice([100, 365, 740, 900, 1500])
    for _ in range(rng.randint(2, 4)):
        end = start + rng.choice([0, 1, 30, 60])
        measure(m, rng.choice(group), start, end=end if rng.random() < 0.9 else None, exit_code=any_exit(m))
        start = end + rng.choice([-1, 0, 1, 15, 200, 364, 729, 730, 731])
        if rng.random() < 0.2:
            certificate(m, start + rng.choice([-1, 0, 1, 20]))


def comeback(m):
    """A spell that ends, and the way back."""
    rng = m.rng
    t = m.today - rng.choice([0, 1, 30, 91, 200, 400])
    start = t - rng.choice([13, 14, 15, 100, 179, 180, 181, 364, 365, 366, 729, 730, 731])
    end = rng.choice([t - 1, t - 1, t - 2, t, start, (start + t) // 2])
    spell(m, start, end=end, of=rng.choice(SPELLS))
    for _ in range(rng.choice([1, 1, 2, 3])):
        when = t if rng.random() < 0.7 else rng.choice([end, end + 1, t - 1, t + 1])
        if rng.random() < 0.5:
            benefit(m, when, rng.choice(["SGB2", "SGB2", "ASYLBLG_GRUND", "ASYLBLG_ANALOG", "SGB8", "NONE"]))
        else:
            measure(m, rng.choice(COUNTABLE), when, end=rng.choice([None, when + 3]))
    if rng.random() < 0.35:
        other = rng.choice([end - 9, end, end + 1, t - 1, t, t + 1])
        spell(m, other, end=rng.choice([None, end, end + 1, end + 2, max(other, t)]))
    if rng.random() < 0.25:
        certificate(m, t + rng.choice([-1, 0, 1, 20]))


def dropouts(m):
    """Ends in drop-outs, a year and a half apart or less."""
    rng, end = m.rng, m.today - m.rng.choice([30, 300, 560, 900, 1300])
    for _ in range(rng.randint(2, 5)):
        code = rng.choice([*DROPOUT, *DROPOUT, *DROPOUT, "HEALTH", "TRANSFER", "COMPLETED_NO_RESULT", "COMPLETED_GOAL"])
        measure(m, rng.choice(COUNTABLE), end - rng.choice([0, 5, 20]), end=end, exit_code=code)
        end += rng.choice([0, 0, 1, 100, 269, 270, 271, 538, 539, 540, 541])


def overstay(m):
    """A measure about its due date."""
    rng = m.rng
    types, longest = rng.choice([("MAT", 184), ("MAG", 84), ("P16H", None), ("IK_ALLG", 308), ("JSA", None)])
    start = m.today - rng.choice([85, 174, 184, 185, 274, 275, 300, 400])
    planned = rng.choice(
        [None, start - 1, start, start + 30, start + 53, start + 54, start + 55, start + 154, start + 155]
    )
    dues = [x for x in (planned and planned >= start and planned + 30, longest and start + longest) if x]
    due = min(dues, default=start + 50)
    end = rng.choice([None, due - 1, due, due + 1, due + 89, due + 90, due + 91])
    name = measure(m, types, start, end=end, planned_end_on=... if planned is None else m.iso(planned))
    if rng.random() < 0.3:
        when = start + rng.choice([-1, 0, 20, 60, 200])
        m.say("measure.extended", {"measure_id": name, "planned_end_on": m.iso(when)})


def loop(m):
    """Measures that hold up, for about a year and about a year and a half."""
    rng = m.rng
    start = m.today - rng.choice([364, 365, 366, 539, 540, 541, 800, 1095, 1200, 1500, 2000])
    for _ in range(rng.randint(1, 5)):
        end = start + rng.choice([0, 99, 100, 181, 182, 183, 363, 364, 365, 538, 539, 540])
        measure(m, rng.choice([*HOLDING, *HOLDING, "IK_ALLG"]), start, end=end if rng.random() < 0.85 else None)
        if rng.random() < 0.2:
            certificate(m, rng.choice([start, end, start - 1, start + 1, end + 1, start + 364, start + 365]))
        start = end + rng.choice([-40, -1, 0, 1, 2, 100, 555, 730, 731, 732, 912, 913])


def plateau(m):
    """Courses, hours, tests and goals."""
    rng, start = m.rng, m.today - m.rng.choice([90, 364, 365, 366, 500, 800])
    marks = [start]
    for _ in range(rng.randint(1, 4)):
        end = start + rng.choice([0, 30, 60, 90, 200, 364, 365])
        hours = rng.choice([..., 299, 300, 449.5, 450, 450.5, 600, 899, 900])
        measure(
            m,
            rng.choice(["IK_ALLG", "BSK_B1", "BSK_B2", "DS_F2"]),
            start,
            end=end if rng.random() < 0.85 else None,
            hours=hours,
        )
        marks += [start, end]
        start = rng.choice([start, end + 1, end + 30, end - 10])
    marks.append(marks[0] + 365)
    for _ in range(rng.choice([0, 1, 1, 2, 3])):
        level = rng.choice(["A1", "A2", "B1", "B1", "B2", "C1"])
        when = m.iso(rng.choice(marks) + rng.choice([-30, -1, 0, 1, 20]))
        kind = "test" if rng.random() < 0.9 else "estimate"
        data = {"test_id": f"t{len(m.facts)}", "tested_on": when, "level": level, "test_source": kind}
        m.say("language.tested", data)
    for _ in range(rng.choice([0, 0, 1, 2])):
        goal = rng.choice(["TRAINING", "TRAINING", "EMPLOYMENT", "ODD"])
        m.say("goal.set", {"recorded_on": m.iso(rng.choice(marks) + rng.choice([-30, -1, 0, 0, 1, 20])), "goal": goal})
    if rng.random() < 0.3:
        began = rng.choice(marks) - 89 + rng.choice([-1, 0, 1, 30])
        spell(m, began, end=began + rng.choice([87, 88, 89, 90, 200]))


def overlap(m):
    """Measures side by side for about 14 days."""
    rng, start = m.rng, m.today - m.rng.choice([12, 13, 14, 15, 28, 60, 200])
    for _ in range(rng.randint(2, 4)):
        end = start + rng.choice([12, 13, 13, 14, 15, 28, 40])
        types = rng.choice(["MAT", "AGH", "HSA9", "ASA", "ABH", "ASA", "TQ", "BVB", "IK_ALLG", "EGZ"])
        measure(m, types, start, end=end if rng.random() < 0.7 else None)
        start += rng.choice([0, 0, 1, 2, 13, 14, 15, 27])


def unreached(m):
    """A registration, and signs of life near the numbers after it."""
    rng, t = m.rng, m.today - m.rng.choice([89, 90, 91, 179, 180, 181, 300])
    m.say("person.registered", {"registered_on": m.iso(t)})
    m.dates.append(t)
    for _ in range(rng.choice([0, 1, 1, 2])):
        when = t + rng.choice([-1, 0, 1, 89, 90, 91, 179, 180, 181])
        kind = rng.choice(["contact", "referral", "start", "spell", "open", "open spell"])
        ended = t + rng.choice([-1, 0, 1])
        types = rng.choice(["MAT", "JSA", "BAB", "ODD"])
        if kind == "contact":
            m.say("contact.held", {"held_on": m.iso(when), "contact_kind": "volunteer", "body": "KI"})
        elif kind == "referral":
            m.say("measure.referred", {"measure_id": "r1", "type": types, "referred_on": m.iso(when)})
        elif kind in ("start", "open"):
            begin = when if kind == "start" else t - 20
            name = measure(m, types, begin, end=None if kind == "start" else ended)
            if rng.random() < 0.25:
                m.say("measure.cancelled", {"measure_id": name, "cancelled_on": m.iso(when)})
        else:
            spell(m, when if kind == "spell" else t - 20, end=None if kind == "spell" else ended)


def lasting(m):
    """Spells of about half a year and a year."""
    rng = m.rng
    for _ in range(rng.choice([1, 1, 2])):
        start = m.today - rng.choice([88, 89, 90, 178, 179, 180, 363, 364, 365, 500])
        end = rng.choice(
            [None, start + 88, start + 89, start + 178, start + 179, start + 180, start + 363, start + 364]
        )
        spell(m, start, end=end)


def joining(m):
    """Parts of one type and provider about 14 days apart, around other things."""
    rng, start = m.rng, base_day(m)
    for _ in range(rng.randint(2, 4)):
        end = start + rng.choice([0, 0, 10, 30, 90])
        types, provider = rng.choice([("MAT", "P1")] * 5 + [("MAT", "P2"), ("BVB", "P1")])
        open_part = rng.random() < 0.15
        more = {"planned_end_on": m.iso(end + rng.choice([-31, 0, 30]))} if rng.random() < 0.3 else {}
        more |= {"bridge_to": rng.choice(["VOC", "LANG"])} if rng.random() < 0.3 else {}
        measure(m, types, start, end=None if open_part else end, provider=provider, **more)
        start = end + rng.choice([-31, -11, -10, 0, 1, 13, 14, 14, 15])


SCENES = [
    *(gap, *[regime] * 4, *[bridge] * 3, delay, career, chain, ladder, repeat, comeback, dropouts, overstay, loop),
    *(plateau, plateau, overlap, unreached, lasting, joining),
]


DUES = [0, 0, 1, 13, 29, 30, 31, 41, 42, 59, 60, 61, 89, 90, 91, 119, 120, 121, 179, 180, 181, 364, 365, 366]


def absence(m):
    """An absence about the dates of the scene and about what is due after them."""
    rng = m.rng
    turn = rng.choice(m.dates) + rng.choice(DUES)
    begin, back = rng.choice([(turn, turn + 20), (turn - 20, turn), (turn, turn + 1), (turn - 1, turn), (turn, turn)])
    if rng.random() < 0.3:
        exit_code = rng.choice(["DEPORTED", "DEPARTED_VOLUNTARY", "DECEASED"])
        measure(m, rng.choice(["JSA", "MAT"]), begin - 9, end=begin, exit_code=exit_code)
    else:
        m.say("person.moved", {"moved_on": m.iso(begin), "to_municipality": rng.choice([..., "", "09162000"])})
    if rng.random() < 0.75:
        if rng.random() < 0.6:
            m.say("person.moved", {"moved_on": m.iso(back), "to_municipality": "05913000"})
        else:
            m.say("person.registered", {"registered_on": m.iso(back)})


def age(m):
    """An age limit about the dates of the scene."""
    rng = m.rng
    limit = rng.choice([*m.dates, m.today]) + rng.choice([0, 0, 15, 30, 60, 90, 120, 180, 180, 200, 270])
    year, month = (int(x) for x in m.iso(min(max(limit, day("0040-01-01")), day("9990-01-01")))[:7].split("-"))
    data = {
        "registered_on": m.iso(rng.choice(m.dates) - 400),
        "birth_month": f"{year - rng.choice([18, 18, 25, 25, 27, 27]):04}-{month:02}",
    }
    m.say("person.registered", data)


def mistake(m):
    """A scene's fact retracted, corrected, or said again at a later time."""
    m.rng.choice([m.retraction, m.correction, m.again, m.cancelled, m.no_show, m.odd_end, m.merge])()


def play(m):
    """One scene, perhaps within an age limit or an absence, perhaps with a mistake or something beside it."""
    rng = m.rng
    rng.choice(SCENES)(m)
    if rng.random() < 0.12:
        rng.choice(SCENES)(m)
    if rng.random() < 0.35:
        age(m)
    if rng.random() < 0.25:
        absence(m)
    while rng.random() < 0.15:
        mistake(m)
