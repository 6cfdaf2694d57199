"""Copies are cleared before anybody is asked: what policies say, what staff decide, what the ledger counts."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from illcore import privacy
from illcore.errors import Invalid, NotAllowed
from illcore.hooktypes import Claim, Obligation, Verdict
from illcore.model import BilingualText, Money
from illcore.store import ledger
from illcore.testing.fakes import FakePlugin
from illcore.testing.network import Town

A, B = "ISIL:A", "ISIL:B"
FIVE = Claim(key="us:contu:1000-0001", year=2026, limit=5, title="Library Trends", issn="1000-0001")
ALLOWED = Verdict(decision="allow", compliance="US-CCG", claims=(FIVE,), retention_until=date(2029, 12, 31))
DECLARATION = Obligation(
    code="declaration", version="uk-1", text=BilingualText(en="I have not been supplied before.", zh="此前未获提供。")
)


def said(text: str) -> tuple[BilingualText, ...]:
    return (BilingualText(en=text, zh=f"{text}（中文）"),)


@pytest.fixture
def policies() -> FakePlugin:
    return FakePlugin(hooks=("copyright",))


@pytest.fixture
def cleared(make_town: Callable[..., Town], policies: FakePlugin) -> Callable[..., Town]:
    """``cleared(verdict or a function of request and usage, policy={…})``: a town that asks this policy."""

    def make(verdict: Any, policy: dict[str, Any] | None = None, names: str = "AB") -> Town:
        policies.script("main", "copyright", *[verdict] * 200)
        accounts: dict[str, dict[str, str]] = {"wire:main": {}, "fake:main": {"label": "main"}}
        town = make_town(*names, policy=policy, config={"accounts": accounts}, plugins=[policies])
        return town

    return make


def asked(town: Town, article: dict[str, Any], number: int = 0, **fields: Any) -> dict[str, Any]:
    citation = {**article["citation"], "title_of_component": f"第{number}篇"}
    id = town.staff(A).submit({**article, "citation": citation, "suppliers": [B], **fields})
    town.run()
    return town.staff(A).get(id)


def event(shown: dict[str, Any], type: str) -> dict[str, Any]:
    data: dict[str, Any] = next(e["data"] for e in reversed(shown["events"]) if e["type"] == type)
    return data


def fill(town: Town, ours: str) -> None:
    lender = town.staff(B)
    (theirs,) = [r["id"] for r in lender.find() if r["requesting_agency_request_id"].startswith(ours)]
    if lender.get(theirs)["state"] == "review":
        lender.act(theirs, "will_supply")
    lender.act(theirs, "supply_document")
    town.run()
    town.staff(A).act(ours, "receive")
    town.run()


def statuses(town: Town) -> list[str]:
    return [each["status"] for each in town.staff(A).ledger(released=True)]


# --- verdicts ---


def test_what_is_allowed_goes_out_with_its_compliance_code(cleared, article, policies):
    town = cleared(ALLOWED)
    shown = asked(town, article)
    assert shown["state"] == "sent"
    assert (shown["copyright"]["decision"], shown["copyright"]["compliance"]) == ("allow", "US-CCG")
    (request,) = [s.message for s in town.network.sent if s.message.kind == "Request"]
    assert request.copyright_compliance == "US-CCG"
    seen = policies.calls_of("copyright")[0]
    assert (seen.request.service_type, seen.request.role, seen.usage.library) == ("copy", "requester", A)
    assert seen.request.reader.isdecimal()


def test_a_loan_needs_no_clearance(cleared, book, policies):
    town = cleared(Verdict(decision="deny"))
    assert asked(town, book)["state"] == "sent"
    assert policies.calls_of("copyright") == []


@pytest.mark.parametrize("decision", ["review", "deny"])
def test_what_is_not_allowed_waits_for_a_person_who_answers_for_it(cleared, article, decision):
    town = cleared(Verdict(decision=decision, reasons=said("The date is unknown.")))
    shown = asked(town, article)
    assert (shown["state"], shown["reasons"], shown["partner"]) == ("review", ["copyright"], None)
    (reason,) = event(shown, "cleared")["reasons"]
    assert reason == {"reason": "copyright", "text": "The date is unknown.", "zh": "The date is unknown.（中文）"}
    assert town.network.sent == []
    staff = town.staff(A, "librarian")
    with pytest.raises(NotAllowed, match="needs a note"):
        staff.act(shown["id"], "override", reason="copyright")
    told = {"reason": "copyright", "note": "the publisher agreed", "compliance": "US-CCL"}
    assert staff.act(shown["id"], "override", **told)["state"] == "sent"
    town.run()
    (request,) = [s.message for s in town.network.sent if s.message.kind == "Request"]
    assert request.copyright_compliance == "US-CCL"


def test_an_edited_citation_is_cleared_anew(cleared, article, policies):
    def by_year(request: Any, usage: Any) -> Verdict:
        return ALLOWED if request.citation.year == "2025" else Verdict(decision="review", reasons=said("Which year?"))

    town = cleared(by_year)
    shown = asked(town, article)
    assert shown["state"] == "review"
    town.staff(A).act(shown["id"], "edit", citation={"year": "2025"})
    town.run()
    assert town.staff(A).get(shown["id"])["state"] == "sent"
    assert len(policies.calls_of("copyright")) == 3  # the lender asks its own policy too


def test_a_policy_that_crashes_means_a_person(cleared, article):
    shown = asked(cleared(ZeroDivisionError("bug")), article)
    assert (shown["state"], shown["reasons"]) == ("review", ["copyright"])
    assert "fake:main could not decide" in event(shown, "cleared")["reasons"][0]["text"]


def test_the_lender_clears_a_partners_request_too(cleared, article):
    def lender_objects(request: Any, usage: Any) -> Verdict:
        return ALLOWED if request.role == "requester" else Verdict(decision="review", reasons=said("No flag."))

    town = cleared(lender_objects)
    asked(town, article)
    (row,) = town.staff(B).find()
    shown = town.staff(B).get(row["id"])
    assert (shown["state"], shown["reasons"]) == ("review", ["copyright"])
    assert town.staff(B).act(row["id"], "will_supply")["state"] == "will_supply"


def test_only_the_policies_of_the_librarys_own_country_are_asked(cleared, article, policies):
    town = cleared(Verdict(decision="deny"), policy={"copyright_accounts": ["fake:elsewhere"]})
    shown = asked(town, article)
    assert shown["state"] == "review"
    assert "no account fake:elsewhere" in event(shown, "cleared")["reasons"][0]["text"]
    assert policies.calls_of("copyright") == []


# --- declarations ---


def test_a_declaration_is_asked_for_before_sending_and_then_it_goes_on_by_itself(cleared, article):
    def british(request: Any, usage: Any) -> Verdict:
        if request.role == "supplier" or "uk-1" in usage.declarations:
            return Verdict(decision="allow", compliance="UK-FairDealing", obligations=(DECLARATION,))
        return Verdict(decision="review", reasons=said("The declaration is missing."), obligations=(DECLARATION,))

    town = cleared(british)
    shown = asked(town, article)
    assert shown["state"] == "review"
    reader = town.engines[A].as_(town.staff(A).actor.model_copy(update={"kind": "reader", "id": "R-1", "role": None}))
    other = town.engines[A].as_(town.staff(A).actor.model_copy(update={"kind": "reader", "id": "R-2", "role": None}))
    with pytest.raises(Invalid, match=r"no declaration 'uk-2' is asked for here \(asked for: uk-1\)"):
        reader.declare(shown["id"], "uk-2")
    with pytest.raises(NotAllowed, match="another reader"):
        other.declare(shown["id"], "uk-1")
    reader.declare(shown["id"], "uk-1", "zh")
    town.run()
    after = town.staff(A).get(shown["id"])
    assert (after["state"], after["copyright"]["declared"]) == ("sent", ["uk-1"])
    with town.engines[A].database.read() as connection:
        (row,) = connection.exec_driver_sql("SELECT version, language, text, actor_id FROM ill_declaration").all()
    assert row == ("uk-1", "zh", "此前未获提供。", "")


# --- the ledger ---


def test_the_sixth_copy_of_the_year_waits_and_a_released_place_is_free_again(cleared, article):
    town = cleared(ALLOWED)
    five = [asked(town, article, number)["id"] for number in range(5)]
    assert statuses(town) == ["reserved"] * 5
    sixth = asked(town, article, 6)
    assert (sixth["state"], sixth["reasons"]) == ("review", ["copyright"])
    told = event(sixth, "cleared")["reasons"][0]
    assert told["text"] == "The 5 copies that may be had of Library Trends in 2026 are taken."
    assert told["zh"] == "Library Trends 在 2026 年的 5 份复制限额已用完。"
    town.staff(A).act(five[0], "cancel")
    town.run()
    lender = town.staff(B)
    (theirs,) = [r["id"] for r in lender.find() if r["requesting_agency_request_id"] == five[0]]
    lender.act(theirs, "accept_cancel")
    town.run()
    assert sorted(statuses(town)) == ["released", *["reserved"] * 4]
    seventh = asked(town, article, 7)
    assert seventh["state"] == "sent"


def test_a_copy_counts_when_it_came_and_a_resend_counts_once(cleared, article):
    town = cleared(ALLOWED)
    ours = asked(town, article)["id"]
    fill(town, ours)
    assert statuses(town) == ["final"]
    town.staff(A).act(ours, "reject_delivery", reason="black page")
    town.run()
    assert statuses(town) == ["reserved"]
    fill(town, ours)
    town.staff(A).act(ours, "deliver")
    town.run()
    (line,) = town.staff(A).ledger()
    assert (line["status"], line["year"], line["limit"], line["title"]) == ("final", 2026, 5, "Library Trends")
    assert line["retention_until"] == "2029-12-31"


def test_the_next_supplier_takes_no_second_place(cleared, article):
    town = cleared(ALLOWED, names="ABC")
    ours = asked(town, article, suppliers=[B, "ISIL:C"])["id"]
    lender = town.staff(B)
    (theirs,) = [r["id"] for r in lender.find()]
    lender.act(theirs, "cannot_supply", reason="NotHeld")
    town.run()
    assert town.staff(A).get(ours)["partner"] == "ISIL:C"
    assert statuses(town) == ["reserved"]


def test_unfilled_requests_do_not_count(cleared, article):
    town = cleared(ALLOWED, policy={"end_of_rota": "unfilled"})
    asked(town, article)
    lender = town.staff(B)
    lender.act(lender.find()[0]["id"], "cannot_supply", reason="NotHeld")
    town.run()
    assert town.staff(A).ledger() == []
    assert statuses(town) == ["released"]


def test_staff_may_exceed_the_limit_and_the_ledger_says_so(cleared, article):
    town = cleared(ALLOWED)
    for number in range(5):
        asked(town, article, number)
    sixth = asked(town, article, 6)["id"]
    town.staff(A).act(sixth, "override", reason="copyright", note="royalty paid to the CCC")
    town.run()
    assert statuses(town) == ["reserved"] * 6


def test_a_claim_moves_to_the_year_in_which_the_copy_arrives_if_policy_counts_so(cleared, article):
    town = cleared(ALLOWED.model_copy(update={"claims": (FIVE.model_copy(update={"year_of": "fill"}),)}))
    ours = asked(town, article)["id"]
    assert [line["year"] for line in town.staff(A).ledger()] == [2026]
    town.clock.advance(days=365)
    fill(town, ours)
    assert [line["year"] for line in town.staff(A).ledger()] == [2027]
    assert town.staff(A).ledger(2026) == []


def test_a_claim_that_counts_the_request_stays_whatever_becomes_of_it(cleared, article):
    town = cleared(
        ALLOWED.model_copy(update={"claims": (FIVE.model_copy(update={"count_on": "requested"}),)}),
        policy={"end_of_rota": "unfilled"},
    )
    asked(town, article)
    lender = town.staff(B)
    lender.act(lender.find()[0]["id"], "cannot_supply", reason="NotHeld")
    town.run()
    assert statuses(town) == ["final"]


def test_fees_stand_in_the_ledger(cleared, article):
    fee = Money(amount="3.27", currency="EUR")
    paid = Claim(key="de:60e5:t", year=2026, title="Zeitschrift", fee=fee)
    town = cleared(Verdict(decision="allow_with_fee", fees=(fee,), claims=(paid,)))
    shown = asked(town, article)
    assert shown["state"] == "sent"
    (line,) = town.staff(A).ledger()
    assert (line["fee"], line["limit"]) == ({"amount": "3.27", "currency": "EUR"}, None)


def test_readers_and_other_libraries_do_not_see_the_ledger(cleared, article):
    town = cleared(ALLOWED)
    asked(town, article)
    reader = town.engines[A].as_(town.staff(A).actor.model_copy(update={"kind": "reader", "id": "R-1", "role": None}))
    with pytest.raises(NotAllowed):
        reader.ledger()
    assert town.staff(B).ledger() == []


def test_a_policy_reads_what_was_used_without_the_request_that_asks(cleared, article):
    seen = []

    def counting(request: Any, usage: Any) -> Verdict:
        if request.role == "requester":
            seen.append(usage.taken.get((FIVE.key, 2026), 0))
        return ALLOWED

    town = cleared(counting)
    for number in range(3):
        asked(town, article, number)
    assert seen == [0, 1, 2]


# --- what changes meanwhile ---


def test_a_verdict_on_what_was_wanted_before_an_edit_does_not_count(cleared, article):
    edited: list[str] = []

    def slow(request: Any, usage: Any) -> Verdict:
        if request.role == "requester" and not edited:
            edited.append(town.staff(A).find()[0]["id"])
            town.staff(A).act(edited[0], "edit", citation={"year": "1999"})
        return Verdict(decision="deny") if request.citation.year == "1999" else ALLOWED

    town = cleared(slow)
    shown = asked(town, article)
    assert (shown["state"], shown["reasons"]) == ("review", ["copyright"])
    assert town.network.sent == []


def test_what_staff_answered_for_still_counts_in_the_ledger_after_an_edit(cleared, article):
    objected = ALLOWED.model_copy(update={"decision": "review"})
    town = cleared(lambda request, usage: objected if request.role == "requester" else ALLOWED, names="ABC")
    shown = asked(town, article)
    staff = town.staff(A)
    staff.act(shown["id"], "override", reason="copyright", note="the publisher agreed")
    town.run()
    lender = town.staff(B)
    lender.act(lender.find()[0]["id"], "cannot_supply", reason="NotHeld")
    town.run()
    assert staff.get(shown["id"])["reasons"] == ["no_supplier"]
    staff.act(shown["id"], "set_suppliers", add=["ISIL:C"])
    staff.act(shown["id"], "edit", needed_by="2026-03-01")
    town.run()
    after = staff.get(shown["id"])
    assert (after["state"], after["copyright"]["decision"]) == ("sent", "review")
    assert statuses(town) == ["reserved"]


def test_a_verdict_that_comes_after_the_lender_promised_is_put_before_its_staff(cleared, article):
    def hasty(request: Any, usage: Any) -> Verdict:
        if request.role == "requester":
            return ALLOWED
        town.staff(B).act(town.staff(B).find()[0]["id"], "will_supply")
        return Verdict(decision="deny", reasons=said("The licence forbids it."))

    town = cleared(hasty)
    asked(town, article)
    shown = town.staff(B).get(town.staff(B).find()[0]["id"])
    assert (shown["state"], shown["copyright"]["decision"]) == ("will_supply", "deny")
    assert [a["reason"] for a in shown["attention"]] == ["copyright"]


def test_another_reader_declares_anew(cleared, article):
    def british(request: Any, usage: Any) -> Verdict:
        allowed = request.role == "supplier" or "uk-1" in usage.declarations
        return Verdict(decision="allow" if allowed else "review", obligations=(DECLARATION,))

    town = cleared(british, policy={"end_of_rota": "review"})
    shown = asked(town, article)
    staff = town.staff(A)
    staff.declare(shown["id"], "uk-1")
    town.run()
    lender = town.staff(B)
    lender.act(lender.find()[0]["id"], "cannot_supply", reason="NotHeld")
    town.run()
    staff.act(shown["id"], "set_suppliers", add=[B])
    staff.act(shown["id"], "edit", reader={"id": "R-2"})
    town.run()
    after = staff.get(shown["id"])
    assert (after["state"], after["reasons"], after["copyright"]["declared"]) == ("review", ["copyright"], [])
    staff.declare(shown["id"], "uk-1")
    with town.engines[A].database.read() as connection:
        (row,) = connection.exec_driver_sql("SELECT reader_id FROM ill_declaration").all()
        (wanted,) = connection.exec_driver_sql("SELECT reader_id FROM ill_request WHERE library = 'ISIL:A'").all()
    assert row == wanted


@pytest.mark.parametrize("kind", ["request", "reader"])
def test_what_is_held_keeps_its_claims(cleared, article, kind):
    town = cleared(ALLOWED)
    shown = asked(town, article)
    actor = town.staff(A).actor
    engine = town.engines[A]
    with engine.database.write() as connection:
        privacy.hold(
            connection, actor, kind, shown["id"] if kind == "request" else "R-1", "a lawsuit", town.clock.now()
        )
    later = date(2031, 1, 1)
    with engine.database.write() as connection:
        assert (ledger.past(connection, A, later), ledger.purge(connection, A, later)) == (0, 0)
    with engine.database.write() as connection:
        privacy.release(connection, actor, kind, shown["id"] if kind == "request" else "R-1", town.clock.now())
        assert (ledger.past(connection, A, later), ledger.purge(connection, A, later)) == (1, 1)


def test_a_clearance_that_staff_settled_by_hand_is_asked_for_again_when_they_send(cleared, article, monkeypatch):
    town = cleared(ALLOWED)
    dispatch = town.engines[A]._dispatch

    def broken(*more: Any, **options: Any) -> Any:
        raise OSError("no policies now")

    with monkeypatch.context() as away:
        away.setattr(type(dispatch), "copyright", broken)
        shown = asked(town, article)
        for _ in range(20):
            town.clock.advance(hours=4)
            town.run()
    staff = town.staff(A)
    assert [a["reason"] for a in staff.get(shown["id"])["attention"]] == ["undeliverable"]
    staff.act(shown["id"], "done_by_hand")
    assert staff.act(shown["id"], "send")["state"] == "locating"
    town.run()
    assert staff.get(shown["id"])["state"] == "sent"


def test_a_demand_that_goes_to_review_for_something_else_is_cleared_too(cleared, article):
    lender_denies = Verdict(decision="deny", reasons=said("The licence forbids it."))
    town = cleared(lambda request, usage: ALLOWED if request.role == "requester" else lender_denies)
    for number in (1, 1):
        asked(town, {**article, "reader": {"id": f"R-{town.clock.now()}"}}, number)
    shown = next(
        s for s in map(town.staff(B).get, [r["id"] for r in town.staff(B).find()]) if "duplicate" in s["reasons"]
    )
    assert shown["copyright"]["decision"] == "deny"
    assert [a["reason"] for a in shown["attention"]] == ["copyright"]
