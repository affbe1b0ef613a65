"""F1, F2: two cards of one identity, and databases put back from an older copy."""

import os
import shutil

from faults import row
from headquarters_bench import Card, Centre, begin, check_sets, drained
from testbed import wait_until

# A fair has letters for 121 kiosks of four pairs each; each case has a kiosk of its own.
KIOSKS_OF_A_FAIR = 40


class Scene:
    """One headquarters for many cases, each with a kiosk of its own."""

    def __init__(self, run):
        self.run, self.centre, self.taken, self.number, self.cards = run, None, 0, 0, []
        self.others = set()

    def kiosk(self, case):
        if self.centre is None or self.taken == KIOSKS_OF_A_FAIR:
            self.renew()
        self.taken += 1
        card = Card(self.run, f"kiosk-{case}", f"C{case}")
        self.cards = [card]
        card.start()
        return card.enrol(self.centre, self.fair)

    def renew(self):
        if self.centre is not None:
            self.centre.kill()
        self.number, self.taken = self.number + 1, 0
        self.centre, self.others = Centre(self.run, f"hq-{self.number}"), set()
        self.fair = self.centre.prepare()
        self.centre.start()

    def end_case(self, keep=2):
        """What is at headquarters now came from this case's kiosks and those before it."""
        for card in self.cards:
            card.kill()
        self.others |= set(self.centre.frames())
        if self.run.state["done"] >= keep and not self.run.state["violations"]:
            for card in self.cards:
                shutil.rmtree(card.folder, ignore_errors=True)
        self.cards = []

    def close(self):
        for program in [*self.cards, self.centre]:
            if program is not None and program.is_alive():
                program.kill()


def twice(before, after):
    """Numbers of the second that are among those of the first, with another record."""
    return {ticket for ticket, record in after.items() if before.get(ticket, record) != record}


# MARK: F1

def live(run, draw, centre, cards, together):
    """Both register and send in any order, with and without headquarters."""
    for _ in range(draw.randint(2, 4)):
        card = draw.choice(cards)
        card.register_people(draw.randint(1, 3))
        if together and draw.random() < 0.5:
            drained(run, [card])
        if draw.random() < 0.3:
            card.kill()
            card.start()


def clone(run, draw, scene, case):
    card, centre = scene.kiosk(case), scene.centre
    card.register_people(draw.randint(1, 4))
    # The copy may hold what headquarters has not seen, what it has seen and not answered, or all of it.
    if draw.random() < 0.7:
        drained(run, [card])
    if draw.random() < 0.5:
        card.stop()
    else:
        card.kill()
        run.hit("copied from a killed one")
    other = card.copied(f"kiosk-{case}-copy")
    scene.cards.append(other)
    apart = draw.random() < 0.6
    if apart:
        centre.stop()
    first, second = draw.sample([card, other], 2)
    first.start()
    second.start()
    first.register_people(draw.randint(1, 3))
    second.register_people(draw.randint(1, 3))
    live(run, draw, centre, [card, other], not apart)
    if apart:
        centre.start()
        run.hit("grew apart without headquarters")
    return first, second


def notice(run, centre, cards, before):
    """Each says hello after it has sent what it had: by then at least one has left the lineage."""
    for _ in range(4):
        for card in cards:
            card.restart()
            drained(run, [card])
        left = [card for card in cards if lineages_left(card, before, False) > 0]
        if left:
            run.hit("left the lineage", len(left))
            return left
    run.violation("I11: two cards lived on one lineage and neither was told to leave it")
    return []


@row("F1", "the card copied: two kiosks live on one identity", "I1 I3 I4 I6 I11", 4, 60,
     ["left the lineage", "fork at headquarters", "numbers after the notice", "copied from a killed one"], seconds=240)
def cloned_card(run):
    begin(run)
    scene = Scene(run)
    try:
        for case in run.cases():
            draw = run.random(case)
            cards = clone(run, draw, scene, case)
            centre = scene.centre
            notice(run, centre, cards, 1)
            forks = centre.rows("SELECT count(*) FROM fork WHERE kind = 'sequence'")[0][0]
            leaves = centre.rows("SELECT count(*) FROM lineage WHERE leaveReason IS NOT NULL")[0][0]
            run.check(forks or leaves, "I11: headquarters does not know of two branches")
            run.hit("fork at headquarters", min(1, forks))
            old = [set(card.tickets()) for card in cards]
            after_the_notice(run, cards)
            new = [{ticket: record for ticket, record in card.tickets().items() if ticket not in known}
                   for card, known in zip(cards, old)]
            run.hit("numbers after the notice", sum(map(len, new)))
            for mine, theirs in ((0, 1), (1, 0)):
                repeated = twice(cards[theirs].tickets(), new[mine])
                run.check(not repeated, f"I6: {sorted(repeated)} were given again after the notice")
            for card in cards:
                card.kill()
            check_sets(run, centre, cards, others=scene.others)
            scene.end_case()
    finally:
        scene.close()


def after_the_notice(run, cards):
    """Both go on: what they register now must not meet."""
    for card in cards:
        card.restart()
    for _ in range(2):
        for card in cards:
            card.register_people(2)
    drained(run, cards)


def lineages_left(card, before, is_expected):
    """What the last hello brought is carried out a moment after it."""
    try:
        wait_until("a new lineage", 3 if is_expected else 0, lambda: len(card.lineages()) > before)
    except TimeoutError:
        pass
    return len(card.lineages()) - before


