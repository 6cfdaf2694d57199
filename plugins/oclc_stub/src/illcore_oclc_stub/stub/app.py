"""The stub as an ASGI application: `/token`, `/worldcat/search/v2/…`, `/ill/…` and, for tests, `/_stub/…`."""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import Request as Http
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from illcore.clock import Clock, Ids, SystemClock, system_ids

from ..remote import shape
from . import catalog
from .catalog import DEFAULT_BIBS, Bib, known_item
from .faults import FAULTS, App, Fault, Faults, Spoiling, area_of
from .lending import Failure, Lending, Request
from .members import DEFAULT_MEMBERS, Grant, Member, Members

SEARCH = "/worldcat/search/v2"
_SCOPES = {"search": "wcapi:", "ill": "resource-sharing"}


@dataclass(slots=True)
class Stub:
    """All state, in memory. `offset_base` 1: an offset of 0 is rejected, as users report of the real service."""

    clock: Clock = field(default_factory=SystemClock)
    ids: Ids = system_ids
    members: Members = field(init=False)
    lending: Lending = field(init=False)
    faults: Faults = field(default_factory=Faults)
    bibs: Sequence[Bib] = DEFAULT_BIBS
    offset_base: int = 1
    latency: float = 0.0
    calls: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.members = Members(self.ids)
        self.lending = Lending(self.members)

    def use(self, members: Sequence[Member] = DEFAULT_MEMBERS, bibs: Sequence[Bib] = DEFAULT_BIBS) -> None:
        """Other institutions and records than the default ones."""
        self.members.known, self.bibs = tuple(members), tuple(bibs)

    def app(self) -> App:
        """The application, with its switches around it."""
        routes = [
            Route("/token", self.token, methods=["POST"]),
            Route(f"{SEARCH}/brief-bibs", self.brief_bibs),
            Route(f"{SEARCH}/brief-bibs/{{number}}", self.brief_bib),
            Route(f"{SEARCH}/bibs-holdings", self.holdings),
            Route(f"{SEARCH}/bibs-summary-holdings", self.summary),
            Route("/ill/requests", self.list_requests),
            Route("/ill/requests", self.create, methods=["POST"]),
            Route("/ill/requests/{id:int}", self.show),
            Route("/ill/requests/{id:int}/{action}", self.act, methods=["POST", "PUT"]),
            Route("/ill/request/data", self.create, methods=["POST"]),
            Route("/ill/request/data/{id:int}", self.show),
            Route("/_stub/state", self.state),
            Route("/_stub/faults", self.switch, methods=["POST", "DELETE", "GET"]),
            Route("/_stub/act", self.play, methods=["POST"]),
        ]
        return Spoiling(self._recorded(Starlette(routes=routes)), self.faults, self.latency)

    # --- tokens ----------------------------------------------------------------------------------------------------

    async def token(self, http: Http) -> Response:
        """OAuth 2 client credentials, by HTTP Basic."""
        pair = _basic(http.headers.get("authorization", ""))
        if pair is None:
            return _denied("No valid authentication credentials found in request")
        member = self.members.by_key(*pair)
        if member is None:
            return _denied(f"WSKey '{pair[0]}' is invalid")
        given = dict(http.query_params) | dict(parse_qsl((await http.body()).decode("utf-8", "replace")))
        scopes = given.get("scope", "").split()
        if given.get("grant_type") != "client_credentials" or not scopes:
            return JSONResponse({"code": {"type": "http", "value": "400"}, "message": "Invalid request"}, 400)
        if f"context:{member.registry_id}" not in scopes and any(each.startswith("context:") for each in scopes):
            return JSONResponse({"code": {"type": "http", "value": "403"}, "message": "Invalid context"}, 403)
        if self.faults.inside("no_token"):
            return JSONResponse({"token_type": "bearer"})
        lifetime = 1 if self.faults.inside("short_tokens") else self.members.lifetime
        now = self.clock.now()
        value = self.members.issue(member, scopes, now, lifetime)
        return JSONResponse(
            {
                "access_token": value,
                "token_type": "bearer",
                "expires_in": str(lifetime),
                "principalID": "",
                "principalIDNS": "",
                "scopes": " ".join(scopes),
                "contextInstitutionId": str(member.registry_id),
                "expires_at": f"{self.members.grants[value].ends:%Y-%m-%d %H:%M:%SZ}",
            }
        )

    def _grant(self, http: Http) -> Grant | Response:
        now = self.clock.now()
        kind, _, value = http.headers.get("authorization", "").partition(" ")
        grant = self.members.granted(value, now) if kind.lower() == "bearer" else None
        if grant is None:
            return _denied("The token is invalid or has expired")
        prefix = _SCOPES[area_of(http.url.path)]
        if not any(scope.startswith(prefix) for scope in grant.scopes):
            return JSONResponse({"code": {"type": "http", "value": "403"}, "message": "Insufficient scope"}, 403)
        over = self.members.over_limit(grant.member, now)
        if over:
            headers = {"Retry-After": "1"} if over == "second" else {}
            return JSONResponse({"title": "Too Many Requests", "detail": f"limit per {over}"}, 429, headers)
        return grant

    # --- WorldCat Search API v2 ------------------------------------------------------------------------------------

    async def brief_bibs(self, http: Http) -> Response:
        """Brief records by words."""
        grant = self._grant(http)
        if isinstance(grant, Response):
            return grant
        query = http.query_params.get("q", "")
        if not query.strip():
            return _problem(400, "MISSING_QUERY_PARAMETER", "q is missing")
        found = [catalog.without_holdings(each) for each in catalog.by_words(self.bibs, query)]
        return self._page(http, found)

    async def brief_bib(self, http: Http) -> Response:
        """One brief record."""
        grant = self._grant(http)
        if isinstance(grant, Response):
            return grant
        found = [each for each in self.bibs if each["oclcNumber"] == http.path_params["number"]]
        return JSONResponse(catalog.without_holdings(found[0])) if found else _problem(404, "NOT_FOUND", "no such bib")

    async def holdings(self, http: Http) -> Response:
        """Who holds a known item."""
        grant = self._grant(http)
        if isinstance(grant, Response):
            return grant
        return _item_fault(http) or self._page(http, known_item(self.bibs, http.query_params))

    async def summary(self, http: Http) -> Response:
        """How many hold a known item."""
        grant = self._grant(http)
        if isinstance(grant, Response):
            return grant
        wrong = _item_fault(http)
        if wrong is not None:
            return wrong
        found = known_item(self.bibs, http.query_params)
        count = sum(each["institutionHolding"]["totalHoldingCount"] for each in found)
        return JSONResponse({"totalHoldingCount": count, "totalSharedPrintCount": 0, "totalEditions": len(found)})

    def _page(self, http: Http, found: Sequence[Bib]) -> Response:
        limit, offset = (shape.whole(http.query_params.get(name, "")) for name in ("limit", "offset"))
        if (limit if limit is not None else 10) not in range(1, 51):
            return _problem(400, "INVALID_QUERY_PARAMETER_VALUE", "limit must be between 1 and 50")
        if "offset" in http.query_params and (offset is None or offset < self.offset_base):
            return _problem(400, "INVALID_QUERY_PARAMETER_VALUE", f"offset must be at least {self.offset_base}")
        first = 0 if offset is None else offset - self.offset_base
        body = {"numberOfRecords": len(found), "briefRecords": list(found[first : first + (limit or 10)])}
        return JSONResponse(body, 206 if self.faults.inside("partial") else 200)

    # --- ILL requests ----------------------------------------------------------------------------------------------

    async def create(self, http: Http) -> Response:
        """Make a request."""
        grant = self._grant(http)
        if isinstance(grant, Response):
            return grant
        body = shape.part(shape.read(await http.body()), "illRequest")
        if not body:
            return _failure(Failure(400, (140001, "illRequest")), {})
        try:
            keep = self.faults.inside("forget") is None
            made = self.lending.create(body, grant.member, self.clock.now(), keep)
        except Failure as failure:
            return _failure(failure, body)
        # as published, the answer repeats the status that was sent
        told = {**made.shown(), "requestStatus": shape.text(body.get("requestStatus")) or made.status}
        return JSONResponse({"response": {"illRequest": told}})

    async def list_requests(self, http: Http) -> Response:
        """Search by reference or id, or list what changed."""
        grant = self._grant(http)
        if isinstance(grant, Response):
            return grant
        query = http.query_params
        since = shape.moment(query.get("editedSince", ""))
        statuses = frozenset(each for each in query.get("requestStatus", "").split(",") if each)
        found = self.lending.changed(grant.member, statuses, since)
        if "searchTerm" in query:
            lag = query["searchTerm"] == "referenceId" and self.faults.inside("index_lag") is not None
            found = [] if lag else [each for each in found if _has(each, query["searchTerm"], query["searchValue"])]
        limit, offset = shape.whole(query.get("limit", "10")) or 10, shape.whole(query.get("offset", "0")) or 0
        page = found[offset : offset + min(limit, 50)]
        told = self.faults.inside("no_history") is None
        return JSONResponse(
            {"numberOfRecords": len(found), "responses": [{"illRequest": each.shown(told)} for each in page]}
        )

    async def show(self, http: Http) -> Response:
        """One request, to its borrower and its lender."""
        grant = self._grant(http)
        if isinstance(grant, Response):
            return grant
        request = self.lending.requests.get(http.path_params["id"])
        if request is None or not self.lending.party(request, grant.member):
            return _problem(404, "NOT_FOUND", "no such request")
        told = self.faults.inside("no_history") is None
        return JSONResponse({"responses": {"illRequest": request.shown(told)}})

    async def act(self, http: Http) -> Response:
        """An action of the borrower or the lender, whoever the token belongs to."""
        grant = self._grant(http)
        if isinstance(grant, Response):
            return grant
        request = self.lending.requests.get(http.path_params["id"])
        party = self.lending.party(request, grant.member) if request is not None else ""
        if request is None or not party:
            return _problem(404, "NOT_FOUND", "no such request")
        return await self._acted(http, request, party, http.path_params["action"])

    async def _acted(self, http: Http, request: Request, party: str, action: str) -> Response:
        fields = shape.read(await http.body() or b"{}")
        if fields is None:
            return _failure(Failure(400, (140001, action)), {})
        try:
            self.lending.act(request, party, action, shape.part(fields, "fields") or fields, self.clock.now())
        except Failure as failure:
            return _failure(failure, {})
        return JSONResponse({"responses": {"illRequest": request.shown()}})

    # --- the stub's own --------------------------------------------------------------------------------------------

    async def state(self, _http: Http) -> Response:
        """All requests, and which switches are on."""
        return JSONResponse(
            {
                "requests": [each.shown() for each in self.lending.requests.values()],
                "faults": [each.model_dump() for each in self.faults.active],
                "patrons": self.lending.patrons,
                "calls": len(self.calls),
            }
        )

    async def switch(self, http: Http) -> Response:
        """POST a Fault to switch it on, DELETE to switch all off, GET to see what there is."""
        if http.method == "GET":
            return JSONResponse(FAULTS)
        if http.method == "DELETE":
            self.faults.clear()
            return JSONResponse({})
        try:
            self.spoil(Fault.model_validate_json(await http.body()))
        except (ValidationError, ValueError) as error:
            return JSONResponse({"error": " ".join(str(error).split())[:500]}, 400)
        return JSONResponse({})

    async def play(self, http: Http) -> Response:
        """Play the other side: `{"request": 167513532, "party": "LENDER", "action": "SHIP", "fields": {…}}`."""
        body = shape.read(await http.body()) or {}
        request = self.lending.requests.get(shape.whole(body.get("request")) or 0)
        if request is None:
            return JSONResponse({"error": "there is no such request"}, 404)
        party = shape.text(body.get("party")).upper() or "LENDER"
        return await self._acted(http, request, party, shape.text(body.get("action")).upper())

    def spoil(self, fault: Fault) -> None:
        """Switch a fault on."""
        if fault.name == "expire_tokens":
            self.members.grants.clear()
        else:
            self.faults.switch(fault)

    def _recorded(self, app: App) -> App:
        async def recorded(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] == "http" and area_of(scope["path"]):
                parts: list[bytes] = []

                async def heard() -> Any:
                    message = await receive()
                    parts.append(message.get("body", b""))
                    return message

                call = {"method": scope["method"], "path": scope["path"], "query": scope["query_string"].decode()}
                self.calls.append(call)
                await app(scope, heard, send)
                call["body"] = b"".join(parts)
            else:
                await app(scope, receive, send)

        return recorded


