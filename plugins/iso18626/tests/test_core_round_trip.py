"""Core → wire → bytes → wire → core: every message of the engine arrives at another engine as it was sent."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from illcore import signals
from illcore.message import Address, Message, OfferedCondition, SentItem, Signal
from illcore.model import Citation, Money
from illcore_iso18626.mapping import from_wire, to_wire
from illcore_iso18626.reader import read_message
from illcore_iso18626.writer import write_message

LETTERS = st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"])
WORDS = st.text(LETTERS, min_size=1, max_size=20).map(str.strip).filter(lambda text: text.isprintable())
LINES = st.lists(WORDS.filter(bool), min_size=1, max_size=3).map("\n".join).filter(lambda text: "#" not in text)
PLAIN = WORDS.filter(bool)
CODES = st.sampled_from(["LibraryUseOnly", "NoReproduction", "SignatureRequired", "馆内"])
TIMES = st.datetimes(
    datetime(2000, 1, 1),  # noqa: DTZ001
    datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)
MONEY = st.builds(
    Money,
    amount=st.decimals(0, 99999, places=2, allow_nan=False).map(abs),
    currency=st.sampled_from(["CNY", "USD", "EUR"]),
)
NUMBERS = st.sampled_from([0, 2, 17])
IDS = st.from_regex(r"[A-Z0-9-]{1,20}", fullmatch=True)
ITEMS = st.builds(SentItem, barcode=WORDS, call_number=WORDS, label=WORDS).filter(lambda item: item != SentItem())
CONDITIONS = st.one_of(
    st.builds(OfferedCondition, number=NUMBERS, code=CODES, text=st.just("") | LINES, cost=st.none() | MONEY),
    st.builds(OfferedCondition, number=NUMBERS, text=LINES, cost=st.none() | MONEY),
    st.builds(OfferedCondition, number=NUMBERS, cost=MONEY),
)
POSTAL = st.builds(
    Address,
    line1=PLAIN,
    line2=WORDS,
    locality=WORDS,
    postal_code=st.just("") | IDS,
    region=st.just(""),
    country=st.sampled_from(["", "CN"]),
)
ADDRESSES = POSTAL | st.builds(Address, electronic=st.just("ill@example.org"))
HEADER: dict[str, Any] = {
    "requesting_agency": st.sampled_from(["ISIL:CN-110001", "RESHARE:US:PA:1"]),
    "supplying_agency": st.just("ISIL:CN-320006"),
    "requesting_agency_request_id": IDS,
    "timestamp": TIMES,
}
CITATIONS = st.builds(
    Citation,
    **{
        name: st.just("") | PLAIN
        for name in (
            "title author title_of_component author_of_component series edition publisher place year volume issue pages"
            " total_pages"
        ).split()
    },
    isbn=st.sampled_from(["", "9787020002207", "not an isbn"]),
    issn=st.sampled_from(["", "1002-1027"]),
    doi=st.sampled_from(["", "10.1000/182"]),
    pmid=st.sampled_from(["", "123"]),
    oclc=st.sampled_from(["", "456"]),
    publication_type=st.sampled_from(["", "Book", "Article", "Chapter"]),
).filter(lambda citation: bool(citation.title or citation.title_of_component or citation.author))
REQUESTS = st.builds(
    Message,
    kind=st.just("Request"),
    **HEADER,
    request_type=st.sampled_from(["New", "Retry", "Reminder"]),
    previous_id=st.just("") | IDS,
    service_type=st.sampled_from(["loan", "copy", "copy_or_loan"]),
    citation=CITATIONS,
    supplier_record_id=st.just("") | IDS,
    service_level=st.sampled_from(["", "Normal", "Urgent"]),
    format=st.sampled_from(["", "PDF", "PaperCopy"]),
    needed_by=st.none() | TIMES,
    max_cost=st.none() | MONEY,
    copyright_compliance=st.sampled_from(["", "Other"]),
    any_edition=st.none() | st.booleans(),
    delivery_addresses=st.lists(ADDRESSES, max_size=2).map(tuple),
    requesting_library_name=st.just("") | PLAIN,
    supplier_call_number=st.just("") | PLAIN,
    note=st.just("") | LINES,
)
SIGNALS = st.one_of(
    st.builds(Signal, name=st.just("accept"), number=st.integers(1, 99)),
    st.builds(Signal, name=st.just("resend"), reason=st.sampled_from(["blurred", "缺页 3-5"])),
    st.builds(Signal, name=st.sampled_from(["lost", "closed"])),
)
ACTIONS = st.builds(
    Message,
    kind=st.just("RequestingAgencyMessage"),
    **HEADER,
    supplying_agency_request_id=st.just("") | IDS,
    action=st.sampled_from(["StatusRequest", "Received", "Cancel", "Renew", "ShippedReturn", "ShippedForward"]),
    note=st.just("") | LINES,
)
NOTIFICATIONS = st.builds(
    Message,
    kind=st.just("RequestingAgencyMessage"),
    **HEADER,
    action=st.just("Notification"),
    signal=st.none() | SIGNALS,
    note=LINES.filter(lambda text: text.casefold().strip(" .!") != "accept"),
)
SUPPLIER: dict[str, Any] = {
    "kind": st.just("SupplyingAgencyMessage"),
    **HEADER,
    "supplying_agency_request_id": st.just("") | IDS,
    "last_change": TIMES,
}
ANSWERS = st.builds(
    Message,
    **SUPPLIER,
    reason=st.sampled_from(["RequestResponse", "StatusRequestResponse", "StatusChange"]),
    status=st.sampled_from(["WillSupply", "RetryPossible"]),
    reason_retry=st.sampled_from(["", "OnLoan", "CostExceedsMaxCost"]),
    retry_after=st.none() | TIMES,
    retry_before=st.none() | TIMES,
    expected_delivery=st.none() | TIMES,
    conditions=st.lists(CONDITIONS, max_size=3).map(tuple),
)
ENDS = st.builds(
    Message,
    **SUPPLIER,
    reason=st.sampled_from(["RequestResponse", "CancelResponse", "RenewResponse", "StatusChange"]),
    status=st.sampled_from(["Unfilled", "Cancelled", "LoanCompleted", "CompletedWithoutReturn", "Overdue", "Recalled"]),
    answer=st.none() | st.booleans(),
    reason_unfilled=st.sampled_from(["", "NotOnShelf", "NotHeld"]),
    due_date=st.none() | TIMES,
    note=st.just("") | LINES,
)
LOANS = st.builds(
    Message,
    **SUPPLIER,
    reason=st.sampled_from(["RequestResponse", "StatusChange"]),
    status=st.just("Loaned"),
    due_date=st.none() | TIMES,
    conditions=st.lists(CONDITIONS, max_size=2).map(tuple),
    sent_at=TIMES,
    sent_via=st.sampled_from(["Mail", "Courier", ""]),
    items=st.lists(ITEMS, max_size=3).map(tuple),
    delivered_format=st.sampled_from(["", "Printed"]),
    delivery_cost=st.none() | MONEY,
    return_to=st.none() | POSTAL,
    return_agency=st.sampled_from(["", "ISIL:CN-320006"]),
)
COPIES = st.builds(
    Message,
    **SUPPLIER,
    reason=st.sampled_from(["RequestResponse", "StatusChange"]),
    status=st.just("CopyCompleted"),
    sent_at=TIMES,
    sent_via=st.just("URL"),
    url=st.sampled_from(["https://docs.example.org/d/1", "http://例子.cn/文?a=1&b=2"]),
    delivery_cost=st.none() | MONEY,
)
SUPPLIER_NOTES = st.builds(
    Message,
    **SUPPLIER,
    reason=st.just("Notification"),
    status=st.sampled_from(["Loaned", "WillSupply", "Overdue"]),
    signal=st.none() | SIGNALS,
    note=LINES,
)


def there(message: Message, profile: dict[str, Any] | None = None) -> Message:
    profile = profile or {}
    arrived = from_wire(read_message(write_message(to_wire(message, profile))))
    if "Notification" not in (message.action, message.reason):
        return arrived
    signal, note = signals.read(arrived.note, profile)
    return arrived.model_copy(update={"signal": signal, "note": note})


@given(REQUESTS)
def test_a_request(message: Message) -> None:
    assert there(message) == message


@given(ACTIONS | NOTIFICATIONS)
def test_what_the_requester_says(message: Message) -> None:
    assert there(message) == message


@given(ANSWERS | ENDS | SUPPLIER_NOTES)
def test_what_the_supplier_says(message: Message) -> None:
    assert there(message) == message


@given(LOANS, st.sampled_from(["note", "triples"]))
def test_a_loan_with_all_its_items(message: Message, items: str) -> None:
    assert there(message, {"items": items}) == message


@given(COPIES)
def test_a_copy_with_its_document(message: Message) -> None:
    assert there(message) == message
    assert there(message, {"also_in_note": ["url"]}) == message


@given(ANSWERS | LOANS)
def test_what_is_repeated_in_the_note_is_not_taken_twice(message: Message) -> None:
    profile = {"also_in_note": ["conditions", "url", "return_address", "delivery_address"]}
    assert there(message, profile) == message


@given(REQUESTS)
def test_the_same_message_gives_the_same_bytes(message: Message) -> None:
    again = Message.model_validate_json(message.model_dump_json())
    assert write_message(to_wire(again, {})) == write_message(to_wire(message, {}))


def test_amounts_keep_their_digits() -> None:
    cost = Money(amount=Decimal("12.50"), currency="CNY")
    condition = OfferedCondition(code="LibraryUseOnly", cost=cost)
    message = Message(
        kind="SupplyingAgencyMessage",
        requesting_agency="ISIL:A",
        supplying_agency="ISIL:B",
        requesting_agency_request_id="1",
        timestamp=datetime(2026, 1, 1, tzinfo=UTC),
        last_change=datetime(2026, 1, 1, tzinfo=UTC),
        reason="StatusChange",
        status="WillSupply",
        conditions=(condition, condition),
    )
    assert [str(each.cost and each.cost.amount) for each in there(message).conditions] == ["12.50", "12.50"]
