"""Verbs of copyright: the policies are asked, their verdict is kept, a person decides, the reader declares."""

from illcore.effects import Clear
from illcore.model import BilingualText
from illcore.reasons import sentence
from illcore.states.row import Case
from illcore.verdict import Claim, Verdict


def clear(case: Case) -> None:
    """Ask the copyright policies, once."""
    if not case.request.clearing:
        case.request.clearing = True
        case.effects.append(Clear())


def clear_demand(case: Case) -> None:
    """Ask the copyright policies about a partner's request for a copy."""
    request = case.request
    if case.facts.clears and request.service_type != "loan" and request.clearance is None:
        clear(case)


def take_clearance(case: Case) -> None:
    """Keep the verdict; its compliance code goes with the Request."""
    request = case.request
    request.clearance = Verdict.model_validate(case.event.data["verdict"])
    request.clearing = False
    answered = "copyright" in request.overrides and bool(request.copyright_compliance)
    if request.role == "requester" and request.clearance.compliance and not answered:
        request.copyright_compliance = request.clearance.compliance


def forget_clearance(case: Case) -> None:
    """What was cleared is not what is wanted now."""
    case.request.clearance = None
    case.request.clearing = False


def take_declaration(case: Case) -> None:
    """The reader has accepted a text."""
    version = str(case.event.data["version"])
    if version not in case.request.declared:
        case.request.declared += (version,)


def review_copyright(case: Case) -> None:
    """A person must decide; the reasons are the policies', or that the ledger is full."""
    request = case.request
    request.reasons = ("copyright",)
    request.resume = "new" if request.role == "supplier" else "locating"
    said = list(request.clearance.reasons) if request.clearance else []
    said += [_full(claim) for claim in case.facts.full]
    case.data["reasons"] = [{"reason": "copyright", "text": each.en, "zh": each.zh} for each in said]


def _full(claim: Claim) -> BilingualText:
    title = claim.title or claim.key
    if not claim.year:
        return sentence("ledger_full_for_good", title=title, limit=claim.limit)
    return sentence("ledger_full", title=title, limit=claim.limit, year=claim.year)
