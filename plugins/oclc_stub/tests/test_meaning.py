"""Our messages as OCLC's actions and back: what one library says is what the other hears."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from illcore.errors import Misconfigured
from illcore.message import Message, OfferedCondition, SentItem, Signal
from illcore.model import Citation, Money, Partner
from illcore_oclc_stub.config import OclcConfig
from illcore_oclc_stub.ill.actions import act_of
from illcore_oclc_stub.ill.citation import citation_of, item_of, service_of
from illcore_oclc_stub.ill.creation import body_of
from illcore_oclc_stub.ill.meaning import for_borrower, for_lender
from illcore_oclc_stub.ill.record import record_of
from illcore_oclc_stub.remote import shape
from illcore_oclc_stub.remote.veil import Veil

AT = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
DAY = datetime(2026, 3, 1, tzinfo=UTC)
WORDS = st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=30).map(str.strip)
CONFIG = OclcConfig(
    library="ISIL:A", symbol="XAA", registry_id=1001, wskey="k", secret="s", ill_url="https://ill.example.org/ill"
)


def heard(message: Message, service: str = "LOAN") -> Message | None:
    """What the other side understands of an action, after it went through JSON."""
    act = act_of(message, "key")
    assert act is not None
    name, fields = act
    party = "LENDER" if message.kind == "SupplyingAgencyMessage" else "BORROWER"
    entry = {**fields, "sequence": 1, "created": shape.written(AT), "party": party, "action": name, "status": "PENDING"}
    record = record_of(
        json.loads(
            json.dumps(
                {
                    "requestId": 7,
                    "edited": shape.written(AT),
                    "requestStatus": "PENDING",
                    "requester": {"serviceType": service},
                    "history": [entry],
                }
            )
        )
    )
    assert record is not None
    if party == "LENDER":
        return for_borrower(record, record.entries[0], "ISIL:A", "ISIL:B", "7")
    return for_lender(record, record.entries[0], "ISIL:B", "ISIL:A")


def said(kind: str, **values: Any) -> Message:
    base: dict[str, Any] = {
        "kind": kind,
        "requesting_agency": "ISIL:A",
        "supplying_agency": "ISIL:B",
        "requesting_agency_request_id": "7",
        "timestamp": AT,
    }
    if kind == "SupplyingAgencyMessage":
        base |= {"supplying_agency_request_id": "7", "last_change": AT, "reason": "StatusChange"}
    return Message(**base | values)


COST = Money(amount=Decimal("12.50"), currency="CNY")
BY_LENDER: list[dict[str, Any]] = [
    {"status": "WillSupply"},
    {"status": "WillSupply", "expected_delivery": DAY},
    {
        "status": "WillSupply",
        "conditions": (OfferedCondition(number=1, code="LibraryUseOnly", text="馆内", cost=COST),),
    },
    {"status": "Loaned", "due_date": DAY, "items": (SentItem(barcode="B-1", call_number="I2/1", label="上册"),)},
    {"status": "Loaned", "conditions": (OfferedCondition(text="挂号"),), "delivery_cost": COST},
    {"status": "CopyCompleted", "url": "https://example.org/a.pdf?x=1&y=2", "delivered_format": "PDF"},
    {"status": "Unfilled", "reason_unfilled": "NotHeld"},
    {"status": "RetryPossible", "reason_retry": "OnLoan", "retry_after": DAY, "retry_before": DAY},
    {"status": "Overdue", "due_date": DAY},
    {"status": "Recalled", "due_date": DAY},
    {"status": "LoanCompleted"},
    {"status": "CompletedWithoutReturn"},
    {"status": "Loaned", "reason": "RenewResponse", "answer": True, "due_date": DAY},
    {"status": "RequestReceived", "reason": "RenewResponse", "answer": False},
    {"status": "Cancelled", "reason": "CancelResponse", "answer": True},
    {"status": "RequestReceived", "reason": "CancelResponse", "answer": False},
    {"status": "RequestReceived", "reason": "Notification", "note": "你好"},
    {"status": "RequestReceived", "reason": "Notification", "signal": Signal(name="lost")},
    {"status": "RequestReceived", "reason": "Notification", "signal": Signal(name="closed")},
]
BY_BORROWER: list[dict[str, Any]] = [
    {"action": "Received"},
    {"action": "Cancel"},
    {"action": "Renew"},
    {"action": "ShippedReturn"},
    {"action": "Notification", "note": "请保管"},
    {"action": "Notification", "signal": Signal(name="accept", number=2)},
    {"action": "Notification", "signal": Signal(name="resend", reason="缺页"), "note": "第 13 页"},
    {"action": "Notification", "signal": Signal(name="lost")},
    {"action": "Notification", "signal": Signal(name="closed")},
]


@pytest.mark.parametrize("values", BY_LENDER, ids=lambda v: f"{v.get('reason', v['status'])}-{len(v)}")
def test_the_borrower_hears_what_the_lender_said(values: dict[str, Any]) -> None:
    message = said("SupplyingAgencyMessage", **values)
    found = heard(message)
    assert found is not None
    shipped = values["status"] in ("Loaned", "CopyCompleted") and "reason" not in values
    assert found == message.model_copy(update={"sent_at": AT} if shipped else {})


@pytest.mark.parametrize("values", BY_BORROWER, ids=lambda v: f"{v['action']}-{len(v)}")
def test_the_lender_hears_what_the_borrower_said(values: dict[str, Any]) -> None:
    message = said("RequestingAgencyMessage", **values)
    assert heard(message) == message


@pytest.mark.parametrize("status", ["RequestReceived", "ExpectToSupply"])
def test_what_oclc_shows_anyway_is_not_sent(status: str) -> None:
    assert act_of(said("SupplyingAgencyMessage", status=status, reason="RequestResponse"), "k") is None


_FIELDS = "title author title_of_component author_of_component publisher place language".split()


@given(
    words=st.fixed_dictionaries(dict.fromkeys(_FIELDS, WORDS)),
    volume=st.from_regex(r"[0-9]{0,4}", fullmatch=True),
    issue=st.from_regex(r"[0-9]{0,3}", fullmatch=True),
    edition=WORDS,
    kind=st.sampled_from(["", "Book", "Article", "Chapter", "Journal", "Thesis"]),
    doi=st.sampled_from(["", "10.1000/182", "10.1002/(SICI)1099-0844"]),
    pmid=st.sampled_from(["", "12345"]),
)
def test_a_citation_comes_back_as_it_went(
    words: dict[str, str], volume: str, issue: str, edition: str, kind: str, doi: str, pmid: str
) -> None:
    more = {"volume": volume, "issue": issue, "edition": edition, "doi": doi, "pmid": pmid, "publication_type": kind}
    cited = Citation(**words, **more, oclc="41266045", isbn="9787020002207", issn="1000-0798", year="2024", pages="1-9")
    message = said("Request", citation=cited)
    assert citation_of(json.loads(json.dumps(item_of(message)))) == cited


@pytest.mark.parametrize(
    ("service", "cited", "wanted"),
    [
        ("loan", Citation(title="A", pages="1-9"), "LOAN"),
        ("copy", Citation(title="A"), "COPY"),
        ("copy_or_loan", Citation(title="A"), "LOAN"),
        ("copy_or_loan", Citation(title="A", publication_type="Article"), "COPY"),
    ],
)
def test_either_becomes_a_copy_for_a_part_and_a_loan_for_a_whole(service: Any, cited: Citation, wanted: str) -> None:
    assert service_of(said("Request", service_type=service, citation=cited)) == wanted


def test_a_request_has_the_published_shape() -> None:
    from illcore.message import Address

    message = said(
        "Request",
        service_type="loan",
        citation=Citation(title="Outwitting Squirrels", isbn="978-1556523021", oclc="ocm41266045"),
        needed_by=datetime(2026, 8, 15, tzinfo=UTC),
        max_cost=COST,
        any_edition=True,
        service_level="Urgent",
        delivery_addresses=(Address(line1="main street", locality="Beijing", postal_code="100871"),),
        requesting_library_name="Library A",
    )
    address = {"attention": "Library A", "address1": "main street", "locality": "Beijing", "postal": "100871"}
    assert body_of(message, Partner(symbol="OCLC:148456"), CONFIG) == {
        "illRequest": {
            "requestStatus": "SUBMITTING",
            "referenceId": "7",
            "needed": "2026-08-15T00:00:00.000+0000",
            "item": {
                "title": "Outwitting Squirrels",
                "isbn": "978-1556523021",
                "oclcNumber": 41266045,
                "edition": {"editionType": "ANY"},
                "verification": "illcore; RUSH",
            },
            "requester": {
                "institution": {"institutionId": 1001},
                "serviceType": "LOAN",
                "supplierInfo": {"institutions": [{"institutionId": 148456}]},
                "requesterDelivery": {
                    "address": address,
                    "deliveryOptions": [{"deliveryType": "Library Mail", "deliveryDetail": "Library Mail"}],
                },
                "requesterBilling": {"address": address, "maximumCost": {"currency": "CNY", "amount": 12.5}},
            },
        }
    }


def test_a_library_without_an_address_is_named_where_oclc_wants_one() -> None:
    message = said("Request", service_type="loan", requesting_library_name="甲馆")
    body = body_of(message, Partner(symbol="ISIL:B", address={"registry_id": "2"}), CONFIG)
    assert body["illRequest"]["requester"]["requesterBilling"]["address"] == {"attention": "甲馆", "address1": "甲馆"}


@pytest.mark.parametrize("address", [{}, {"registry_id": "x"}, {"registry_id": 0}, {"registry_id": [1]}])
def test_a_partner_without_a_registry_id_is_for_staff_to_mend(address: dict[str, Any]) -> None:
    with pytest.raises(Misconfigured, match="registry_id") as caught:
        body_of(said("Request", service_type="loan"), Partner(symbol="ISIL:B", address=address), CONFIG)
    assert caught.value.code == "partner"


def test_the_published_answer_is_read() -> None:
    record = record_of(
        {
            "requestId": 167513532,
            "created": "2019-07-17T00:00:00.000+0000",
            "edited": "2019-07-17T21:21:45.943+0000",
            "requestStatus": "SUBMITTING",
            "requester": {
                "institution": {"institutionId": 128807},
                "fulfillmentType": "OCLC_ILL",
                "serviceType": "COPY",
                "supplierInfo": {"institutions": [{"institutionId": 148456}, {"institutionId": 116402}]},
            },
            "item": {"title": "Simon's Cat", "oclcNumber": 780941515, "edition": {}, "verification": "OCLC"},
        }
    )
    assert record is not None
    assert (record.id, record.status, record.service) == ("167513532", "SUBMITTING", "COPY")
    assert (record.requester.registry_id, record.supplier.registry_id) == (128807, 148456)
    assert record.edited == datetime(2019, 7, 17, 21, 21, 45, 943000, tzinfo=UTC)
    assert [entry.action for entry in record.entries] == ["STATUS"]


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
_NAMES = "requestId edited requestStatus referenceId requester item history fulfillment needed".split()
_ENTRY = st.fixed_dictionaries(
    {
        "sequence": st.just(1) | ANYTHING,
        "created": st.just("2026-01-05T08:00:00.000+0000") | ANYTHING,
        "party": st.sampled_from(["BORROWER", "LENDER", "SYSTEM"]),
        "action": st.sampled_from(["SUBMIT", "SHIP", "CONDITIONAL", "RETRY", "RENEW_DENY", "NOTE", "RESEND", "X"]),
    }
    | dict.fromkeys("dueDate conditions items cost url note number reason status".split(), ANYTHING)
)


@given(body=st.fixed_dictionaries(dict.fromkeys(_NAMES, ANYTHING)), entries=st.lists(_ENTRY, max_size=3))
def test_whatever_the_service_sends_becomes_a_message_or_nothing(body: Any, entries: Any) -> None:
    record = record_of({**body, "requestId": "7", "edited": "2026-01-05T08:00:00.000+0000", "history": entries})
    assert record is not None
    for entry in record.entries:
        for message in (
            for_borrower(record, entry, "ISIL:A", "ISIL:B", "7"),
            for_lender(record, entry, "ISIL:B", "ISIL:A"),
        ):
            assert message is None or message.model_dump_json(warnings="error")


@given(ANYTHING)
def test_no_json_is_too_odd_to_be_read(value: Any) -> None:
    for read in (shape.text, shape.texts, shape.whole, shape.moment, shape.money, shape.rows, shape.part):
        read(value)  # type: ignore[operator]


@given(st.text(max_size=40), st.text(max_size=40))
def test_a_secret_never_comes_through(before: str, after: str) -> None:
    veil = Veil("my-wskey", "my-secret")
    veil.add("tk_abcdef")
    for secret in ("my-wskey", "my-secret", "tk_abcdef", "bXktd3NrZXk6bXktc2VjcmV0"):
        assert secret not in veil.clean(f"{before}{secret}{after}")
