"""What an ended lending request still answers, and the rows that every state of the supplier shares."""

from illcore.states import guards as g
from illcore.states import verbs as v
from illcore.states.common import Rows, States
from illcore.states.row import STAY, go
from illcore.states.supplier.answering import HAS_IT_ANYWAY
from illcore.states.supplier.lending import LINK_MADE, NO_RENEWAL

NOTHING_SENT: Rows = {
    **HAS_IT_ANYWAY,
    "Cancel": (go(STAY, v.answer_cancel(True)),),
    "Retry": (go("new", v.take_retry, then="check", when=g.nothing_was_shipped),),
    "ConditionsAccepted": (go(STAY),),
    "DeliveryRejected": (go(STAY),),
    "Lost": (go(STAY, v.attention("lost")),),
    "Closed": (go(STAY),),
}
RESEND = go("will_supply", v.reopen, v.remember_resend, v.attention("quality"), when=g.copy_was_supplied)
CAME_BACK: Rows = {
    "check_in": (
        go(
            "completed",
            v.items_returned,
            v.tell("LoanCompleted"),
            v.circulate("check_in"),
            v.outcome("filled"),
            when=g.closed_with_the_item_out,
        ),
        go(STAY, v.items_returned, v.circulate("check_in"), when=g.an_item_is_out),
    ),
}
ENDED: States = {
    "completed": {
        **CAME_BACK,
        "handed_over": LINK_MADE,
        "Cancel": (go(STAY, v.answer_cancel(False)),),
        "Renew": NO_RENEWAL,
        "Received": (go(STAY),),
        "ShippedReturn": (go(STAY),),
        "ConditionsAccepted": (go(STAY),),
        "DeliveryRejected": (go(STAY, when=g.received_since), RESEND, go(STAY, v.attention("quality"))),
        "Lost": (go(STAY),),
        "Closed": (go(STAY),),
    },
    "unfilled": {**NOTHING_SENT, "Retry": (go("new", v.take_retry, then="check"),)},
    "cancelled": NOTHING_SENT,
    "closed": {
        **NOTHING_SENT,
        **CAME_BACK,
        "Cancel": (go(STAY, v.answer_cancel(True), when=g.nothing_with_partner), go(STAY, v.answer_cancel(False))),
        "DeliveryRejected": (
            go(STAY, when=g.nothing_with_partner),
            go(STAY, when=g.received_since),
            RESEND,
            go(STAY),
        ),
        "Renew": NO_RENEWAL,
    },
}

EVERYWHERE: Rows = {
    "StatusRequest": (go(STAY, v.answer_status),),
    "ShippedForward": (go(STAY, v.attention("circulation")),),
    "ConditionsRejected": (go(STAY),),
    "OldCancel": (go(STAY, v.answer_cancel(True)),),
    "OldStatusRequest": (go(STAY, v.answer_status),),
    "OldOther": (go(STAY),),
    "located": (go(STAY),),
    "cleared": (
        go(STAY, when=g.verdict_is_outdated),
        go(STAY, v.take_clearance, v.attention("copyright"), when=g.promise_is_objected_to),
        go(STAY, v.take_clearance),
    ),
    "handed_over": (go(STAY, v.effect_done),),
    "effect:given_up": (go(STAY, v.attention_to_effect("undeliverable")),),
    "effect:refused": (go(STAY, v.attention_to_effect("refused")),),
}
