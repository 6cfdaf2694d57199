"""The requester while a supplier is asked: its answers, conditions, retry, cancel, and the item that comes."""

from illcore.states import guards as g
from illcore.states import verbs as v
from illcore.states.common import NEEDED_BY, Rows, States
from illcore.states.requester.entry import NEXT
from illcore.states.row import BY_OUTCOME, SAVED, STAY, Guard, Row, Verb, go


def on_to_next(result: str, *verbs: Verb, when: Guard | None = None) -> tuple[Row, ...]:
    """This supplier is done with; the rota goes on, but not for a reader who has cancelled."""
    cancelled = g.reader_had_cancelled if when is None else g.both(when, g.reader_had_cancelled)
    return (
        go("cancelled", *verbs, v.end_attempt(result), v.outcome_cancelled, when=cancelled),
        go("locating", *verbs, v.end_attempt(result), then=NEXT, when=when),
    )


def staff_go_on(result: str, *verbs: Verb) -> tuple[Row, ...]:
    """Staff ask the next supplier, whatever was before."""
    return (go("locating", *verbs, v.want_again, v.end_attempt(result), then=NEXT),)


def as_then_says(result: str, *verbs: Verb, when: Guard | None = None) -> tuple[Row, ...]:
    """The cancel took effect: ``stop`` ends the request, ``next`` asks the next supplier."""
    stop = g.then_is_stop if when is None else g.both(when, g.then_is_stop)
    return (
        go("cancelled", *verbs, v.end_attempt(result), v.outcome_cancelled, when=stop),
        go("locating", *verbs, v.end_attempt(result), then=NEXT, when=when),
    )


# --- the item or the copy comes ---

SHIPPING: Rows = {
    "Loaned": (
        go(
            "received",
            v.supplied_as("loan"),
            v.take_due_date,
            v.take_document,
            v.digital_loan,
            v.take_charge,
            v.notice("arrived"),
            when=g.has_url,
        ),
        go("shipped", v.supplied_as("loan"), v.items_announced, v.take_charge, v.notice("shipped")),
    ),
    "CopyCompleted": (
        go(STAY, when=g.sent_before_rejection),
        go("received", v.supplied_as("copy"), v.take_document, v.arrived, v.take_charge, when=g.document_is_here),
        go("shipped", v.supplied_as("copy"), v.take_charge, v.notice("shipped")),
    ),
    "Overdue": (go("overdue", v.supplied_as("loan"), v.items_announced, v.item_at("shipped"), v.notice("overdue")),),
    "Recalled": (go("recalled", v.supplied_as("loan"), v.items_announced, v.item_at("shipped"), v.notice("recalled")),),
    "LoanCompleted": (go("completed", v.supplied_as("loan"), v.attention("circulation"), v.outcome("filled")),),
    "CompletedWithoutReturn": (go("completed", v.supplied_as("loan"), v.attention("circulation"), v.outcome("kept")),),
    "Lost": (
        go(STAY, v.attention("lost"), when=g.asked_for_copy),
        go("lost", v.supplied_as("loan"), v.items_lost, v.attention("lost")),
    ),
}
BOOK_BEFORE_ANY_WORD: Rows = {
    "receive": (
        go(
            "received",
            v.supplied_as("copy"),
            v.arrived,
            v.tell("Received"),
            v.notice("arrived"),
            when=g.both(g.asked_for_copy, g.had_complained),
        ),
        go("received", v.supplied_as("copy"), v.arrived, v.notice("arrived"), when=g.asked_for_copy),
        go(STAY, v.items_received, when=g.items_left("received_at")),
        go(
            "received",
            v.supplied_as("loan"),
            v.items_received,
            v.take_due_date,
            v.tell("Received"),
            v.circulate("accept"),
            v.notice("arrived"),
        ),
    ),
}
CLOSED_WITH_IT: tuple[Row, ...] = (
    go(STAY, when=g.both(g.says("CopyCompleted"), g.sent_before_rejection)),
    go("received", v.supplied_as("copy"), v.arrived, v.attention("quality"), when=g.says("CopyCompleted")),
    go("completed", v.supplied_as("loan"), v.attention("circulation"), v.outcome("kept")),
)

# --- what the supplier answers, from any state before shipping ---

BEFORE_SHIPPED: Rows = {
    **SHIPPING,
    **BOOK_BEFORE_ANY_WORD,
    **NEEDED_BY,
    "RequestReceived": (go(STAY, v.request_arrived),),
    "Unfilled": on_to_next("unfilled"),
    "RetryPossible": (go("retry_offered", v.request_arrived, v.note_retry, v.notice("retry_offered", "staff")),),
    "Cancelled": on_to_next("cancelled"),
    "CancelYes": on_to_next("cancelled"),
    "CancelNo": (go(STAY),),
    "RenewNo": (go(STAY),),
    "Closed": (*on_to_next("closed", when=g.nothing_with_us), *CLOSED_WITH_IT),
    "ask_status": (go(STAY, v.ask_status),),
    "close": (go(BY_OUTCOME, v.outcome_asked, v.send_cancel, v.end_attempt("closed")),),
}
PROMISED: Rows = {
    "WillSupply": (go("will_supply", v.request_arrived, v.take_charge),),
    "Conditions": (go("conditional", v.request_arrived, v.add_conditions, v.notice("conditions", "staff")),),
}
REQUEST_FAILS: Rows = {
    "effect:given_up": on_to_next(
        "undeliverable", v.send_cancel, when=g.both(g.reports_on("Request"), g.of_current_attempt)
    ),
    "effect:refused": (
        go(STAY, v.verify_request, when=g.both(g.reports_on("Request"), g.of_current_attempt, g.previous_try_unknown)),
        *on_to_next("refused", when=g.both(g.of_current_attempt, g.request_is_not_there)),
    ),
}
CANCEL: Rows = {"cancel": (go("cancel_pending", v.save_state, v.then("stop"), v.send_cancel),)}
CANCEL_FOR_NEXT: Rows = {"next_supplier": (go("cancel_pending", v.save_state, v.then("next"), v.send_cancel),)}
NEVER_ANSWERED = g.both(g.of_current_attempt, g.saved_is("sent"))

