"""Walks at random: staff of all sides do what they may, the wire misbehaves; then it heals, and the sides agree."""

import shutil
from itertools import count

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from illcore.errors import NotAllowed
from illcore.states.agree import agree
from illcore.testing.network import build_town

SIDES = ("ISIL:A", "ISIL:B", "ISIL:C")
DETAILS = {
    "add_conditions": {"text": "in the library only"},
    "close": {"outcome": "duplicate"},
    "message": {"text": "any news?"},
    "ask_retry": {"reason": "OnLoan"},
    "ship": {"due_date": "2026-03-02"},
    "supply_document": {"url": "https://files.example.org/a.pdf"},
    "accept_renew": {"due_date": "2026-04-01"},
    "reject_delivery": {"reason": "page 14 is missing"},
}
IN_THE_HOUSE = frozenset(
    "edit set_suppliers approve override record retry_effect done_by_hand note assign escalate hand_back undo".split()
)
"""Not tried: they move nothing at the other side, or say something that the other side never said."""
NOTHING_CAME = frozenset("sent will_supply conditional retry_offered cancel_pending".split())
"""Nobody receives what nobody sent."""

step = st.tuples(
    st.sampled_from((*SIDES, "ISIL:A", "ISIL:B")),
    st.integers(0, 30),
    st.lists(st.sampled_from(("ok", "ok", "lose", "cut", "delay", "double")), max_size=2),
    st.sampled_from(("run", "run", "nothing", "late", "seconds", "days")),
)


class Walk:
    def __init__(self, town, copy):
        self.town, self.copy = town, copy
        self.taken = []
        citation = {"title": "三体", "author": "刘慈欣", "publication_type": "Book"}
        if copy:
            citation = {"title": "学报", "year": "2024", "issue": "3", "pages": "1-9", "publication_type": "Article"}
            citation["title_of_component"] = "馆际互借研究"
        self.ours = town.staff("ISIL:A").submit({"service_type": "copy" if copy else "loan", "citation": citation})
        town.run()

    def id_at(self, symbol):
        if symbol == "ISIL:A":
            return self.ours
        rows = self.town.staff(symbol).find()
        return rows[0]["id"] if rows else None

    def act(self, symbol, choice):
        id = self.id_at(symbol)
        if id is None:
            return
        staff = self.town.staff(symbol)
        shown = staff.get(id)
        untrue = {"receive"} if shown["state"] in NOTHING_CAME else set()
        possible = [a for a in shown["actions"] if a not in IN_THE_HOUSE | untrue]
        if not possible:
            return
        action = possible[choice % len(possible)]
        try:
            staff.act(id, action, **DETAILS.get(action, {}))
        except NotAllowed as refused:
            self.taken.append(f"{symbol} {action}: {refused}")
        else:
            self.taken.append(f"{symbol} {action}")

    def go_on(self, how):
        if how == "late":
            self.town.network.deliver_late()
        if how in ("run", "late"):
            self.town.run()
        if how in ("seconds", "days"):
            self.town.wait(**{how: 20 if how == "seconds" else 4})

    def heal(self):
        """All faults end, everything is delivered, what was given up is sent again; then the borrower asks."""
        network = self.town.network
        network.faults.clear()
        network.deliver_late()
        for _ in range(2):
            self.town.wait(hours=2)
        for symbol in SIDES:
            id = self.id_at(symbol)
            if id and any(a["effect"] for a in self.town.staff(symbol).get(id)["attention"]):
                self.town.staff(symbol).act(id, "retry_effect")
        self.town.run()
        if "ask_status" in self.town.staff("ISIL:A").get(self.ours)["actions"]:
            self.town.staff("ISIL:A").act(self.ours, "ask_status")
            self.town.run()

    def request(self, symbol):
        engine = self.town.engines[symbol]
        with engine.database.read() as connection:
            return engine.database.get(connection, symbol, self.id_at(symbol))

    def check(self):
        ours = self.request("ISIL:A")
        with self.town.engines["ISIL:A"].database.read() as connection:
            assert self.town.engines["ISIL:A"].database.verify_chain(connection, self.ours) == []
        for symbol in SIDES[1:]:
            if self.id_at(symbol) is None:
                continue
            theirs = self.request(symbol)
            if {a.reason for one in (ours, theirs) for a in one.attention} & {"undeliverable", "refused"}:
                continue
            story = "; ".join(self.taken)
            assert agree(ours, theirs), f"A {ours.state}, {symbol} {theirs.state} after: {story}"


@pytest.fixture(scope="module")
def fresh_town(tmp_path_factory, empty_database):
    numbers = count()

    def make():
        folder = tmp_path_factory.mktemp(f"walk{next(numbers)}")
        for symbol in SIDES:
            shutil.copy(empty_database, folder / f"{symbol[-1]}.db")
        urls = {symbol: f"sqlite:///{folder / symbol[-1]}.db" for symbol in SIDES}
        return build_town(urls, config={"synchronous": "NORMAL"}, schema=False)

    return make


def walk(town, copy, steps):
    try:
        one = Walk(town, copy)
        for symbol, choice, faults, how in steps:
            for fault in faults:
                town.network.script("ISIL:B" if symbol == "ISIL:A" else "ISIL:A", fault)
            one.act(symbol, choice)
            one.go_on(how)
        one.heal()
        one.check()
    finally:
        town.close()


walks = settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


@walks
@given(steps=st.lists(step, min_size=3, max_size=12))
def test_after_any_walk_of_a_loan_the_two_sides_agree(fresh_town, steps):
    walk(fresh_town(), False, steps)


@walks
@given(steps=st.lists(step, min_size=3, max_size=10))
def test_after_any_walk_of_a_copy_the_two_sides_agree(fresh_town, steps):
    walk(fresh_town(), True, steps)