def _has(request: Request, term: str, value: str) -> bool:
    if term == "requestId":
        return str(request.id) == value
    return shape.text(request.body.get(term)) == value


def _item_fault(http: Http) -> Response | None:
    query = http.query_params
    if not any(query.get(name) for name in ("oclcNumber", "isbn", "issn")):
        return _problem(400, "MISSING_QUERY_PARAMETER", "one of oclcNumber, isbn, issn is needed")
    if "oclcNumber" in query and shape.whole(query["oclcNumber"]) is None:
        return _problem(400, "INVALID_QUERY_PARAMETER_VALUE", "oclcNumber must be a positive whole number")
    if len([each for each in query.get("heldBySymbol", "").split(",") if each]) > 5:
        return _problem(400, "INVALID_QUERY_PARAMETER_VALUE", "heldBySymbol takes at most 5 symbols")
    return None


def _basic(header: str) -> tuple[str, str] | None:
    kind, _, value = header.partition(" ")
    try:
        user, colon, password = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return None
    return (user, password) if kind.lower() == "basic" and colon else None


def _denied(message: str) -> Response:
    details = "Authorization header: Basic (shown as the real service does not hide it)"
    return JSONResponse({"code": {"type": "http", "value": "401"}, "message": message, "details": details}, 401)


def _problem(status: int, kind: str, detail: str) -> Response:
    body = {"type": kind, "title": "Validation Failure" if status == 400 else "Not Found", "detail": detail}
    return Response(json.dumps(body), status, media_type="application/problem+json")


def _failure(failure: Failure, echo: Mapping[str, Any]) -> Response:
    error = {
        "message": "There was an error processing your request. Please check the error detail.",
        "detail": [{"failureCode": code, "fieldName": name} for code, name in failure.details],
        "instance": "97f4da43-80d1-4ee5-9edb-f76677a7894c",
    }
    return JSONResponse({"response": {"error": error, "illRequest": dict(echo)}}, failure.status)
