"""The supplier's machine: from a partner's demand to the item sent and, for a loan, back on the shelf."""

from illcore.states import guards as g
from illcore.states import telling as t
from illcore.states import verbs as v
from illcore.states.common import ALWAYS, NEEDED_BY, WHILE_OPEN, States, with_shared
from illcore.states.row import BY_OUTCOME, PLACE, RESUME, SAVED, STAY, Row, go

Rows = dict[str, tuple[Row, ...]]

TERMINAL = ("completed", "unfilled", "cancelled", "closed")
BEFORE_SHIPPING = ("new", "review", "will_supply", "picking", "conditional", "retry_asked", "cancel_requested")
SHIPPED_ON = ("shipped", "received", "renew_requested", "overdue", "recalled", "return_shipped", "lost")
OPEN = (*BEFORE_SHIPPING, *SHIPPED_ON)

# --- answers ---

WILL_SUPPLY = go("will_supply", v.add_items, t.tell("WillSupply"))
CANNOT_SUPPLY = go("unfilled", t.tell("Unfilled"), v.outcome("unfilled"))
ADD_CONDITIONS = go("conditional", v.keep_picking, v.add_conditions, t.tell("Conditions"))
ASK_RETRY = go("retry_asked", v.note_own_retry, t.tell("RetryPossible"))
SHIP = (
    go(STAY, v.give_due_date(), v.items_shipped, when=g.more_to_ship),
    go(
        "received",
        v.supplied_as("loan"),
        v.give_due_date(),
        v.items_shipped,
        v.take_document,
        v.digital_loan,
        t.tell("Loaned"),
        when=g.has_url,
    ),
    go(
        "shipped",
        v.supplied_as("loan"),
        v.give_due_date(),
        v.items_shipped,
        v.take_charge,
        t.tell("Loaned"),
        v.circulate("check_out"),
    ),
)
SUPPLY_DOCUMENT = (
    go("shipped", v.supplied_as("copy"), v.take_document, v.take_charge, t.resend_done, t.tell("CopyCompleted")),
)
SUPPLYING: Rows = {"ship": SHIP, "supply_document": SUPPLY_DOCUMENT}

CANCEL_IS_A_QUESTION = (
    go("cancelled", t.answer_cancel(True), v.outcome("withdrawn"), when=g.policy_says("accept_cancel", "auto")),
    go("cancel_requested", v.save_state, v.notice("cancel_requested", "staff")),
)
CANCEL_COMES_TOO_LATE = (go(STAY, t.answer_cancel(False)),)

# --- the partner has it although we never said that we sent it ---

