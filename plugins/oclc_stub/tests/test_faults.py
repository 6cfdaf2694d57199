"""Every switch of the stub, against searching, sending and polling: what the engine is told, what stays whole."""

import logging
from typing import Any

import pytest

from illcore.errors import ConnectorError, Misconfigured, Refused, TryLater, Unknown
from illcore.message import Address, Try
from illcore.model import Partner, Query
from illcore.testing.conformance import sample_message
from illcore_oclc_stub.connector import OclcConnector
from illcore_oclc_stub.stub.faults import FAULTS, Fault
from illcore_oclc_stub.testing import A, B, Connect, Seconds, Served, host_with_tables

ASKED = sample_message(delivery_addresses=(Address(line1="1 Road", locality="北京"),))
THEM = Partner(symbol="ISIL:XBB", address={"registry_id": B.registry_id})
QUICK = 0.6


def search(connector: OclcConnector, seconds: float = 5.0) -> Any:
    return connector.illcore_search(Query(isbn="9787020002207"), Seconds(seconds))


def send(connector: OclcConnector, seconds: float = 5.0, attempt: Try | None = None, message: Any = ASKED) -> Any:
    return connector.illcore_send(message, THEM, "k:1:1", attempt or Try(), Seconds(seconds))


def poll(connector: OclcConnector, seconds: float = 5.0) -> Any:
    return connector.illcore_receive(None, None, Seconds(seconds))


READS_FAIL = {
    "unauthorized": Misconfigured,
    "forbidden": Misconfigured,
    "too_many": TryLater,
    "too_many_bare": TryLater,
    "bad_request": Refused,
    "server_error": TryLater,
    "bad_gateway": TryLater,
    "unavailable": TryLater,
    "unavailable_later": TryLater,
    "moved": Misconfigured,
    "hang": TryLater,
    "hang_after": TryLater,
    "drip": TryLater,
    "lost_answer": TryLater,
    "broken_off": TryLater,
    "truncated": TryLater,
    "wrong_type": TryLater,
    "empty": TryLater,
    "nested": TryLater,
    "huge": TryLater,
    "list": TryLater,
    "failure": Refused,
    "no_token": TryLater,
}
WRITES_FAIL = READS_FAIL | dict.fromkeys(
    (
        "server_error bad_gateway hang hang_after drip lost_answer broken_off truncated wrong_type empty nested huge "
        "list"
    ).split(),
    Unknown,
)
SURVIVED = {"slow", "expire_tokens", "short_tokens", "forget", "index_lag", "no_history", "partial"}
WAITS = {"hang", "hang_after", "drip"}
AREA = {"no_token": "token"}


def test_every_switch_is_tried_here() -> None:
    assert READS_FAIL.keys() | SURVIVED == FAULTS.keys()


def switched(stub: Served, name: str, area: str) -> None:
    stub.stub.spoil(Fault(name=name, area=AREA.get(name, area), times=None, seconds=0.3))  # type: ignore[arg-type]


@pytest.mark.parametrize("name", sorted(READS_FAIL))
@pytest.mark.parametrize("what", [search, poll])
def test_a_read_that_goes_wrong_is_said_in_one_sentence(stub: Served, connect: Connect, name: str, what: Any) -> None:
    connector = connect()
    switched(stub, name, "search" if what is search else "ill")
    with pytest.raises(READS_FAIL[name]) as caught:
        what(connector, QUICK if name in WAITS else 5.0)
    assert str(caught.value)
    assert "\n" not in str(caught.value)
    stub.stub.faults.clear()
    if name not in ("too_many", "too_many_bare"):
        what(connector)


@pytest.mark.parametrize("name", sorted(WRITES_FAIL))
def test_a_request_that_goes_wrong_is_never_made_twice(stub: Served, connect: Connect, name: str) -> None:
    host = host_with_tables()
    connector = connect(host=host, settle_seconds=0)
    if name in WAITS:
        search(connector)  # with a token at hand, the time goes by while the answer is awaited
    switched(stub, name, "ill")
    with pytest.raises(WRITES_FAIL[name]) as caught:
        send(connector, QUICK if name in WAITS else 5.0)
    stub.stub.faults.clear()
    if name in ("too_many", "too_many_bare"):
        return
    previous = "unknown" if isinstance(caught.value, Unknown) else "not_sent"
    receipt = send(connect(host=host, settle_seconds=0), attempt=Try(number=2, previous=previous))
    assert [str(id) for id in stub.stub.lending.requests] == [receipt.remote_id]


def test_a_request_that_oclc_does_not_show_yet_is_not_made_again(stub: Served, connect: Connect) -> None:
    connector = connect(settle_seconds=20)
    stub.stub.spoil(Fault(name="lost_answer", area="ill", method="POST"))
    with pytest.raises(Unknown):
        send(connector)
    stub.stub.spoil(Fault(name="index_lag"))
    in_doubt = Try(number=2, previous="unknown")
    with pytest.raises(TryLater) as caught:
        send(connector, attempt=in_doubt)
    assert 0 < (caught.value.after or 0) <= 20
    assert send(connector, attempt=in_doubt).remote_id == "167513532"
    assert len(stub.stub.lending.requests) == 1


