"""What a search found, library by library: who holds it, whether it can be had there, and what of it is our own."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from illcore.model import Holding, ServiceType
from illcore.policy import Policy
from illcore.request import Found, Request

MOST_LIBRARIES = 40
MOST_NAMED = 10
_TEXT = 200
_URL = 1000
_ORDER = {True: 0, None: 1, False: 2}

Answer = Literal["", "link", "held"]


@dataclass(slots=True, frozen=True)
class Sifted:
    """``found`` by library, best match first; ``more`` libraries beyond the limit. Holdings that do not count:
    ``unknown`` by the name of a library that is no partner, ``dropped`` by library with what they score and why."""

    found: dict[str, Found] = field(default_factory=dict)
    more: int = 0
    unknown: dict[str, int] = field(default_factory=dict)
    dropped: dict[str, dict[str, Any]] = field(default_factory=dict)

    def as_data(self) -> dict[str, Any]:
        """For the event: JSON-able, small, without what is empty."""
        data: dict[str, Any] = {"found": {symbol: _written(one) for symbol, one in self.found.items()}}
        if self.more:
            data["more_libraries"] = self.more
        if self.unknown:
            names = sorted(self.unknown, key=lambda name: (-self.unknown[name], name))[:MOST_NAMED]
            data["unknown_libraries"] = {"holdings": sum(self.unknown.values()), "named": names}
        if self.dropped:
            first = dict(list(self.dropped.items())[:MOST_NAMED])
            data["dropped"] = {"libraries": len(self.dropped), "named": first}
        return data


def sift(holdings: Iterable[Holding], request: Request, owners: Mapping[str, str], lowest: float) -> Sifted:
    """The best holding of each library that matters to the request.

    ``owners`` gives the partner by any of its symbols. A holding below the score ``lowest`` is not what was asked for;
    one that its connector did not compare (score 0, no reason) is believed. A supplier looks for its own holdings only.
    """
    best: dict[str, Holding] = {}
    unknown: dict[str, int] = {}
    dropped: dict[str, dict[str, Any]] = {}
    for holding in holdings:
        library = request.library if holding.library == request.library else owners.get(holding.library, "")
        if request.role == "supplier" and library != request.library:
            continue
        if not library:
            name = holding.library[:_TEXT] or f"({holding.account})"
            unknown[name] = unknown.get(name, 0) + 1
        elif holding.score < lowest and (holding.score or holding.why):
            if holding.score > dropped.get(library, {"score": -1.0})["score"]:
                dropped[library] = {"score": round(holding.score, 3), "why": holding.why[:_TEXT]}
        else:
            before = best.get(library)
            own = library == request.library and request.role == "requester"
            if before is None or _rank(holding, request, own) < _rank(before, request, own):
                best[library] = holding
    for library in best:
        dropped.pop(library, None)
    first = sorted(best, key=lambda each: (each != request.library, -best[each].score, each))
    kept = {library: _found(best[library]) for library in first[:MOST_LIBRARIES]}
    return Sifted(kept, len(first) - len(kept), unknown, dict(sorted(dropped.items())))


def found_in(data: Mapping[str, Any]) -> dict[str, Found]:
    """What the event ``located`` brought."""
    found = (data.get("found") or {}).items()
    return {symbol: Found(**{**one, "formats": tuple(one.get("formats") or ())}) for symbol, one in found}


def found_after(request: Request, type: str, data: Mapping[str, Any]) -> tuple[dict[str, Found], bool]:
    """What the request will know of holdings once this event was taken, and whether catalogues were asked."""
    if type == "located":
        return found_in(data), True
    if type == "effect:given_up" and data.get("kind") == "locate":
        return {}, True
    if type == "edit" and _is_changed(request, data.get("citation") or {}):
        return {}, False
    return request.found, request.searched


def _is_changed(request: Request, citation: Mapping[str, Any]) -> bool:
    return any(str(value).strip() != getattr(request.citation, name, None) for name, value in citation.items())


def permits(found: Found, service: ServiceType) -> bool:
    """Whether that service is not known to be out of the question there."""
    may_lend, may_copy = found.loanable is not False, found.copyable is not False
    return {"loan": may_lend, "copy": may_copy, "copy_or_loan": may_lend or may_copy}[service]


def own_answer(request: Request, policy: Policy) -> Answer:
    """How the library's own holding answers its reader: by a link, by something on the shelf, or not at all.

    A licence that forbids interlibrary loan still serves the library's own readers. A link answers by itself only where
    it is known to cover what is wanted; one of which that is not known is for staff to look at.
    """
    own = request.found.get(request.library)
    if own is None or policy.own_holdings == "ignore" or "locally_held" in request.overrides:
        return ""
    if own.online and own.available and request.format != "paper":
        return "link"
    if policy.own_holdings == "any":
        return "held"
    here = own.available is not False and (own.online or request.service_type != "loan" or own.loanable is not False)
    return "held" if here else ""


def where(found: Found) -> str:
    """Where it stands, as a person looks for it."""
    return ", ".join(part for part in (found.location, found.call_number, found.url) if part) or found.why


def lending_answer(request: Request, policy: Policy, data: Mapping[str, Any]) -> tuple[Literal["", "yes", "no"], str]:
    """What the search that the event brings lets us answer a partner without staff, and ISO 18626's reason for a no.

    Yes only for what is known to be available. No only if every catalogue answered in full and nothing came near
    what is wanted.
    """
    own = found_in(data).get(request.library)
    if policy.answer_from_holdings == "off":
        return "", ""
    if own is not None and permits(own, request.service_type):
        if request.service_type != "loan" and not own.may_be_sent(request.format):
            return "", ""
        if own.available:
            return "yes", ""
        refused = "NotAvailableForILL" if own.available is False else ""
    else:
        refused = "NotHeld" if own is None else ("NonCirculating" if own.loanable is False else "NotAvailableForILL")
    accounts = data.get("accounts") or ()
    told_all = all(one["status"] == "ok" and not one.get("more") for one in accounts)
    certain = bool(accounts) and told_all and not data.get("dropped")
    if policy.answer_from_holdings == "yes" or not certain or not refused:
        return "", ""
    return "no", refused


def _rank(holding: Holding, request: Request, own: bool) -> tuple[object, ...]:
    found = _found(holding)
    if own:
        link = found.online and found.available is True and request.format != "paper"
        return not link, _ORDER[found.available], -found.score
    usable = permits(found, request.service_type)
    permission = found.copyable if request.service_type == "copy" else found.loanable
    usable = usable and (request.service_type == "loan" or found.may_be_sent(request.format))
    return not usable, _ORDER[found.available], _ORDER[permission], -found.score


def _found(holding: Holding) -> Found:
    return Found(
        available=holding.available,
        loanable=holding.loanable,
        copyable=holding.copyable,
        formats=holding.formats,
        location=holding.location[:_TEXT],
        call_number=holding.call_number[:_TEXT],
        barcode=holding.barcode[:_TEXT],
        url=holding.url if len(holding.url) <= _URL else "",
        score=round(holding.score, 3),
        why=holding.why[:_TEXT],
    )


def _written(found: Found) -> dict[str, Any]:
    return {name: value for name, value in asdict(found).items() if value not in (None, "", ())}
