"""The requester's machine: from a reader's need to the item handed over and, for a loan, back with its owner."""

from illcore.states import guards as g
from illcore.states import telling as t
from illcore.states import verbs as v
from illcore.states.common import ALWAYS, NEEDED_BY, WHILE_OPEN, States, with_shared
from illcore.states.row import BY_OUTCOME, PLACE, SAVED, STAY, Guard, Row, Verb, go

Rows = dict[str, tuple[Row, ...]]

BEFORE_SENDING = ("new", "review", "queued", "locating")
ASKED = ("sent", "will_supply", "conditional", "retry_offered")
WITH_US = ("shipped", "received", "on_loan", "renew_pending", "overdue", "recalled", "returned")
SHIPPED_ON = (*WITH_US, "return_shipped", "lost")
TERMINAL = ("completed", "unfilled", "cancelled", "closed")
OPEN = (*BEFORE_SENDING, "local_supply", *ASKED, "cancel_pending", *SHIPPED_ON)

NEXT = "choose"


def _next_supplier(result: str, *verbs: Verb, when: Guard | None = None) -> Row:
    """This supplier is done with; the rota goes on."""
    return go("locating", *verbs, v.end_attempt(result), when=when, then=NEXT)


# --- the item or the copy arrives, said by the supplier (from any state before shipping) ---

SHIPPING: Rows = {
    "Loaned": (
        go(
            "received",
            v.supplied_as("loan"),
            v.take_due_date,
            v.take_document,
            v.digital_loan,
            v.take_charge,
            when=g.has_url,
        ),
        go("shipped", v.supplied_as("loan"), v.take_due_date, v.add_items, v.take_charge, v.notice("shipped")),
    ),
    "CopyCompleted": (
        go(STAY, when=g.sent_before_rejection),
        go("received", v.supplied_as("copy"), v.take_document, v.copy_arrived, v.take_charge, when=g.has_url),
        go("shipped", v.supplied_as("copy"), v.take_charge),
    ),
    "Overdue": (go("overdue", v.supplied_as("loan"), v.take_due_date, v.item_at("shipped"), v.notice("overdue")),),
    "Recalled": (go("recalled", v.supplied_as("loan"), v.take_due_date, v.item_at("shipped"), v.notice("recalled")),),
    "LoanCompleted": (go("completed", v.supplied_as("loan"), v.attention("circulation"), v.outcome("filled")),),
    "CompletedWithoutReturn": (go("completed", v.supplied_as("loan"), v.attention("circulation"), v.outcome("kept")),),
}
BOOK_BEFORE_ANY_WORD: Rows = {
    "receive": (
        go("received", v.supplied_as("copy"), v.copy_arrived, services="copy", when=g.asked_for_copy),
        go(
            "received",
            v.supplied_as("loan"),
            v.items_received,
            v.take_due_date,
            t.tell("Received"),
            v.notice("arrived"),
            services="loan",
        ),
    ),
}
BEFORE_SHIPPED: Rows = {
    **SHIPPING,
    "RequestReceived": (go(STAY, t.request_arrived),),
    "Unfilled": (_next_supplier("unfilled"),),
    "RetryPossible": (go("retry_offered", v.note_retry),),
    "Cancelled": (
        go("cancelled", v.end_attempt("cancelled"), v.outcome_cancelled, when=g.reader_had_cancelled),
        _next_supplier("cancelled"),
    ),
    "CancelYes": (
        go("cancelled", v.end_attempt("cancelled"), v.outcome_cancelled, when=g.reader_had_cancelled),
        _next_supplier("cancelled"),
    ),
    "CancelNo": (go(STAY),),
    "RenewNo": (go(STAY),),
    "Closed": (
        _next_supplier("closed", when=g.nothing_with_us),
        go("completed", v.supplied_as("loan"), v.attention("circulation"), v.outcome("kept"), services="loan"),
        go("received", v.supplied_as("copy"), v.copy_arrived, v.attention("quality")),
    ),
    "Lost": (
        go("lost", v.supplied_as("loan"), v.items_lost, v.attention("lost"), services="loan"),
        go(STAY, v.attention("lost")),
    ),
    "ask_status": (go(STAY, t.ask_status),),
    **BOOK_BEFORE_ANY_WORD,
    "close": (go(BY_OUTCOME, v.send_cancel, v.end_attempt("closed"), v.outcome_asked),),
}
REQUEST_FAILS: Rows = {
    "effect:given_up": (
        go(
            "locating",
            v.end_attempt("undeliverable"),
            t.cancel_after,
            then=NEXT,
            when=g.both(g.reports_on("Request"), g.of_current_attempt),
        ),
    ),
    "effect:refused": (
        go(STAY, t.verify_request, when=g.both(g.reports_on("Request"), g.of_current_attempt, g.previous_try_unknown)),
        _next_supplier("refused", when=g.both(g.reports_on("Request"), g.of_current_attempt)),
        _next_supplier("refused", when=g.both(g.reports_on("StatusRequest"), g.of_current_attempt, g.verifying)),
    ),
}
REQUEST_ARRIVED: Rows = {
    failed: (go(STAY, when=g.reports_on("Request")),) for failed in ("effect:given_up", "effect:refused")
}
CANCEL_WITH_ANSWER = {"cancel": (go("cancel_pending", v.save_state, v.then("stop"), v.send_cancel),)}
NEXT_AFTER_PROMISE = {"next_supplier": (go("cancel_pending", v.save_state, v.then("next"), v.send_cancel),)}

