"""One message to OCLC, once: what may have been done by an earlier try is looked for before it is done again."""

from illcore.connectors import Deadline, Host
from illcore.errors import Refused, TryLater
from illcore.message import Message, Receipt, Try
from illcore.model import Partner

from ..config import OclcConfig
from . import store
from .actions import REACHED, act_of
from .creation import body_of
from .record import Record
from .requests import Requests
from .store import Made


class Sending:
    """Puts the messages of one account on the wire."""

    def __init__(self, config: OclcConfig, host: Host, requests: Requests) -> None:
        self._config = config
        self._host = host
        self._requests = requests
        self._here = config.registry_id

    def send(self, message: Message, partner: Partner, key: str, attempt: Try, deadline: Deadline) -> Receipt:
        """Create a request, or act upon one; a StatusRequest is answered with the next poll."""
        if message.kind == "Request":
            return self._create(message, partner, attempt, deadline)
        id = self._id_of(message, deadline)
        act = act_of(message, key)
        if act is None:
            return self._ask(message, id, deadline)
        name, fields = act
        in_doubt = attempt.previous == "unknown"
        if in_doubt and self._was_taken(id, name, key, deadline):
            return Receipt(detail={"action": name, "taken": "before"})
        self._requests.act(id, name, fields, deadline)
        return Receipt(detail={"action": name})

    def _create(self, message: Message, partner: Partner, attempt: Try, deadline: Deadline) -> Receipt:
        previous = self._made(message.previous_id) if message.previous_id else None
        body = body_of(message, partner, self._config, previous.request_id if previous else "")
        number = message.requesting_agency_request_id
        known = self._already(number, attempt, deadline)
        made = Made(number, message.requesting_agency, partner.symbol, "", self._host.clock.now())
        if known is None:
            with self._host.transaction(made.library) as connection:
                store.begin(connection, self._here, made)
        record = known or self._requests.create(body, deadline)
        with self._host.transaction(made.library) as connection:
            store.keep(connection, self._here, made._replace(request_id=record.id))
        return Receipt(remote_id=record.id, detail={"status": record.status, "made": "before" if known else "now"})

    def _already(self, number: str, attempt: Try, deadline: Deadline) -> Record | None:
        """The request of this number, if a try before this one made it."""
        made = self._made(number)
        if made is not None and made.request_id:
            record = self._requests.get(made.request_id, deadline)
            if record is not None:
                return record
        if attempt.previous != "unknown":
            return None
        found = self._requests.by_reference(number, deadline)
        if found is None and made is not None and not made.request_id:
            self._settle(made)
        return found

    def _settle(self, made: Made) -> None:
        """What was made a moment ago may not be found yet: look again before it is made a second time."""
        age = (self._host.clock.now() - made.made_at).total_seconds()
        wait = self._config.settle_seconds - age
        if wait > 0:
            raise TryLater(f"OCLC may still show request {made.number}, whose making had no answer", wait)

    def _ask(self, message: Message, id: str, deadline: Deadline) -> Receipt:
        if message.kind == "SupplyingAgencyMessage":
            return Receipt(detail={"action": "none", "why": "OCLC shows it to the borrower"})
        if self._requests.get(id, deadline) is None:
            raise Refused(f"OCLC does not know request {id}", "UnrecognisedDataValue")
        number = message.requesting_agency_request_id
        with self._host.transaction(message.requesting_agency) as connection:
            made = Made(number, message.requesting_agency, message.supplying_agency, id, self._host.clock.now())
            store.keep(connection, self._here, made)
            store.set_asked(connection, self._here, number, message.timestamp)
        return Receipt(detail={"action": "read"})

    def _was_taken(self, id: str, name: str, key: str, deadline: Deadline) -> bool:
        record = self._requests.get(id, deadline)
        if record is None:
            return False
        told = [entry for entry in record.entries if entry.action != "STATUS"]
        if told:
            return any(entry.said("referenceId") == key for entry in told)
        return record.status in REACHED.get(name, frozenset())

    def _id_of(self, message: Message, deadline: Deadline) -> str:
        """OCLC's id of the request. A lender's messages have it as the borrower's number."""
        number = message.requesting_agency_request_id
        if message.kind == "SupplyingAgencyMessage":
            return number
        made = self._made(number)
        id = made.request_id if made is not None else message.supplying_agency_request_id
        if not id:
            record = self._requests.by_reference(number, deadline)
            id = record.id if record is not None else ""
        if not id:
            raise Refused(f"OCLC has no request with our number {number}", "UnrecognisedDataValue")
        return id

    def _made(self, number: str) -> Made | None:
        with self._host.reading() as connection:
            return store.by_number(connection, self._here, number)