HAS_IT_ANYWAY: Rows = {
    "Received": (
        go("completed", t.shipped_after_all, v.outcome("filled"), v.attention("circulation"), when=g.asked_for_copy),
        go("received", t.shipped_after_all, v.attention("circulation")),
    ),
    "ShippedReturn": (
        go("completed", t.shipped_after_all, v.outcome("filled"), v.attention("circulation"), when=g.asked_for_copy),
        go("return_shipped", t.shipped_after_all, v.attention("circulation")),
    ),
}
CLOSE: Rows = {"close": (go(BY_OUTCOME, t.tell_signal("closed"), v.outcome_asked),)}
DEMAND: Rows = {
    **HAS_IT_ANYWAY,
    **CLOSE,
    **NEEDED_BY,
    "Cancel": CANCEL_IS_A_QUESTION,
    "ConditionsAccepted": (go(STAY, v.answer_conditions("accepted")),),
    "DeliveryRejected": (go(STAY),),
    "Lost": (go(STAY, v.attention("lost")),),
    "Closed": (go("cancelled", v.outcome("withdrawn")),),
}
OWN: States = {
    "new": {
        **DEMAND,
        **SUPPLYING,
        "submit": (go(STAY, then="check"),),
        "check": (
            go("review", v.note_reasons, v.notice("review", "staff"), when=g.a_check_fails),
            go(STAY, v.notice("new_request", "staff")),
        ),
        "will_supply": (WILL_SUPPLY,),
        "cannot_supply": (CANNOT_SUPPLY,),
        "add_conditions": (ADD_CONDITIONS,),
        "ask_retry": (ASK_RETRY,),
    },
    "review": {
        **DEMAND,
        "will_supply": (go("will_supply", v.forget_reasons, v.add_items, t.tell("WillSupply")),),
        "cannot_supply": (CANNOT_SUPPLY,),
        "add_conditions": (ADD_CONDITIONS,),
        "ask_retry": (ASK_RETRY,),
    },
    "will_supply": {
        **DEMAND,
        **SUPPLYING,
        "print_slip": (go("picking", v.add_items, undoable=True),),
        "cannot_supply": (CANNOT_SUPPLY,),
        "add_conditions": (ADD_CONDITIONS,),
        "ask_retry": (ASK_RETRY,),
    },
    "picking": {
        **DEMAND,
        **SUPPLYING,
        "print_slip": (go(STAY, v.add_items),),
        "cannot_supply": (CANNOT_SUPPLY,),
        "add_conditions": (ADD_CONDITIONS,),
        "ask_retry": (ASK_RETRY,),
    },
    "conditional": {
        **DEMAND,
        "ConditionsAccepted": (
            go(RESUME, v.answer_conditions("accepted"), when=g.accepts_last_condition),
            go(STAY, v.answer_conditions("accepted")),
        ),
        "ConditionsRejected": (
            go("cancelled", v.answer_conditions("rejected"), t.tell("Cancelled"), v.outcome("withdrawn")),
        ),
        "will_supply": (go(RESUME, v.answer_conditions("dropped"), v.add_items, t.tell("WillSupply")),),
        "cannot_supply": (CANNOT_SUPPLY,),
        "add_conditions": (go(STAY, v.add_conditions, t.tell("Conditions")),),
        "timer:conditions_unanswered": (go("unfilled", t.tell("Unfilled"), v.outcome("expired")),),
    },
    "retry_asked": {
        **DEMAND,
        "Retry": (go("new", t.take_retry, then="check"),),
        "Cancel": (go("cancelled", t.answer_cancel(True), v.outcome("withdrawn")),),
        "cannot_supply": (CANNOT_SUPPLY,),
        "timer:retry_unanswered": (go("unfilled", t.tell("Unfilled"), v.outcome("expired")),),
    },
    "cancel_requested": {
        **DEMAND,
        "Cancel": (go(STAY),),
        "ConditionsAccepted": (
            go(
                STAY,
                v.answer_conditions("accepted"),
                v.save_resume,
                when=g.both(g.saved_is("conditional"), g.accepts_last_condition),
            ),
            go(STAY, v.answer_conditions("accepted")),
        ),
        "accept_cancel": (go("cancelled", t.answer_cancel(True), v.outcome("withdrawn")),),
        "reject_cancel": (go(SAVED, t.answer_cancel(False)),),
    },
}

# --- the item left ---

OUT: Rows = {
    **CLOSE,
    "Cancel": CANCEL_COMES_TOO_LATE,
    "ConditionsAccepted": (go(STAY),),
    "Closed": (
        go("completed", v.outcome("filled"), services="copy", when=g.copy_was_supplied),
        go(STAY, v.attention("closed")),
    ),
    "DeliveryRejected": (
        go("will_supply", t.remember_resend, v.attention("quality"), when=g.copy_was_supplied),
        go(STAY, v.attention("quality")),
    ),
    "Lost": (go("lost", v.items_lost, v.attention("lost")),),
}
LOAN_OUT: Rows = {
    **OUT,
    "Received": (go(STAY),),
    "ShippedReturn": (go("return_shipped", v.items_returned_to_us),),
    "Renew": (go("renew_requested", v.save_state, v.place_out, v.notice("renewal_asked", "staff")),),
    "recall": (go("recalled", v.place_out, v.take_due_date, t.tell("Recalled")),),
    "check_in": (
        go(STAY, v.items_back, when=g.items_left("returned_at")),
        go("completed", v.items_back, t.tell("LoanCompleted"), v.circulate("check_in"), v.outcome("filled")),
    ),
    "waive_return": (go("completed", v.outcome_waived("kept"), t.tell("CompletedWithoutReturn")),),
    "report_lost": (
        go(STAY, v.items_lost, when=g.items_left("lost_at")),
        go("lost", v.items_lost, t.tell_signal("lost")),
    ),
    "timer:overdue": (
        go("completed", v.outcome("filled"), when=g.is_digital_loan),
        go("overdue", v.place_out, t.tell("Overdue"), v.notice("overdue", "staff")),
    ),
}


