"""The requester's words from attempts that are over, failed effects, and what an ended request still allows."""

from illcore.request import TERMINAL
from illcore.states import guards as g
from illcore.states import verbs as v
from illcore.states.common import Rows, States
from illcore.states.row import STAY, Guard, Row, Verb, go


def _use(next: str, kind: str, *verbs: Verb, when: Guard | None = None) -> Row:
    """The item of a supplier that was left is on its way and nobody else is asked: use it."""
    holds = g.nobody_else_is_asked if when is None else g.both(g.nobody_else_is_asked, when)
    return go(next, v.take_late_item, v.supplied_as(kind), v.notice("came_late", "staff"), *verbs, when=holds)


USE_LATE_ITEM = (
    _use(
        "received",
        "loan",
        v.take_due_date,
        v.take_document,
        v.digital_loan,
        when=g.both(g.says("Loaned"), g.has_url),
    ),
    _use("received", "copy", v.take_document, v.arrived, when=g.both(g.says("CopyCompleted"), g.document_is_here)),
    _use("shipped", "copy", when=g.says("CopyCompleted")),
    _use("overdue", "loan", v.items_announced, v.item_at("shipped"), when=g.says("Overdue")),
    _use("recalled", "loan", v.items_announced, v.item_at("shipped"), when=g.says("Recalled")),
    _use("shipped", "loan", v.items_announced),
)
CAME_ANYWAY = (go(STAY, v.came_anyway, when=g.late_item_never_shipped_before), go(STAY, v.note_late))
USED_IN = ("review", "queued", "new", "locating", "cancelled", "unfilled", "closed")

LATE: Rows = {
    "Repeated": (go(STAY),),
    "LateWillSupply": (go(STAY, v.cancel_late, when=g.cancel_not_repeated), go(STAY)),
    "LateOther": (go(STAY, v.note_late),),
    "located": (go(STAY),),
    "cleared": (go(STAY),),
    "handed_over": (
        go(STAY, v.effect_done, v.destroy_documents, when=g.destroys_file),
        go(STAY, v.effect_done, v.tell_reader_of_link),
    ),
}
NO_DOCUMENT = go(STAY, v.attention_to_effect("quality"), when=g.effect_is("fetch", "check"))
FAILED_EFFECTS: Rows = {
    "effect:given_up": (
        NO_DOCUMENT,
        go(STAY, when=g.reports_on("Request")),
        go(STAY, when=g.both(g.reports_on("Cancel"), g.attempt_never_reached)),
        go(STAY, v.attention_to_effect("undeliverable")),
    ),
    "effect:refused": (
        NO_DOCUMENT,
        go(STAY, when=g.reports_on("Request")),
        go(STAY, when=g.reports_on("Cancel")),
        go(STAY, when=g.reports_on("Renew")),
        go(STAY, when=g.both(g.reports_on("Received"), g.copy_was_supplied, g.negated(g.had_complained))),
        go(STAY, when=g.both(g.reports_on("StatusRequest"), g.of_ended_attempt)),
        go(STAY, v.attention_to_effect("refused")),
    ),
}
OTHER_ATTEMPT: Rows = {
    "receive": (go(STAY, v.receive_other, when=g.item_of_other_may_come),),
    "ship_return": (go(STAY, v.return_other, when=g.item_of_other_is_here),),
}
AFTERWARDS: States = {
    state: {"check_in": (go(STAY, v.items_in, v.circulate("check_in"), when=g.an_item_is_out),)}
    for state in ("completed", "unfilled", "cancelled", "closed")
}


def late_item(state: str) -> Rows:
    """What the item of a supplier that was left behind means in this state."""
    return {"LateItem": (*USE_LATE_ITEM, *CAME_ANYWAY) if state in USED_IN else CAME_ANYWAY}


assert set(AFTERWARDS) == TERMINAL