NEVER_ANSWERED = g.both(g.of_current_attempt, g.saved_is("sent"))

# --- before anybody is asked ---

START: Rows = {
    "edit": (go("new", v.apply_edit, then="check"),),
    "supply_locally": (go("local_supply", v.forget_reasons, v.notice("supplied_locally", "staff")),),
    "cancel": (go("cancelled", v.outcome_cancelled),),
    "close": (go(BY_OUTCOME, v.outcome_asked),),
    **NEEDED_BY,
}
OWN: States = {
    "new": {
        "submit": (go("new", then="check"),),
        "check": (
            go("queued", v.notice("queued"), when=g.over_limit_waits),
            go("review", v.note_reasons, v.notice("review", "staff"), when=g.a_check_fails),
            go("locating", then=NEXT),
        ),
        "send": (go("locating", v.answer_all, then=NEXT),),
        **START,
    },
    "review": {
        "approve": (
            go("locating", v.approve, then=NEXT, when=g.both(g.only_approval_left, g.continues_to_locating)),
            go("new", v.approve, then="check", when=g.only_approval_left),
            go(STAY, v.approve),
        ),
        "override": (
            go("locating", v.add_override, then=NEXT, when=g.both(g.one_reason_left, g.continues_to_locating)),
            go("new", v.add_override, then="check", when=g.one_reason_left),
            go(STAY, v.add_override),
        ),
        "set_suppliers": (go(STAY, v.set_rota),),
        "send": (go("locating", v.answer_all, then=NEXT, when=g.only_supplier_or_approval_left),),
        "Unfilled": (
            go("unfilled", v.outcome("unfilled"), when=g.both(g.no_supplier_is_the_reason, g.recorded_by_hand)),
        ),
        **START,
    },
    "queued": {
        "place_free": (go("new", then="check"),),
        "send": (go("locating", v.override_reason("over_limit"), then=NEXT),),
        **START,
    },
    "locating": {
        NEXT: (
            go(STAY, v.locate, when=g.must_locate),
            go(
                "review",
                v.make_rota,
                v.review_for("approval"),
                v.notice("review", "staff"),
                when=g.both(g.has_supplier, g.approval_wanted_after_locating),
            ),
            go("sent", v.ask_next, when=g.has_supplier),
            go(
                "unfilled",
                v.make_rota,
                v.outcome("unfilled"),
                v.notice("unfilled"),
                when=g.policy_says("end_of_rota", "unfilled"),
            ),
            go("review", v.make_rota, v.review_for("no_supplier"), v.notice("review", "staff")),
        ),
        "located": (go(STAY, v.located, then=NEXT),),
        "set_suppliers": (go(STAY, v.set_rota),),
        "send": (go(STAY, v.stop_locating, then=NEXT),),
        "effect:given_up": (
            go(STAY, v.located, v.attention_to_effect("undeliverable"), then=NEXT, when=g.effect_is("locate")),
        ),
        **START,
    },
    "local_supply": {
        "deliver": (
            go(
                "completed",
                v.supplied_here("copy"),
                v.outcome("filled_locally"),
                v.notice("delivered"),
                services="copy",
            ),
        ),
        "check_out": (go("completed", v.supplied_here("loan"), v.outcome("filled_locally"), services="loan"),),
        "next_supplier": (go("locating", v.override_reason("locally_held"), then=NEXT),),
        "cancel": (go("cancelled", v.outcome_cancelled),),
        "close": (go(BY_OUTCOME, v.outcome_asked),),
        **NEEDED_BY,
    },
    # --- somebody is asked ---
    "sent": {
        **BEFORE_SHIPPED,
        **REQUEST_FAILS,
        **CANCEL_WITH_ANSWER,
        **NEEDED_BY,
        "ExpectToSupply": (go(STAY, t.request_arrived, v.restart_wait, v.supplier_named),),
        "WillSupply": (go("will_supply", t.request_arrived, v.take_charge),),
        "Conditions": (go("conditional", t.request_arrived, v.add_conditions, v.notice("conditions", "staff")),),
        "set_suppliers": (go(STAY, v.set_rota),),
        "next_supplier": (_next_supplier("skipped", v.send_cancel),),
        "timer:silence": (_next_supplier("silent", v.send_cancel),),
    },
    "will_supply": {
        **BEFORE_SHIPPED,
        **REQUEST_ARRIVED,
        **CANCEL_WITH_ANSWER,
        **NEXT_AFTER_PROMISE,
        **NEEDED_BY,
        "ExpectToSupply": (go(STAY, v.supplier_named),),
        "WillSupply": (go(STAY),),
        "Conditions": (go("conditional", v.add_conditions, v.notice("conditions", "staff")),),
        "timer:stale": (go(STAY, v.attention("stale"), when=g.asked_already), go(STAY, t.ask_status_and_wait)),
    },
    "conditional": {
        **BEFORE_SHIPPED,
        **REQUEST_ARRIVED,
        **CANCEL_WITH_ANSWER,
        **NEXT_AFTER_PROMISE,
        **NEEDED_BY,
        "ExpectToSupply": (go(STAY, v.supplier_named),),
        "WillSupply": (go(STAY, when=g.answers_status_request), go("will_supply", v.answer_conditions("dropped"))),
        "Conditions": (go(STAY, v.add_conditions),),
        "accept_conditions": (go("will_supply", v.send_acceptance, v.answer_conditions("accepted")),),
        "reject_conditions": (
            go("cancel_pending", v.save_state, v.then("next"), v.answer_conditions("rejected"), v.send_cancel),
        ),
    },
    "retry_offered": {
        **BEFORE_SHIPPED,
        **REQUEST_ARRIVED,
        **NEEDED_BY,
        "ExpectToSupply": (go(STAY),),
        "WillSupply": (go(STAY),),
        "Conditions": (go(STAY),),
        "edit": (go(STAY, v.apply_edit),),
        "accept_retry": (go(STAY, v.accept_offer, when=g.retry_date_ahead), go("sent", v.ask_same_again)),
        "timer:retry_date": (go("sent", v.ask_same_again, when=g.retry_accepted),),
        "reject_retry": (_next_supplier("retry_rejected"),),
        "next_supplier": (_next_supplier("retry_rejected"),),
        "cancel": (go("cancelled", v.then("stop"), v.send_cancel, v.end_attempt("cancelled"), v.outcome_cancelled),),
    },
    "cancel_pending": {
        **SHIPPING,
        **BOOK_BEFORE_ANY_WORD,
        "RequestReceived": (go(STAY, t.request_arrived),),
        "ExpectToSupply": (go(STAY, v.supplier_named),),
        "WillSupply": (go(STAY, v.save_as("will_supply")),),
        "Conditions": (go(STAY, v.add_conditions, v.save_as("conditional")),),
        **{
            said: (
                go("cancelled", v.end_attempt("cancelled"), v.outcome_cancelled, when=g.then_is_stop),
                _next_supplier("cancelled"),
            )
            for said in ("CancelYes", "Cancelled", "Unfilled", "RetryPossible", "timer:cancel_unanswered")
        },
        "Closed": (
            go(
                "cancelled",
                v.end_attempt("closed"),
                v.outcome_cancelled,
                when=g.both(g.nothing_with_us, g.then_is_stop),
            ),
            _next_supplier("closed", when=g.nothing_with_us),
            *BEFORE_SHIPPED["Closed"][1:],
        ),
        "CancelNo": (go(SAVED, v.notice("cancel_refused")),),
        "RenewNo": (go(STAY),),
        "Lost": BEFORE_SHIPPED["Lost"],
        "effect:given_up": (
            go(
                "cancelled",
                v.end_attempt("undeliverable"),
                v.outcome_cancelled,
                when=g.both(NEVER_ANSWERED, g.reports_on("Request"), g.then_is_stop),
            ),
            _next_supplier("undeliverable", when=g.both(NEVER_ANSWERED, g.reports_on("Request"))),
            go(STAY, when=g.reports_on("Request")),
        ),
        "effect:refused": (
            go(STAY, t.verify_request, when=g.both(NEVER_ANSWERED, g.reports_on("Request"), g.previous_try_unknown)),
            go(
                "cancelled",
                v.end_attempt("refused"),
                v.outcome_cancelled,
                when=g.both(NEVER_ANSWERED, g.request_is_not_there, g.then_is_stop),
            ),
            _next_supplier("refused", when=g.both(NEVER_ANSWERED, g.request_is_not_there)),
            go(STAY, when=g.reports_on("Request")),
            go(SAVED, v.notice("cancel_refused"), when=g.both(g.reports_on("Cancel"), g.of_current_attempt)),
        ),
        "cancel": (go(STAY, v.then("stop")),),
        "ask_status": (go(STAY, t.ask_status),),
        "close": (go(BY_OUTCOME, t.tell_signal("closed"), v.end_attempt("closed"), v.outcome_asked),),
        **NEEDED_BY,
    },
}