def _loan_only(rows: Rows) -> Rows:
    return {
        event: tuple(Row(r.next, r.verbs, r.guard, "loan", r.then, r.undoable) for r in own)
        for event, own in rows.items()
    }


def _refusing_first(rows: Rows) -> Rows:
    """Leaving ``renew_requested`` in any other way than ``accept_renew`` sends RenewResponse N first."""
    return {
        event: tuple(
            Row(r.next, r.verbs if r.next == STAY else (t.answer_renew(False), *r.verbs), r.guard, r.services, r.then)
            for r in own
        )
        for event, own in rows.items()
    }


WHERE_IT_IS: Rows = {"Received": (go(STAY, v.item_at("received"), v.received_there),)}
LEAVES_RENEWAL = ("ShippedReturn", "check_in", "waive_return", "report_lost", "Lost", "close")

OWN |= {
    "shipped": {
        **_loan_only({k: r for k, r in LOAN_OUT.items() if k not in OUT}),
        **OUT,
        "Received": (
            go("completed", v.received_there, v.settle("quality"), v.outcome("filled"), when=g.copy_was_supplied),
            go("received", v.received_there),
        ),
        "ShippedReturn": (
            go("completed", v.outcome("filled"), v.attention("circulation"), when=g.copy_was_supplied),
            go("return_shipped", v.items_returned_to_us),
        ),
        "Lost": (
            go(STAY, v.attention("lost"), when=g.copy_was_supplied),
            go("lost", v.items_lost, v.attention("lost")),
        ),
        "timer:complaint_over": (go("completed", v.outcome("filled")),),
        "timer:not_received": (go(STAY, v.attention("stale")),),
    },
    "received": dict(LOAN_OUT),
    "renew_requested": {
        **LOAN_OUT,
        **WHERE_IT_IS,
        **_refusing_first({event: LOAN_OUT[event] for event in LEAVES_RENEWAL}),
        "Renew": (go(STAY),),
        "accept_renew": (go(PLACE, v.give_due_date(renewed=True), t.answer_renew(True)),),
        "reject_renew": (
            go(SAVED, t.answer_renew(False), when=g.saved_is("overdue", "recalled")),
            go(PLACE, t.answer_renew(False)),
        ),
        "recall": (go(STAY, v.save_as("recalled"), v.take_due_date, t.tell("Recalled")),),
        "timer:overdue": (
            go(STAY, when=g.saved_is("recalled", "overdue")),
            go(STAY, v.save_as("overdue"), t.tell("Overdue"), v.notice("overdue", "staff")),
        ),
    },
    "overdue": {
        **LOAN_OUT,
        **WHERE_IT_IS,
        "timer:overdue": (go(STAY),),
    },
    "recalled": {
        **LOAN_OUT,
        **WHERE_IT_IS,
        "recall": (go(STAY, v.take_due_date, t.tell("Recalled")),),
        "timer:overdue": (go(STAY, v.notice("overdue", "staff")),),
        "timer:recall_unanswered": (go(STAY, v.attention("recalled")),),
    },
    "return_shipped": {
        **OUT,
        "Received": (go(STAY),),
        "ShippedReturn": (go(STAY),),
        "Renew": (go(STAY, t.answer_renew(False)),),
        "check_in": LOAN_OUT["check_in"],
        "waive_return": LOAN_OUT["waive_return"],
        "report_lost": LOAN_OUT["report_lost"],
        "Closed": (go(STAY),),
        "timer:return_unconfirmed": (go(STAY, v.attention("stale")),),
    },
    "lost": {
        **OUT,
        "Received": (go(STAY, v.attention("circulation")),),
        "ShippedReturn": (go("return_shipped", v.items_returned_to_us, v.settle("lost")),),
        "Renew": (go(STAY, t.answer_renew(False)),),
        "Lost": (go(STAY),),
        "check_in": (
            go(STAY, v.items_back, when=g.items_left("returned_at")),
            go(
                "completed",
                v.items_back,
                v.settle("lost"),
                t.tell("LoanCompleted"),
                v.circulate("check_in"),
                v.outcome("filled"),
            ),
        ),
        "waive_return": (
            go("completed", v.settle("lost"), v.outcome_waived("lost_settled"), t.tell("CompletedWithoutReturn")),
        ),
    },
}