@pytest.mark.parametrize("name", sorted(SURVIVED))
def test_what_can_be_survived_is_not_noticed(stub: Served, connect: Connect, name: str) -> None:
    connector = connect()
    search(connector)
    for area in ("search", "ill"):
        switched(stub, name, area)
    assert len(search(connector)) == 2
    assert send(connector).remote_id
    assert poll(connector).cursor


@pytest.mark.parametrize("times", [1, None])
def test_a_refused_token_is_replaced_once(stub: Served, connect: Connect, times: int | None) -> None:
    connector = connect()
    search(connector)
    stub.stub.spoil(Fault(name="unauthorized", area="search", times=times))
    if times == 1:
        assert len(search(connector)) == 2
    else:
        with pytest.raises(Misconfigured, match="WSKey"):
            search(connector)
    assert len(stub.stub.members.issued) == 2


@pytest.mark.parametrize(
    ("name", "kind"), [("unauthorized", Misconfigured), ("too_many", TryLater), ("server_error", TryLater),
                       ("hang", TryLater), ("lost_answer", TryLater), ("truncated", TryLater)],
)  # fmt: skip
def test_without_a_token_nothing_was_sent(
    stub: Served, connect: Connect, name: str, kind: type[ConnectorError]
) -> None:
    switched(stub, name, "token")
    with pytest.raises(kind):
        send(connect(), QUICK if name in WAITS else 5.0)
    assert stub.bodies() == []


def test_a_wait_that_the_service_asks_for_holds_for_everybody(stub: Served, connect: Connect) -> None:
    host = host_with_tables()
    stub.stub.spoil(Fault(name="too_many", area="search", seconds=40))
    with pytest.raises(TryLater) as caught:
        search(connect(host=host))
    assert caught.value.after == 40
    calls = len(stub.stub.calls)
    with pytest.raises(TryLater, match="asked to wait") as caught:
        search(connect(host=host))
    assert 30 < (caught.value.after or 0) <= 40
    assert len(stub.stub.calls) == calls


@pytest.mark.parametrize(
    ("code", "field", "kind", "of"),
    [
        (30000, "item.title", Refused, "30000"),
        (30001, "needed", Refused, "30001"),
        (30002, "pages", Refused, "30002"),
        (30000, "requester.requesterBilling.address.address1", Misconfigured, ""),
        (30004, "requester.supplierInfo.institutions[0].institutionId", Misconfigured, "partner"),
        (30004, "requester.institution.institutionId", Misconfigured, ""),
        (30005, "requester.supplierInfo.institutions[0].institutionId", Refused, "30005"),
        (30007, "", Refused, "30007"),
        (140001, "", Refused, "140001"),
        (140002, "", Unknown, None),
        (140003, "", Refused, "140003"),
        (140004, "", Refused, "140004"),
        (140005, "", Misconfigured, ""),
        (140006, "", Unknown, None),
    ],
)
@pytest.mark.parametrize("status", [200, 400, 500])
def test_failure_codes_decide_whatever_the_http_status(
    stub: Served, connect: Connect, code: int, field: str, kind: type[ConnectorError], of: str | None, status: int
) -> None:
    stub.stub.spoil(Fault(name="failure", area="ill", code=code, field=field, status=status))
    with pytest.raises(kind) as caught:
        send(connect())
    assert getattr(caught.value, "code", None) == of
    assert str(code) in str(caught.value)
    assert field in str(caught.value)


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_no_key_secret_or_token_is_ever_told(
    stub: Served, connect: Connect, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    connector = connect()
    said = []
    for area, what in (("search", search), ("ill", send), ("ill", poll), ("token", search)):
        if area == "token":
            connector = connect()
        stub.stub.spoil(Fault(name=name, area=AREA.get(name, area), seconds=0.1))  # type: ignore[arg-type]
        try:
            said.append(repr(what(connector, QUICK)))
        except ConnectorError as error:
            said += [str(error), repr(error)]
    with pytest.raises(Misconfigured) as caught:
        search(connect(wskey="a-wskey-that-is-wrong", secret="a-secret-that-is-wrong"))
    said += [str(caught.value), repr(connector), caplog.text]
    hidden = [A.wskey, A.secret, "a-wskey-that-is-wrong", "a-secret-that-is-wrong", *stub.stub.members.issued, "Basic "]
    assert stub.stub.members.issued or name == "no_token"
    assert [secret for secret in hidden for text in said if secret in text] == []


def test_missing_tables_are_named_with_the_command_that_makes_them(connect: Connect) -> None:
    from illcore.testing.fakes import FakeHost

    with pytest.raises(Misconfigured, match="ill migrate"):
        search(connect(host=FakeHost()))