# --- the item is with us or on its way ---

CONTRADICTED = {
    said: (go(STAY, v.attention("contradiction")),) for said in ("Unfilled", "Cancelled", "RetryPossible", "CancelYes")
}
BEFORE_SHIPPING_SAID = {
    said: (go(STAY, v.attention("contradiction"), when=g.answers_status_request), go(STAY))
    for said in ("RequestReceived", "ExpectToSupply", "WillSupply", "Conditions")
}
RETURN_CONFIRMED: Rows = {
    "LoanCompleted": (go("completed", v.attention("circulation"), v.outcome("filled"), v.end_attempt("completed")),),
    "CompletedWithoutReturn": (
        go("completed", v.attention("circulation"), v.outcome("kept"), v.end_attempt("completed")),
    ),
}
SUPPLIER_CLOSED: Rows = {
    "Closed": (
        go(STAY, when=g.copy_was_supplied),
        go("completed", v.attention("closed"), v.outcome("kept"), v.end_attempt("closed")),
    ),
}
HOLDING: Rows = {
    **CONTRADICTED,
    **BEFORE_SHIPPING_SAID,
    **RETURN_CONFIRMED,
    **SUPPLIER_CLOSED,
    "CancelNo": (go(STAY),),
    "RenewNo": (go(STAY),),
    "Loaned": (go(STAY, v.take_due_date, v.add_items),),
    "CopyCompleted": (go(STAY, v.take_document),),
    "Lost": (go("lost", v.items_lost, v.attention("lost"), services="loan"), go(STAY, v.attention("lost"))),
    "ask_status": (go(STAY, t.ask_status),),
    "close": (go(BY_OUTCOME, t.tell_signal("closed"), v.end_attempt("closed"), v.outcome_asked),),
    "cancel": (go(STAY, v.mark_not_wanted),),
}
LOAN_HERE: Rows = {
    **HOLDING,
    "Overdue": (go("overdue", v.place_of_state, v.take_due_date, v.notice("overdue")),),
    "Recalled": (go("recalled", v.place_of_state, v.take_due_date, v.notice("recalled")),),
    "RenewYes": (go(STAY, v.take_due_date),),
    "timer:due_soon": (go(STAY, v.notice("due_soon")),),
    "timer:overdue": (
        go("completed", v.outcome("filled"), v.end_attempt("completed"), when=g.is_digital_loan),
        go("overdue", v.place_of_state, v.notice("overdue"), services="loan"),
    ),
    "report_lost": (
        go(STAY, v.items_lost, when=g.items_left("lost_at")),
        go("lost", v.items_lost, t.tell_signal("lost"), services="loan"),
    ),
}
RECEIVE_LOAN = (
    go(STAY, v.items_received, when=g.items_left("received_at"), services="loan"),
    go("received", v.items_received, t.tell("Received"), v.circulate("accept"), v.notice("arrived"), services="loan"),
)
CHECK_OUT = (
    go(STAY, v.items_out, when=g.items_left("checked_out_at"), undoable=True, services="loan"),
    go("on_loan", v.items_out, v.circulate("check_out"), undoable=True, services="loan"),
)
CHECK_IN = (
    go(STAY, v.items_in, when=g.items_left("checked_in_at"), undoable=True, services="loan"),
    go("returned", v.items_in, v.circulate("check_in"), undoable=True, services="loan"),
)
SHIP_RETURN = (
    go(STAY, v.items_returned, when=g.items_left("returned_at"), services="loan"),
    go("return_shipped", v.items_returned, t.tell("ShippedReturn"), services="loan"),
)
RENEW = (go("renew_pending", v.save_state, v.place_of_state, t.tell("Renew"), services="loan"),)
REJECT_COPY = go("will_supply", t.remember_rejection, t.tell_signal("resend"), v.settle("quality"), services="copy")
REJECT_LOAN = go("returned", v.items_in, v.attention("quality"), services="loan")