# MARK: F2

KINDS = ("sent, the database alone put back", "sent, the whole folder put back", "never sent",
         "sent, then offline first", "put back to nothing but the first record", "put back twice")


def copy_of(card, name):
    """The database as it lies there, of a kiosk that is off."""
    target = os.path.join(card.folder, name)
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(card.state, target)
    return target


def put_back(card, copy, whole):
    """An older copy in the place of the database: the file with its WAL, or everything."""
    if whole:
        shutil.rmtree(card.state)
        shutil.copytree(copy, card.state)
        return
    for suffix in ("", "-wal"):
        for path in (card.database + suffix,):
            if os.path.exists(path):
                os.unlink(path)
        source = os.path.join(copy, "records.sqlite" + suffix)
        if os.path.exists(source):
            shutil.copyfile(source, card.database + suffix)


def forget_lost(run, scene, card):
    """What was shown, and is neither in the older copy nor at headquarters, went with the disk; nobody can have it."""
    there = {record for record, _ in card.records()} | {record for record, _ in scene.centre.frames()}
    gone = set(card.shown) - there
    run.hit("lost with the disk, never sent", len(gone))
    card.shown = {record: ticket for record, ticket in card.shown.items() if record not in gone}
    return gone


def roll_back(run, draw, scene, card, kind):
    """Returns the numbers that were given before the older copy was put back: ticket -> record."""
    centre = scene.centre
    card.register_people(1 if "first record" in kind else draw.randint(2, 6))
    if draw.random() < 0.6:
        drained(run, [card])
    if draw.random() < 0.5:
        card.stop()
    else:
        card.kill()
    copy = copy_of(card, "older")
    if kind == "never sent":
        centre.stop()
    card.start()
    for _ in range(draw.randint(1, 4)):
        card.register_people(draw.randint(1, 3))
        if kind != "never sent" and draw.random() < 0.5:
            drained(run, [card])
    if kind != "never sent":
        drained(run, [card])
    card.kill()
    given = card.tickets()
    scene.newer = set(card.records())
    put_back(card, copy, whole="whole" in kind)
    if kind == "put back twice":
        meet(run, draw, centre, card, kind)
        lineages_left(card, 1, True)
        card.register_people(draw.randint(1, 3))
        drained(run, [card])
        card.kill()
        given.update(card.tickets())
        scene.newer |= set(card.records())
        put_back(card, copy, whole=draw.random() < 0.5)
        run.hit("put back twice")
    return given


def meet(run, draw, centre, card, kind):
    """The kiosk starts on the older copy. Offline first: it may give numbers again until headquarters has told it."""
    if kind == "sent, then offline first":
        centre.stop()
        card.start()
        before = card.register_people(draw.randint(1, 3))
        run.hit("numbers again before the notice", len(before))
        centre.start()
        card.restart()
    elif kind == "never sent":
        centre.start()
        card.start()
    else:
        card.start()
    drained(run, [card])
    try:
        wait_until("lineageLeft", 2, lambda: "lineageLeft" in card.problems())
        run.hit("the status says lineageLeft")
    except TimeoutError:
        # A hello that a fork comes to light with is answered before the fork: the next one tells.
        card.restart()
        drained(run, [card])


@row("F2", "the kiosk's database put back from an older copy", "I1 I3 I4 I6 I11", 6, 100,
     ["new lineage", "records only at headquarters", "numbers after the notice", "lost with the disk, never sent",
      "the status says lineageLeft"],
     seconds=240)
def rolled_back(run):
    begin(run)
    scene = Scene(run)
    try:
        for case in run.cases():
            draw, kind = run.random(case), KINDS[case % len(KINDS)]
            card = scene.kiosk(case)
            centre = scene.centre
            given = roll_back(run, draw, scene, card, kind)
            lineages = len(card.lineages())
            forget_lost(run, scene, card)
            meet(run, draw, centre, card, kind)
            left = lineages_left(card, lineages, kind != "never sent")
            if kind == "never sent":
                run.check(left == 0, "a kiosk left its lineage although headquarters knew of nothing newer")
            elif run.check(left >= 1, f"I11: a database was put back ({kind}), and the kiosk stays in its lineage"):
                run.hit("new lineage")
            known = set(card.tickets())
            card.register_people(3)
            drained(run, [card])
            new = {ticket: record for ticket, record in card.tickets().items() if ticket not in known}
            run.hit("numbers after the notice", len(new))
            if kind != "never sent":
                repeated = twice(given, new)
                run.check(not repeated, f"I6: {sorted(repeated)} were given again after the notice ({kind})")
            check_rolled_back(run, scene, card, kind)
            scene.end_case()
    finally:
        scene.close()


def check_rolled_back(run, scene, card, kind):
    """What headquarters had of the newer records it still has; what the kiosk has is there, once."""
    frames = set(scene.centre.frames())
    newer = scene.newer
    if kind != "never sent":
        run.check(newer <= frames, f"I3: headquarters lost {len(newer - frames)} records of before")
    only_there = {record for record, _ in (newer & frames) - set(card.records())}
    run.hit("records only at headquarters", len(only_there))
    # Headquarters alone has these now: the kiosk is not asked for them.
    card.shown = {record: ticket for record, ticket in card.shown.items() if record not in only_there}
    card.kill()
    check_sets(run, scene.centre, [card], others=scene.others | newer)
