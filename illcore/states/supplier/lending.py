"""The supplier from the moment the item left until a loan is back on the shelf."""

from dataclasses import replace

from illcore.states import guards as g
from illcore.states import verbs as v
from illcore.states.common import Rows, States
from illcore.states.row import PLACE, SAVED, STAY, Row, go
from illcore.states.supplier.answering import CLOSE

LINK_MADE = (go(STAY, v.effect_done, v.send_link, when=g.link_is_for_partner),)
NO_RENEWAL = (go(STAY, v.answer_renew(False)),)
CHECK_IN = (
    go(STAY, v.items_returned, when=g.items_left("returned_at")),
    go(
        "completed",
        v.items_returned,
        v.settle("lost"),
        v.tell("LoanCompleted"),
        v.circulate("check_in"),
        v.outcome("filled"),
    ),
)

OUT: Rows = {
    **CLOSE,
    "Cancel": (go(STAY, v.answer_cancel(False)),),
    "ConditionsAccepted": (go(STAY),),
    "Closed": (
        go("completed", v.outcome("filled"), when=g.copy_was_supplied),
        go(STAY, v.attention("closed")),
    ),
    "DeliveryRejected": (
        go(STAY, when=g.received_since),
        go("will_supply", v.remember_resend, v.attention("quality"), when=g.copy_was_supplied),
        go(STAY, v.attention("quality")),
    ),
}
LOAN: Rows = {
    "Received": (go(STAY, v.received_there),),
    "ShippedReturn": (go("return_shipped", v.received_there),),
    "Lost": (go("lost", v.items_lost, v.attention("lost")),),
    "Renew": (go("renew_requested", v.save_state, v.place_of_state, v.notice("renewal_asked", "staff")),),
    "recall": (go("recalled", v.place_of_state, v.take_due_date, v.tell("Recalled")),),
    "check_in": CHECK_IN,
    "waive_return": (go("completed", v.outcome_waived("kept"), v.tell("CompletedWithoutReturn")),),
    "report_lost": (
        go(STAY, v.items_lost, when=g.items_left("lost_at")),
        go("lost", v.items_lost, v.tell_signal("lost")),
    ),
    "timer:overdue": (
        go("completed", v.outcome("filled"), when=g.is_digital_loan),
        go("overdue", v.place_of_state, v.tell("Overdue"), v.notice("overdue", "staff")),
    ),
}
LOAN_OUT: Rows = {**OUT, **LOAN}
WHERE_IT_IS: Rows = {"Received": (go(STAY, v.item_at("received"), v.received_there),)}


def _loans_only(rows: Rows) -> Rows:
    return {event: tuple(replace(row, services="loan") for row in own) for event, own in rows.items()}


def _refusing_first(rows: Rows) -> Rows:
    """Leaving ``renew_requested`` in any other way than ``accept_renew`` sends RenewResponse N first."""

    def refusing(row: Row) -> Row:
        return row if row.next == STAY else replace(row, verbs=(v.answer_renew(False), *row.verbs))

    return {event: tuple(refusing(row) for row in own) for event, own in rows.items()}


LENDING: States = {
    "shipped": {
        **OUT,
        "handed_over": LINK_MADE,
        **_loans_only(LOAN),
        "Received": (
            go("completed", v.received_there, v.settle("quality"), v.outcome("filled"), when=g.copy_was_supplied),
            go("received", v.received_there),
        ),
        "ShippedReturn": (
            go("completed", v.outcome("filled"), v.attention("circulation"), when=g.copy_was_supplied),
            *LOAN["ShippedReturn"],
        ),
        "Lost": (go(STAY, v.attention("lost"), when=g.copy_was_supplied), *LOAN["Lost"]),
        "timer:complaint_over": (go("completed", v.outcome("filled")),),
        "timer:not_received": (go(STAY, v.attention("stale")),),
    },
    "received": LOAN_OUT,
    "renew_requested": {
        **_refusing_first(LOAN_OUT),
        **WHERE_IT_IS,
        "Renew": (go(STAY),),
        "accept_renew": (go(PLACE, v.give_due_date(renewed=True), v.answer_renew(True)),),
        "reject_renew": (
            go(SAVED, v.answer_renew(False), when=g.saved_is("overdue", "recalled")),
            go(PLACE, v.answer_renew(False)),
        ),
        "recall": (go(STAY, v.save_as("recalled"), v.take_due_date, v.tell("Recalled")),),
        "timer:overdue": (
            go("completed", v.answer_renew(False), v.outcome("filled"), when=g.is_digital_loan),
            go(STAY, v.notice("overdue", "staff"), when=g.saved_is("recalled", "overdue")),
            go(STAY, v.save_as("overdue"), v.tell("Overdue"), v.notice("overdue", "staff")),
        ),
    },
    "overdue": {**LOAN_OUT, **WHERE_IT_IS, "timer:overdue": (go(STAY),)},
    "recalled": {
        **LOAN_OUT,
        **WHERE_IT_IS,
        "recall": (go(STAY, v.take_due_date, v.tell("Recalled")),),
        "timer:overdue": (go(STAY, v.notice("overdue", "staff")),),
        "timer:recall_unanswered": (go(STAY, v.attention("recalled")),),
    },
    "return_shipped": {
        **OUT,
        "Received": (go(STAY),),
        "ShippedReturn": (go(STAY),),
        "Renew": NO_RENEWAL,
        "Lost": LOAN["Lost"],
        "check_in": CHECK_IN,
        "waive_return": LOAN["waive_return"],
        "report_lost": LOAN["report_lost"],
        "Closed": (go(STAY),),
        "timer:return_unconfirmed": (go(STAY, v.attention("stale")),),
    },
    "lost": {
        **OUT,
        "Received": (go(STAY, v.attention("circulation")),),
        "ShippedReturn": (go("return_shipped", v.received_there, v.settle("lost")),),
        "Renew": NO_RENEWAL,
        "Lost": (go(STAY),),
        "check_in": CHECK_IN,
        "waive_return": (
            go("completed", v.settle("lost"), v.outcome_waived("lost_settled"), v.tell("CompletedWithoutReturn")),
        ),
    },
}