ASKED: States = {
    "sent": {
        **BEFORE_SHIPPED,
        **REQUEST_FAILS,
        **PROMISED,
        **CANCEL,
        "ExpectToSupply": (go(STAY, v.request_arrived, v.restart_wait, v.supplier_named),),
        "set_suppliers": (go(STAY, v.set_rota),),
        "next_supplier": staff_go_on("skipped", v.send_cancel),
        "timer:silence": on_to_next("silent", v.send_cancel),
    },
    "will_supply": {
        **BEFORE_SHIPPED,
        **CANCEL,
        **CANCEL_FOR_NEXT,
        "ExpectToSupply": (go(STAY, v.supplier_named),),
        "WillSupply": (go(STAY),),
        "Conditions": (
            go(STAY, when=g.all_accepted_before),
            go("conditional", v.add_conditions, v.notice("conditions", "staff")),
        ),
        "timer:stale": (go(STAY, v.attention("stale"), when=g.asked_already), go(STAY, v.ask_status_and_wait)),
    },
    "conditional": {
        **BEFORE_SHIPPED,
        **CANCEL,
        **CANCEL_FOR_NEXT,
        "ExpectToSupply": (go(STAY, v.supplier_named),),
        "WillSupply": (go(STAY, when=g.no_news), go("will_supply", v.answer_conditions("dropped"))),
        "Conditions": (go(STAY, v.add_conditions),),
        "accept_conditions": (go("will_supply", v.send_acceptance, v.answer_conditions("accepted")),),
        "reject_conditions": (
            go("cancel_pending", v.save_state, v.then("next"), v.answer_conditions("rejected"), v.send_cancel),
        ),
    },
    "retry_offered": {
        **BEFORE_SHIPPED,
        **PROMISED,
        "ExpectToSupply": (go(STAY, v.supplier_named),),
        "RetryPossible": (go(STAY, v.note_retry),),
        "edit": (go(STAY, v.apply_edit),),
        "accept_retry": (
            go(STAY, v.accept_offer, when=g.both(g.retry_date_ahead, g.retry_not_accepted)),
            go("sent", v.ask_same_again, when=g.negated(g.retry_date_ahead)),
        ),
        "timer:retry_date": (go("sent", v.ask_same_again, when=g.negated(g.retry_not_accepted)),),
        "reject_retry": staff_go_on("retry_rejected"),
        "next_supplier": staff_go_on("retry_rejected"),
        "cancel": (go("cancelled", v.then("stop"), v.send_cancel, v.end_attempt("cancelled"), v.outcome_cancelled),),
    },
    "cancel_pending": {
        **SHIPPING,
        **BOOK_BEFORE_ANY_WORD,
        **NEEDED_BY,
        "RequestReceived": (go(STAY, v.request_arrived),),
        "ExpectToSupply": (go(STAY, v.request_arrived, v.supplier_named),),
        "WillSupply": (
            go(STAY, when=g.both(g.no_news, g.saved_is("conditional"))),
            go(STAY, v.request_arrived, v.answer_conditions("dropped"), v.save_as("will_supply")),
        ),
        "Conditions": (
            go(STAY, when=g.both(g.saved_is("will_supply"), g.all_accepted_before)),
            go(STAY, v.request_arrived, v.add_conditions, v.save_as("conditional")),
        ),
        "CancelYes": as_then_says("cancelled"),
        "Cancelled": as_then_says("cancelled"),
        "Unfilled": as_then_says("unfilled"),
        "RetryPossible": as_then_says("retry_rejected", v.note_retry),
        "timer:cancel_unanswered": as_then_says("cancel_unanswered"),
        "Closed": (*as_then_says("closed", when=g.nothing_with_us), *CLOSED_WITH_IT),
        "CancelNo": (go(SAVED, v.ask_rejected_again, v.notice("cancel_refused")),),
        "RenewNo": (go(STAY),),
        "effect:given_up": as_then_says("undeliverable", when=g.both(NEVER_ANSWERED, g.reports_on("Request"))),
        "effect:refused": (
            go(STAY, v.verify_request, when=g.both(NEVER_ANSWERED, g.reports_on("Request"), g.previous_try_unknown)),
            *as_then_says("refused", when=g.both(NEVER_ANSWERED, g.request_is_not_there)),
            go(
                SAVED,
                v.ask_rejected_again,
                v.notice("cancel_refused"),
                when=g.both(g.reports_on("Cancel"), g.of_current_attempt),
            ),
        ),
        "cancel": (go(STAY, v.then("stop")),),
        "ask_status": (go(STAY, v.ask_status),),
        "close": (go(BY_OUTCOME, v.outcome_asked, v.tell_signal("closed"), v.end_attempt("closed")),),
    },
}
