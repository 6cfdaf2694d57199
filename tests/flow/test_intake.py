"""What comes in from partners: each message once, matched to the right request, refused in words, kept for staff."""

import json
from datetime import timedelta

import pytest

from illcore.errors import BadMessage, NotFound
from illcore.message import Message
from illcore.model import Citation, Partner
from illcore.partners import put

pytestmark = pytest.mark.filterwarnings("error")


class Door:
    """B's door: what a partner posts, and what it is answered."""

    def __init__(self, town):
        self.town, self.engine = town, town.engines["ISIL:B"]
        self.staff = town.staff("ISIL:B")

    def post(self, message):
        answer = self.engine.ingest(message.model_dump_json(exclude_defaults=True).encode(), "wire:main")
        (result,) = json.loads(answer)
        return result

    def request(self, number="100", sender="ISIL:A", **fields):
        values = {
            "kind": "Request",
            "requesting_agency": sender,
            "supplying_agency": "ISIL:B",
            "requesting_agency_request_id": number,
            "timestamp": self.town.clock.now(),
            "service_type": "loan",
            "citation": Citation(title="三体", author="刘慈欣", publication_type="Book"),
        }
        return Message(**(values | fields))

    def says(self, action, number="100", sender="ISIL:A", **fields):
        values = {
            "kind": "RequestingAgencyMessage",
            "requesting_agency": sender,
            "supplying_agency": "ISIL:B",
            "requesting_agency_request_id": number,
            "timestamp": self.town.clock.now(),
            "action": action,
        }
        return Message(**(values | fields))

    def unmatched(self):
        with self.engine.database.read() as connection:
            return [(row.partner, row.kind) for row in self.engine.database.unmatched(connection, "ISIL:B")]


@pytest.fixture
def door(make_town):
    return Door(make_town("A", "B", "C"))


def outcome(result):
    return result["outcome"], result["error"], result["value"]


def test_the_same_message_is_answered_as_the_first_time(door):
    request = door.request()
    assert outcome(door.post(request)) == ("applied", "", "")
    assert outcome(door.post(request)) == ("duplicate", "", "")
    cancel = door.says("Cancel")
    assert outcome(door.post(cancel)) == ("applied", "", "")
    assert outcome(door.post(cancel)) == ("duplicate", "", "")
    renew = door.says("Renew")
    first, second = door.post(renew), door.post(renew)
    assert outcome(first) == outcome(second)
    assert first["error"] == "UnsupportedActionType"
    (row,) = door.staff.find()
    assert [e["type"] for e in door.staff.get(row["id"])["events"]] == ["submit", "Cancel", "Renew"]


def test_a_request_whose_id_is_open_is_a_duplicate_whatever_its_timestamp(door):
    door.post(door.request())
    again = door.request(timestamp=door.town.clock.now() + timedelta(hours=3))
    assert outcome(door.post(again)) == ("duplicate", "", "")
    assert len(door.staff.find()) == 1


def test_a_request_repeated_with_other_content_is_an_error(door):
    door.post(door.request())
    result = door.post(door.request(citation=Citation(title="球状闪电", publication_type="Book")))
    assert result["error"] == "UnrecognisedDataValue"
    assert "100 already exists" in result["value"]
    (row,) = door.staff.find()
    assert (row["title"], row["state"]) == ("三体", "new")


def test_the_same_id_from_another_library_is_another_request(door):
    door.post(door.request())
    door.post(door.request(sender="ISIL:C"))
    assert sorted(r["partner"] for r in door.staff.find()) == ["ISIL:A", "ISIL:C"]
    door.post(door.says("Cancel", sender="ISIL:C"))
    assert {r["partner"]: r["state"] for r in door.staff.find()} == {"ISIL:A": "new", "ISIL:C": "cancel_requested"}


def test_a_message_that_matches_no_request_is_refused_and_kept_for_staff(door):
    result = door.post(door.says("Cancel", number="999"))
    assert (result["outcome"], result["error"]) == ("refused", "UnrecognisedDataValue")
    assert result["value"].startswith("requestingAgencyRequestId: request 999")
    assert door.unmatched() == [("ISIL:A", "RequestingAgencyMessage")]


def test_a_question_about_an_unknown_request_leaves_nothing_behind(door):
    question = door.says("StatusRequest", number="100")
    assert door.post(question)["value"].startswith("requestingAgencyRequestId")
    assert door.unmatched() == []
    door.post(door.request())
    assert outcome(door.post(question)) == ("applied", "", ""), "the same question later gets its own answer"


def test_a_library_that_is_no_partner_gets_an_error_and_leaves_nothing(door):
    result = door.post(door.request(sender="ISIL:STRANGER"))
    assert (result["error"], "ISIL:STRANGER" in result["value"]) == ("UnrecognisedDataValue", True)
    assert (door.staff.find(), door.unmatched()) == ([], [])
    with door.engine.database.write() as connection:
        put(connection, "ISIL:B", Partner(symbol="ISIL:STRANGER", account="wire:main"), door.town.clock.now())
    assert door.post(door.request(sender="ISIL:STRANGER"))["outcome"] == "applied"


def test_a_message_for_a_library_that_is_not_here(door):
    result = door.post(door.request(supplying_agency="ISIL:ELSEWHERE"))
    assert result["error"] == "UnrecognisedDataValue"
    assert result["value"].startswith("supplyingAgencyId: ISIL:ELSEWHERE")


