"""The supplier before the item leaves: its answers, conditions, a cancel that asks, and what the partner has anyway."""

from illcore.states import guards as g
from illcore.states import verbs as v
from illcore.states.common import NEEDED_BY, Rows, States
from illcore.states.row import BY_OUTCOME, RESUME, SAVED, STAY, go

CLOSE: Rows = {"close": (go(BY_OUTCOME, v.outcome_asked, v.tell_signal("closed")),)}
HAS_IT_ANYWAY: Rows = {
    "Received": (
        go("completed", v.shipped_after_all, v.outcome("filled"), v.attention("circulation"), when=g.asked_for_copy),
        go("received", v.shipped_after_all, v.received_there, v.attention("circulation")),
    ),
    "ShippedReturn": (
        go("completed", v.shipped_after_all, v.outcome("filled"), v.attention("circulation"), when=g.asked_for_copy),
        go("return_shipped", v.shipped_after_all, v.received_there, v.attention("circulation")),
    ),
}
DEMAND: Rows = {
    **HAS_IT_ANYWAY,
    **CLOSE,
    **NEEDED_BY,
    "Cancel": (
        go("cancelled", v.answer_cancel(True), v.outcome("withdrawn"), when=g.policy_says("accept_cancel", "auto")),
        go("cancel_requested", v.save_state, v.notice("cancel_requested", "staff")),
    ),
    "ConditionsAccepted": (go(STAY, v.answer_conditions("accepted"), when=g.conditions_stand_open), go(STAY)),
    "DeliveryRejected": (go(STAY),),
    "Lost": (go(STAY, v.attention("lost")),),
    "Closed": (go("cancelled", v.outcome("withdrawn")),),
}
ANSWERS: Rows = {
    "cannot_supply": (go("unfilled", v.tell("Unfilled"), v.outcome("unfilled")),),
    "add_conditions": (go("conditional", v.keep_picking, v.ask_conditions, v.tell("Conditions")),),
    "ask_retry": (go("retry_asked", v.note_own_retry, v.tell("RetryPossible")),),
}
WILL_SUPPLY: Rows = {"will_supply": (go("will_supply", v.add_items, v.tell("WillSupply")),)}
LOOKED: Rows = {"located": (go(STAY, v.located, v.item_found_here),)}
SUPPLYING: Rows = {
    "ship": (
        go(STAY, v.give_due_date(), v.items_shipped, when=g.more_to_ship),
        go(
            "received",
            v.supplied_as("loan"),
            v.give_due_date(),
            v.items_shipped,
            v.take_document,
            v.digital_loan,
            v.take_charge,
            v.tell("Loaned"),
            when=g.has_url,
        ),
        go(
            "shipped",
            v.supplied_as("loan"),
            v.give_due_date(),
            v.items_shipped,
            v.take_charge,
            v.tell("Loaned"),
            v.circulate("check_out"),
        ),
    ),
    "supply_document": (
        go(
            "shipped",
            v.supplied_as("copy"),
            v.take_charge,
            v.resend_done,
            v.hand_over("partner"),
            when=g.partner_gets_link,
        ),
        go(
            "shipped",
            v.supplied_as("copy"),
            v.take_document,
            v.take_charge,
            v.resend_done,
            v.tell("CopyCompleted"),
        ),
    ),
}

ANSWERING: States = {
    "new": {
        **DEMAND,
        **SUPPLYING,
        **ANSWERS,
        **WILL_SUPPLY,
        "submit": (go(STAY, then="check"),),
        "check": (
            go("review", v.note_reasons, v.clear_demand, v.notice("review", "staff"), when=g.a_check_fails),
            go(STAY, v.locate, v.clear_demand, v.notice("new_request", "staff"), when=g.must_look_at_own_shelves),
            go(STAY, v.clear_demand, v.notice("new_request", "staff")),
        ),
        "cleared": (
            go(STAY, when=g.verdict_is_outdated),
            go("review", v.take_clearance, v.review_copyright, v.notice("review", "staff"), when=g.verdict_objects),
            go(STAY, v.take_clearance),
        ),
        "located": (
            go("will_supply", v.located, v.item_found_here, v.tell("WillSupply"), when=g.holdings_say_yes),
            go("unfilled", v.located, v.unfilled_by_holdings, v.outcome("unfilled"), when=g.holdings_say_no),
            *LOOKED["located"],
        ),
    },
    "review": {**DEMAND, **ANSWERS, **WILL_SUPPLY},
    "will_supply": {
        **DEMAND,
        **LOOKED,
        **SUPPLYING,
        **ANSWERS,
        "print_slip": (go("picking", v.add_items, undoable=True),),
    },
    "picking": {
        **DEMAND,
        **LOOKED,
        **SUPPLYING,
        **ANSWERS,
        "print_slip": (go(STAY, v.add_items, undoable=True),),
    },
    "conditional": {
        **DEMAND,
        **LOOKED,
        "ConditionsAccepted": (
            go(RESUME, v.answer_conditions("accepted"), when=g.accepts_last_condition),
            go(STAY, v.answer_conditions("accepted")),
        ),
        "ConditionsRejected": (
            go("cancelled", v.answer_conditions("rejected"), v.tell("Cancelled"), v.outcome("withdrawn")),
        ),
        "will_supply": (go(RESUME, v.answer_conditions("dropped"), v.add_items, v.tell("WillSupply")),),
        "cannot_supply": ANSWERS["cannot_supply"],
        "add_conditions": (go(STAY, v.ask_conditions, v.tell("Conditions")),),
        "timer:conditions_unanswered": (go("unfilled", v.tell("Unfilled"), v.outcome("expired")),),
    },
    "retry_asked": {
        **DEMAND,
        "Retry": (go("new", v.take_retry, then="check"),),
        "Cancel": (go("cancelled", v.answer_cancel(True), v.outcome("withdrawn")),),
        "cannot_supply": ANSWERS["cannot_supply"],
        "timer:retry_unanswered": (go("unfilled", v.tell("Unfilled"), v.outcome("expired")),),
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
            *DEMAND["ConditionsAccepted"],
        ),
        "ConditionsRejected": (
            go(
                "cancelled",
                v.answer_conditions("rejected"),
                v.answer_cancel(True),
                v.outcome("withdrawn"),
                when=g.saved_is("conditional"),
            ),
        ),
        "accept_cancel": (go("cancelled", v.answer_cancel(True), v.outcome("withdrawn")),),
        "reject_cancel": (go(SAVED, v.answer_cancel(False)),),
    },
}
