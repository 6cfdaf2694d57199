"""The connector: sends messages to partners over HTTP, understands what comes in, writes the confirmations."""

from collections.abc import Sequence

from illcore.connectors import Deadline, Host
from illcore.errors import BadMessage, Refused, TryLater, Unknown
from illcore.hookspecs import hookimpl
from illcore.message import Message, Receipt, Received, Result, Try
from illcore.model import Partner

from .config import Iso18626Config
from .exchange import Answer, Exchange, PartnerMisconfigured
from .mapping import BadProfile, confirmation, from_wire, to_wire
from .model import RequestConfirmation, RequestingAgencyMessageConfirmation, SupplyingAgencyMessageConfirmation
from .reader import Unparseable, read_message
from .writer import Unwritable, write_message

Confirmation = RequestConfirmation | RequestingAgencyMessageConfirmation | SupplyingAgencyMessageConfirmation

_CONFIRMED_BY: dict[str, type[Confirmation]] = {
    "Request": RequestConfirmation,
    "RequestingAgencyMessage": RequestingAgencyMessageConfirmation,
    "SupplyingAgencyMessage": SupplyingAgencyMessageConfirmation,
}
_BUSY = frozenset({425, 429, 503})
_ELSEWHERE = frozenset({401, 402, 403, 404, 405, 406, 407, 410, 411, 415, 421, 426, 501, 505, 511})


class Iso18626Connector:
    """One account of type `iso18626`. Opens no connection before the first message is sent."""

    def __init__(self, config: Iso18626Config, host: Host) -> None:
        self._config = config
        self._host = host
        self._exchange = Exchange(config)

    @hookimpl
    def illcore_send(self, message: Message, partner: Partner, key: str, attempt: Try, deadline: Deadline) -> Receipt:
        """POST one message; the answer to the POST is its confirmation.

        A Request of which it is not known whether it arrived is preceded by a StatusRequest for its id. Every answer
        with ERROR to that lets the Request go out again: the answer to the Request itself has the last word.
        """
        deadline = self._bounded(deadline)
        body = self._bytes(message, partner)
        in_doubt = message.kind == "Request" and attempt.previous == "unknown"
        if in_doubt and self._has_arrived(message, partner, deadline):
            return Receipt(detail={"confirmed_by": "StatusRequest"})
        self._confirmed(message, partner, self._exchange.post(partner, body, deadline))
        return Receipt(detail={"confirmed_by": "confirmation"})

    @hookimpl
    def illcore_receive(self, payload: bytes | None, cursor: str | None, deadline: Deadline) -> Received:
        """Understand one message that was posted here. Nothing is ever fetched: partners post."""
        if payload is None:
            return Received()
        try:
            return Received(messages=(from_wire(read_message(payload, max_bytes=self._config.max_body)),))
        except Unparseable as error:
            raise BadMessage(error.reason) from None

    @hookimpl
    def illcore_answer(self, results: Sequence[Result], deadline: Deadline) -> bytes:
        """The confirmation of the one message that `illcore_receive` understood."""
        if len(results) != 1:
            raise ValueError(f"an ISO 18626 message has one confirmation, but there are {len(results)} results")
        return confirmation(results[0])

    def close(self) -> None:
        """Let go of all connections."""
        self._exchange.close()

    def _bounded(self, deadline: Deadline) -> Deadline:
        seconds = min(deadline.remaining(), self._config.timeout_seconds)
        return Deadline(self._host.clock, seconds)

    def _bytes(self, message: Message, partner: Partner) -> bytes:
        shown = {name: str(partner.address.get(name) or "") for name in ("account_id", "security_code")}
        try:
            return write_message(to_wire(message, partner.profile, **shown))
        except Unwritable as error:
            raise Refused(f"the {message.kind} cannot be written as ISO 18626: {error}", "unwritable") from None
        except BadProfile as error:
            raise PartnerMisconfigured(f"the profile of {partner.symbol} cannot be used: {error}") from None

    def _has_arrived(self, message: Message, partner: Partner, deadline: Deadline) -> bool:
        question = Message(
            kind="RequestingAgencyMessage",
            requesting_agency=message.requesting_agency,
            supplying_agency=message.supplying_agency,
            requesting_agency_request_id=message.requesting_agency_request_id,
            timestamp=self._host.clock.now(),
            action="StatusRequest",
        )
        answer = self._exchange.post(partner, self._bytes(question, partner), deadline)
        try:
            self._confirmed(question, partner, answer)
        except Refused:
            return False
        return True

    def _confirmed(self, message: Message, partner: Partner, answer: Answer) -> None:
        """Nothing if the answer confirms the message; else the error that it means."""
        if answer.status in _BUSY:
            raise TryLater(f"{partner.symbol} is busy (HTTP {answer.status})", answer.retry_after)
        found = _confirmation_in(answer.body)
        if found is None or (answer.status >= 500 and answer.status not in _ELSEWHERE):
            raise _without_confirmation(partner, answer)
        if not isinstance(found, _CONFIRMED_BY[message.kind]):
            raise Unknown(f"{partner.symbol} answered a {message.kind} with a {type(found).__name__}")
        header = found.confirmation_header
        echoed = header.requesting_agency_request_id
        if echoed is not None and echoed != message.requesting_agency_request_id.strip():
            raise Unknown(f"{partner.symbol} confirmed another message, of request {echoed}")
        if header.message_status == "ERROR":
            raise _refusal(partner, message, found)
        if header.message_status != "OK" or answer.status >= 300:
            said = f"messageStatus {header.message_status or '(none)'} with HTTP {answer.status}"
            raise Unknown(f"{partner.symbol} answered {said}")


def _confirmation_in(body: bytes) -> Confirmation | None:
    if not body.strip():
        return None
    try:
        found = read_message(body).message
    except Unparseable:
        return None
    return found if isinstance(found, Confirmation) else None


def _refusal(partner: Partner, message: Message, found: Confirmation) -> Refused:
    error = found.error_data
    kind = str(error.error_type) if error else ""
    value = (error.error_value if error else "") or ""
    what = message.action or message.reason or message.kind
    said = ": ".join(part for part in (kind, value) if part) or "ERROR without a reason"
    return Refused(f"{partner.symbol} refused the {what}: {said}", kind)


def _without_confirmation(partner: Partner, answer: Answer) -> Exception:
    status = answer.status
    said = f"{partner.symbol} answered HTTP {status} without a confirmation"
    if status in _ELSEWHERE:
        return PartnerMisconfigured(f"{said}; check the url, codes and headers in its address")
    if 300 <= status < 400:
        moved = f" to {answer.location}" if answer.location else ""
        return PartnerMisconfigured(f"{said} but a redirection{moved}; set its url to where it answers")
    if 400 <= status < 500 and status != 408:
        return Refused(f"{said}; it does not understand the message", f"HTTP {status}")
    return Unknown(f"{said}; the message may have arrived")