def test_another_supplier_cannot_speak_for_the_one_that_was_asked(ask):
    sides = ask()
    message = Message(
        kind="SupplyingAgencyMessage",
        requesting_agency="ISIL:A",
        supplying_agency="ISIL:C",
        requesting_agency_request_id=sides.ours,
        timestamp=sides.town.clock.now(),
        reason="StatusChange",
        status="Loaned",
    )
    engine = sides.town.engines["ISIL:A"]
    (result,) = json.loads(engine.ingest(message.model_dump_json(exclude_defaults=True).encode(), "wire:main"))
    assert (result["error"], result["value"].split(":")[0]) == ("UnrecognisedDataValue", "supplyingAgencyId")
    assert sides.states == ("sent", "new")


def test_bytes_that_are_no_message_and_accounts_that_are_not_there(door):
    with pytest.raises(BadMessage):
        door.engine.ingest(b"<html>", "wire:main")
    with pytest.raises(NotFound, match="wire:other"):
        door.engine.ingest(b"{}", "wire:other")


# --- credentials ---------------------------------------------------------------------------------------------------


@pytest.fixture
def guarded(make_town, monkeypatch):
    monkeypatch.setenv("ILL_TEST_CODE", "geheim")
    incoming = {"account_id": "a-lib", "security_code": {"env": "ILL_TEST_CODE"}}
    return Door(make_town("A", "B", profiles={"ISIL:A": {"incoming": incoming}}))


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ({}, False),
        ({"account_id": "a-lib"}, False),
        ({"account_id": "a-lib", "security_code": "geraten"}, False),
        ({"account_id": "a-lib", "security_code": "geheim"}, True),
    ],
)
def test_credentials_are_asked_where_the_partner_record_sets_them(guarded, given, taken):
    result = guarded.post(guarded.request(**given))
    assert result["outcome"] == ("applied" if taken else "refused")
    assert result["value"].startswith("requestingAgencyAuthentication") is not taken
    assert "geheim" not in result["value"]
    assert len(guarded.staff.find()) == taken


def test_a_message_refused_for_credentials_is_taken_once_they_are_mended(guarded, monkeypatch):
    request = guarded.request(account_id="a-lib", security_code="neu")
    assert guarded.post(request)["outcome"] == "refused"
    monkeypatch.setenv("ILL_TEST_CODE", "neu")
    assert guarded.post(request)["outcome"] == "applied"


def test_a_secret_that_cannot_be_read_refuses_without_a_word_about_it(guarded, monkeypatch):
    monkeypatch.delenv("ILL_TEST_CODE")
    result = guarded.post(guarded.request(account_id="a-lib", security_code="geheim"))
    assert (result["outcome"], "ILL_TEST_CODE" in result["value"]) == ("refused", False)


def test_neither_security_codes_nor_texts_are_kept_beside_the_log(guarded):
    """Texts stand in the erasable payloads of the log alone."""
    guarded.post(guarded.request(account_id="a-lib", security_code="geheim", note="für Frau Li"))
    with guarded.engine.database.read() as connection:
        rows = connection.exec_driver_sql("SELECT body, result FROM ill_inbox").all()
    assert rows
    assert "geheim" not in str(rows)
    assert "Frau Li" not in str(rows)
    (row,) = guarded.staff.find()
    assert guarded.staff.get(row["id"])["events"][0]["text"] == "für Frau Li"


# --- a peer's Retry ------------------------------------------------------------------------------------------------


def state(door):
    (row,) = door.staff.find()
    return row["state"]


def test_a_peer_may_retry_under_the_same_id_again_and_again(door):
    door.post(door.request())
    for _ in range(2):
        door.staff.act(door.staff.find()[0]["id"], "ask_retry", reason="OnLoan")
        assert state(door) == "retry_asked"
        retry = door.request(request_type="Retry", previous_id="100")
        assert outcome(door.post(retry)) == ("applied", "", "")
        assert state(door) == "new"
        assert outcome(door.post(retry)) == ("duplicate", "", "")


def test_an_old_retry_that_comes_late_reopens_nothing(door):
    door.post(door.request())
    id = door.staff.find()[0]["id"]
    door.staff.act(id, "ask_retry")
    door.post(door.request(request_type="Retry", previous_id="100"))
    stale = door.request(request_type="Retry", previous_id="100")
    door.staff.act(id, "cannot_supply")
    assert outcome(door.post(stale)) == ("duplicate", "", "")
    assert state(door) == "unfilled"


def test_a_retry_under_a_new_id_reopens_what_was_unfilled(door):
    door.post(door.request())
    door.staff.act(door.staff.find()[0]["id"], "cannot_supply")
    door.post(door.request(number="101", request_type="Retry", previous_id="100"))
    assert state(door) == "new"
    assert door.staff.find()[0]["requesting_agency_request_id"] == "101"


def test_a_retry_of_what_we_are_about_to_send_is_refused(door):
    door.post(door.request())
    door.staff.act(door.staff.find()[0]["id"], "will_supply")
    result = door.post(door.request(number="101", request_type="Retry", previous_id="100"))
    assert (result["outcome"], "Retry is not possible" in result["value"]) == ("refused", True)
    assert state(door) == "will_supply"


def test_a_request_entered_by_hand_takes_the_messages_that_follow(door):
    id = door.staff.submit(
        {
            "role": "supplier",
            "service_type": "loan",
            "citation": {"title": "三体", "publication_type": "Book"},
            "partner": "ISIL:A",
            "requesting_agency_request_id": "100",
        }
    )
    assert outcome(door.post(door.request())) == ("duplicate", "", "")
    door.post(door.says("Cancel"))
    assert door.staff.get(id)["state"] == "cancel_requested"