AWAY = g.place_is("received", "on_loan")
ITEM_MOVES: Rows = {
    "receive": (
        go(STAY, v.items_received, when=g.both(g.place_is("shipped"), g.items_left("received_at"))),
        go(
            STAY,
            v.items_received,
            v.item_at("received"),
            t.tell("Received"),
            v.circulate("accept"),
            when=g.place_is("shipped"),
        ),
    ),
    "check_out": (
        go(STAY, v.items_out, undoable=True, when=g.both(g.place_is("received"), g.items_left("checked_out_at"))),
        go(
            STAY,
            v.items_out,
            v.item_at("on_loan"),
            v.circulate("check_out"),
            undoable=True,
            when=g.place_is("received"),
        ),
    ),
    "check_in": (
        go(STAY, v.items_in, undoable=True, when=g.both(AWAY, g.items_left("checked_in_at"))),
        go(STAY, v.items_in, v.item_at("returned"), v.circulate("check_in"), undoable=True, when=AWAY),
    ),
    "reject_delivery": (
        go(STAY, v.items_in, v.item_at("returned"), v.attention("quality"), when=g.place_is("received")),
    ),
    "ship_return": (
        go(STAY, v.items_returned, when=g.both(g.negated(g.place_is("shipped")), g.items_left("returned_at"))),
        go("return_shipped", v.items_returned, t.tell("ShippedReturn"), when=g.negated(g.place_is("shipped"))),
    ),
}
WAIT_THEN_ATTENTION = (go(STAY, v.attention("stale"), when=g.asked_already), go(STAY, t.ask_status_and_wait))

