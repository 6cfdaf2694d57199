"""The ILL request resource: create, read, find by our own reference, list what changed, act."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from illcore.connectors import Deadline
from illcore.errors import Unknown

from ..config import OclcConfig
from ..remote import shape
from ..remote.service import Service
from ..texts import STATUSES
from .record import Record, records_in

PAGE = 50


class Requests:
    """`{ill_url}/requests`, or what `requests_path` says, of one account."""

    def __init__(self, config: OclcConfig, service: Service) -> None:
        self._config = config
        self._service = service
        self._url = f"{config.ill_url}/{config.requests_path.strip('/')}"

    def create(self, body: Mapping[str, Any], deadline: Deadline) -> Record:
        """Make a request. Unknown if the answer does not say which one was made."""
        data = self._service.write("OCLC did not take the request", self._url, body, deadline)
        found = records_in(data)
        if len(found) != 1:
            raise Unknown("OCLC answered without the request that it made; it may have been made")
        return found[0]

    def get(self, id: str, deadline: Deadline) -> Record | None:
        """One request; None if OCLC does not know it."""
        data = self._service.find(f"OCLC did not show request {id}", f"{self._url}/{quote(id, safe='')}", deadline)
        found = records_in(data) if data is not None else []
        return next((record for record in found if record.id == id), None)

    def by_reference(self, reference: str, deadline: Deadline) -> Record | None:
        """The newest request of our own that carries this reference."""
        params = [("searchTerm", "referenceId"), ("searchValue", reference), ("limit", str(PAGE))]
        data = self._service.read("OCLC did not search its requests", self._url, deadline, params)
        found = [
            record
            for record in records_in(data)
            if record.reference == reference and record.requester.registry_id in (None, self._config.registry_id)
        ]
        return max(found, key=lambda record: (record.edited, record.id), default=None)

    def changed(self, since: datetime | None, skip: int, deadline: Deadline) -> Sequence[Record]:
        """A page of requests, ours as borrower and as lender, that changed at or after a time; the earliest first."""
        params = [("requestStatus", ",".join(self._config.statuses or STATUSES)), ("orderBy", "edited")]
        params += [("editedSince", shape.written(since))] if since is not None else []
        params += [("limit", str(PAGE))] + ([("offset", str(skip))] if skip else [])
        data = self._service.read("OCLC did not list its requests", self._url, deadline, params)
        return records_in(data)

    def act(self, id: str, action: str, fields: Mapping[str, Any], deadline: Deadline) -> None:
        """Take an action on a request."""
        name = self._config.action_names.get(action, action)
        url = f"{self._url}/{quote(id, safe='')}/{quote(name, safe='')}"
        self._service.write(f"OCLC did not take {name}", url, fields, deadline, self._config.action_method)