# --- the end, and what comes after it ---

NOTHING_SENT: Rows = {
    **HAS_IT_ANYWAY,
    "Cancel": (go(STAY, t.answer_cancel(True), when=g.nothing_was_shipped), go(STAY, t.answer_cancel(False))),
    "Retry": (go("new", t.take_retry, then="check", when=g.nothing_was_shipped),),
    "ConditionsAccepted": (go(STAY),),
    "DeliveryRejected": (go(STAY),),
    "Lost": (go(STAY, v.attention("lost")),),
    "Closed": (go(STAY),),
}
CAME_BACK: Rows = {
    "check_in": (
        go(
            "completed",
            v.items_back,
            t.tell("LoanCompleted"),
            v.circulate("check_in"),
            v.outcome("filled"),
            when=g.closed_with_the_item_out,
        ),
        go(STAY, v.items_back, v.circulate("check_in"), when=g.has_items),
    ),
}
OWN |= {
    "completed": {
        **CAME_BACK,
        "Cancel": CANCEL_COMES_TOO_LATE,
        "Renew": (go(STAY, t.answer_renew(False)),),
        "Received": (go(STAY),),
        "ShippedReturn": (go(STAY),),
        "ConditionsAccepted": (go(STAY),),
        "DeliveryRejected": (
            go("will_supply", t.reopen, t.remember_resend, v.attention("quality"), when=g.copy_was_supplied),
            go(STAY, v.attention("quality")),
        ),
        "Lost": (go(STAY),),
        "Closed": (go(STAY),),
    },
    "unfilled": dict(NOTHING_SENT),
    "cancelled": dict(NOTHING_SENT),
    "closed": {
        **NOTHING_SENT,
        **CAME_BACK,
        "DeliveryRejected": (
            go("will_supply", t.reopen, t.remember_resend, v.attention("quality"), when=g.copy_was_supplied),
            go(STAY),
        ),
        "Renew": (go(STAY, t.answer_renew(False)),),
    },
}
FAILED_EFFECTS: Rows = {
    "effect:given_up": (go(STAY, v.attention_to_effect("undeliverable")),),
    "effect:refused": (go(STAY, v.attention_to_effect("refused")),),
}
STATUS: Rows = {
    "StatusRequest": (go(STAY, t.answer_status),),
    "ShippedForward": (go(STAY, v.attention("circulation")),),
    "ConditionsRejected": (go(STAY),),
    "OldCancel": (go(STAY, t.answer_cancel(True)),),
    "OldStatusRequest": (go(STAY, t.answer_status),),
    "OldOther": (go(STAY),),
}


def _complete() -> States:
    table = with_shared(OWN, {**ALWAYS, **FAILED_EFFECTS, **STATUS}, (*OPEN, *TERMINAL))
    return with_shared(table, WHILE_OPEN, OPEN)


SUPPLIER: States = _complete()