OWN |= {
    "shipped": {
        **LOAN_HERE,
        "CopyCompleted": (
            go(STAY, when=g.sent_before_rejection),
            go("received", v.take_document, v.copy_arrived, when=g.has_url),
            go(STAY),
        ),
        "Loaned": (
            go("received", v.take_due_date, v.take_document, v.digital_loan, when=g.has_url, services="loan"),
            go(STAY, v.take_due_date, v.add_items),
        ),
        "receive": (*RECEIVE_LOAN, go("received", v.copy_arrived, v.notice("arrived"), services="copy")),
        "reject_delivery": (REJECT_COPY,),
        "timer:not_arrived": WAIT_THEN_ATTENTION,
    },
    "received": {
        **LOAN_HERE,
        "check_out": CHECK_OUT,
        "check_in": CHECK_IN,
        "ship_return": SHIP_RETURN,
        "renew": RENEW,
        "reject_delivery": (REJECT_COPY, REJECT_LOAN),
        "deliver": (
            go(
                "completed",
                t.tell("Received"),
                v.outcome("filled"),
                v.end_attempt("completed"),
                v.settle("quality"),
                v.notice("delivered"),
                services="copy",
            ),
        ),
        "timer:not_collected": (go(STAY, v.attention("not_collected"), v.notice("not_collected")),),
    },
    "on_loan": {
        **LOAN_HERE,
        "check_in": CHECK_IN,
        "ship_return": SHIP_RETURN,
        "renew": RENEW,
    },
    "renew_pending": {
        **LOAN_HERE,
        **ITEM_MOVES,
        "RenewYes": (go(PLACE, v.take_due_date, v.notice("renewed")),),
        **{
            said: (
                go(SAVED, v.notice("renewal_refused"), when=g.saved_is("overdue", "recalled")),
                go(PLACE, v.notice("renewal_refused")),
            )
            for said in ("RenewNo", "timer:renewal_unanswered")
        },
        "effect:refused": (
            go(
                SAVED,
                v.notice("renewal_refused"),
                when=g.both(g.reports_on("Renew"), g.of_current_attempt, g.saved_is("overdue", "recalled")),
            ),
            go(PLACE, v.notice("renewal_refused"), when=g.both(g.reports_on("Renew"), g.of_current_attempt)),
        ),
        "Overdue": (go(STAY, when=g.saved_is("recalled")), go(STAY, v.save_as("overdue"), v.take_due_date)),
        "Recalled": (go(STAY, v.save_as("recalled"), v.take_due_date, v.notice("recalled")),),
        "timer:overdue": (go(STAY, when=g.saved_is("recalled")), go(STAY, v.save_as("overdue"), v.notice("overdue"))),
    },
    "overdue": {
        **LOAN_HERE,
        **ITEM_MOVES,
        "Overdue": (go(STAY, v.take_due_date),),
        "Recalled": (go("recalled", v.take_due_date, v.notice("recalled")),),
        "RenewYes": (go(PLACE, v.take_due_date, v.notice("renewed")),),
        "renew": (go("renew_pending", v.save_state, t.tell("Renew"), when=AWAY),),
    },
    "recalled": {
        **LOAN_HERE,
        **ITEM_MOVES,
        "Overdue": (go(STAY),),
        "Recalled": (go(STAY, v.take_due_date),),
        "RenewYes": (go(STAY, v.attention("contradiction")),),
        "timer:overdue": (go(STAY, v.notice("overdue")),),
        "timer:recall_unanswered": (go(STAY, v.attention("recalled"), v.notice("recalled")),),
    },
    "returned": {**LOAN_HERE, "ship_return": SHIP_RETURN},
    "return_shipped": {
        **HOLDING,
        "LoanCompleted": (go("completed", v.outcome("filled"), v.end_attempt("completed")),),
        "CompletedWithoutReturn": (go("completed", v.outcome("kept"), v.end_attempt("completed")),),
        "Closed": (go("completed", v.outcome("filled"), v.end_attempt("closed")),),
        "Overdue": (go(STAY, v.attention("circulation")),),
        "Recalled": (go(STAY, v.attention("circulation")),),
        "RenewYes": (go(STAY),),
        "report_lost": LOAN_HERE["report_lost"],
        "timer:return_unconfirmed": WAIT_THEN_ATTENTION,
    },
    "lost": {
        **HOLDING,
        "CompletedWithoutReturn": (go("completed", v.outcome("lost_settled"), v.end_attempt("completed")),),
        "Overdue": (go(STAY),),
        "Recalled": (go(STAY),),
        "RenewYes": (go(STAY),),
        "Lost": (go(STAY),),
        "check_in": (
            go(STAY, v.items_in, when=g.items_left("checked_in_at")),
            go("returned", v.items_in, v.circulate("check_in")),
        ),
        "ship_return": SHIP_RETURN,
    },
}

# --- the end, and what comes after it ---

AFTERWARDS: Rows = {
    "check_in": (go(STAY, v.items_in, v.circulate("check_in"), when=g.has_items),),
}
OWN |= {state: dict(AFTERWARDS) for state in TERMINAL}

# Late words: from attempts that ended before their item was shipped (request.md §5).
USE_LATE_ITEM = (
    go(
        "received",
        t.take_late_item,
        v.supplied_as("loan"),
        v.take_due_date,
        v.take_document,
        v.digital_loan,
        when=g.both(g.nobody_else_is_asked, g.late_says("Loaned"), g.has_url),
    ),
    go(
        "received",
        t.take_late_item,
        v.supplied_as("copy"),
        v.take_document,
        v.copy_arrived,
        when=g.both(g.nobody_else_is_asked, g.late_says("CopyCompleted"), g.has_url),
    ),
    go(
        "shipped",
        t.take_late_item,
        v.supplied_as("copy"),
        when=g.both(g.nobody_else_is_asked, g.late_says("CopyCompleted")),
    ),
    go(
        "overdue",
        t.take_late_item,
        v.supplied_as("loan"),
        v.take_due_date,
        v.item_at("shipped"),
        when=g.both(g.nobody_else_is_asked, g.late_says("Overdue")),
    ),
    go(
        "recalled",
        t.take_late_item,
        v.supplied_as("loan"),
        v.take_due_date,
        v.item_at("shipped"),
        when=g.both(g.nobody_else_is_asked, g.late_says("Recalled")),
    ),
    go("shipped", t.take_late_item, v.supplied_as("loan"), v.take_due_date, v.add_items, when=g.nobody_else_is_asked),
)
CAME_ANYWAY = (go(STAY, t.came_anyway, when=g.late_item_never_shipped_before), go(STAY, t.note_late))
LATE: Rows = {
    "Repeated": (go(STAY),),
    "LateWillSupply": (go(STAY, t.cancel_late, when=g.cancel_not_repeated), go(STAY)),
    "LateOther": (go(STAY, t.note_late),),
    "receive": (go(STAY, t.receive_other, when=g.names_another_attempt),),
    "ship_return": (go(STAY, t.return_other, when=g.another_attempt_arrived),),
}
UNUSED_LATE_ITEM = ("review", "queued", "new", "locating", "cancelled", "unfilled", "closed")

SHARED_LATE: dict[str, Rows] = {
    state: {**LATE, "LateItem": (*USE_LATE_ITEM, *CAME_ANYWAY) if state in UNUSED_LATE_ITEM else CAME_ANYWAY}
    for state in (*OPEN, *TERMINAL)
}
FAILED_EFFECTS: Rows = {
    "effect:given_up": (
        go(STAY, when=g.both(g.reports_on("Cancel"), g.attempt_never_reached)),
        go(STAY, v.attention_to_effect("undeliverable")),
    ),
    "effect:refused": (
        go(STAY, when=g.both(g.reports_on("Received"), g.copy_was_supplied)),
        go(STAY, when=g.both(g.reports_on("Cancel"), g.of_ended_attempt)),
        go(STAY, when=g.both(g.reports_on("Request"), g.of_ended_attempt)),
        go(STAY, when=g.both(g.reports_on("StatusRequest"), g.of_ended_attempt)),
        go(STAY, v.attention_to_effect("refused")),
    ),
}


def _complete() -> States:
    table = with_shared(OWN, ALWAYS, (*OPEN, *TERMINAL))
    table = with_shared(table, WHILE_OPEN, OPEN)
    table = with_shared(table, FAILED_EFFECTS, (*OPEN, *TERMINAL))
    for state, rows in SHARED_LATE.items():
        for event, late in rows.items():
            own = table[state].get(event, ())
            table[state][event] = (late + own) if event in ("receive", "ship_return") else (own + late)
    return table


REQUESTER: States = _complete()
