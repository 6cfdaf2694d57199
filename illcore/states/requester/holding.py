"""The requester from the moment the item or the copy is on its way to us until the supplier has it back."""

from illcore.states import guards as g
from illcore.states import verbs as v
from illcore.states.common import Rows, States
from illcore.states.row import BY_OUTCOME, PLACE, SAVED, STAY, go

CONTRADICTION = (go(STAY, v.attention("contradiction")),)

# --- what the supplier says while we hold it ---

HOLDING: Rows = {
    **dict.fromkeys(("Unfilled", "Cancelled", "RetryPossible", "CancelYes"), CONTRADICTION),
    **dict.fromkeys(
        ("RequestReceived", "ExpectToSupply", "WillSupply", "Conditions"),
        (go(STAY, v.attention("contradiction"), when=g.answers_status_request), go(STAY)),
    ),
    "Loaned": (
        go(STAY, v.attention("contradiction"), when=g.copy_was_supplied),
        go(STAY, v.items_announced),
    ),
    "CopyCompleted": (
        go(STAY, v.take_document, when=g.copy_was_supplied),
        go(STAY, v.take_document, v.attention("contradiction")),
    ),
    "Overdue": CONTRADICTION,
    "Recalled": CONTRADICTION,
    "RenewYes": CONTRADICTION,
    "LoanCompleted": (
        go(STAY, v.attention("contradiction"), when=g.copy_was_supplied),
        go("completed", v.outcome("filled"), when=g.is_digital_loan),
        go("completed", v.attention("circulation"), v.outcome("filled")),
    ),
    "CompletedWithoutReturn": (
        go(STAY, v.attention("contradiction"), when=g.copy_was_supplied),
        go("completed", v.outcome("filled"), when=g.is_digital_loan),
        go("completed", v.attention("circulation"), v.outcome("kept")),
    ),
    "Closed": (
        go(STAY, when=g.copy_was_supplied),
        go("completed", v.attention("closed"), v.outcome("kept"), v.end_attempt("closed")),
    ),
    "Lost": (
        go(STAY, v.attention("lost"), when=g.copy_was_supplied),
        go("lost", v.items_lost, v.attention("lost")),
    ),
    "CancelNo": (go(STAY),),
    "RenewNo": (go(STAY),),
    "ask_status": (go(STAY, v.ask_status),),
    "close": (go(BY_OUTCOME, v.outcome_asked, v.tell_signal("closed"), v.end_attempt("closed")),),
    "cancel": (go(STAY, v.mark_not_wanted, when=g.still_wanted),),
}
NOT_OF_A_COPY = go(STAY, v.attention("contradiction"), when=g.copy_was_supplied)
LOAN_HERE: Rows = {
    **HOLDING,
    "Overdue": (NOT_OF_A_COPY, go("overdue", v.place_of_state, v.take_due_date, v.notice("overdue"))),
    "Recalled": (NOT_OF_A_COPY, go("recalled", v.place_of_state, v.take_due_date, v.notice("recalled"))),
    "RenewYes": (NOT_OF_A_COPY, go(STAY, v.take_due_date)),
    "timer:due_soon": (go(STAY, v.notice("due_soon")),),
    "timer:overdue": (
        go("completed", v.outcome("filled"), when=g.is_digital_loan),
        go("overdue", v.place_of_state, v.notice("overdue")),
    ),
    "report_lost": (
        go(STAY, v.items_lost, when=g.items_left("lost_at"), services="loan"),
        go("lost", v.items_lost, v.tell_signal("lost"), services="loan"),
    ),
}

# --- what happens to it ---

RECEIVE_LOAN = (
    go(STAY, v.items_received, when=g.items_left("received_at"), services="loan"),
    go("received", v.items_received, v.tell("Received"), v.circulate("accept"), v.notice("arrived"), services="loan"),
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
    go(STAY, v.items_returned, when=g.both(g.must_go_back, g.items_left("returned_at")), services="loan"),
    go("return_shipped", v.items_returned, v.tell("ShippedReturn"), when=g.must_go_back, services="loan"),
)
RENEW = (go("renew_pending", v.save_state, v.place_of_state, v.tell("Renew"), services="loan"),)
REJECT_COPY = go(
    "will_supply",
    v.remember_rejection,
    v.reject_documents,
    v.tell_signal("resend"),
    v.settle("quality"),
    services="copy",
)
DELIVERED = (
    v.tell("Received"),
    v.outcome("filled"),
    v.settle("quality"),
    v.accept_documents,
    v.hand_over("reader"),
    v.notice("delivered"),
)
REJECT_LOAN = go("returned", v.items_in, v.attention("quality"), services="loan")
WAIT_THEN_ATTENTION = (go(STAY, v.attention("stale"), when=g.asked_already), go(STAY, v.ask_status_and_wait))

# --- the same where the state tells something else and the place tells where it is ---

ON_ITS_WAY = g.place_is("shipped")
AT_THE_DESK = g.place_is("received")
WITH_THE_READER = g.place_is("received", "on_loan")
HERE = g.both(g.place_is("received", "on_loan", "returned"), g.must_go_back)
ITEM_MOVES: Rows = {
    "receive": (
        go(STAY, v.items_received, when=g.both(ON_ITS_WAY, g.items_left("received_at"))),
        go(
            STAY,
            v.items_received,
            v.item_at("received"),
            v.tell("Received"),
            v.circulate("accept"),
            v.notice("arrived"),
            when=ON_ITS_WAY,
        ),
    ),
    "check_out": (
        go(STAY, v.items_out, undoable=True, when=g.both(AT_THE_DESK, g.items_left("checked_out_at"))),
        go(STAY, v.items_out, v.item_at("on_loan"), v.circulate("check_out"), undoable=True, when=AT_THE_DESK),
    ),
    "check_in": (
        go(STAY, v.items_in, undoable=True, when=g.both(WITH_THE_READER, g.items_left("checked_in_at"))),
        go(STAY, v.items_in, v.item_at("returned"), v.circulate("check_in"), undoable=True, when=WITH_THE_READER),
    ),
    "reject_delivery": (go(STAY, v.items_in, v.item_at("returned"), v.attention("quality"), when=AT_THE_DESK),),
    "ship_return": (
        go(STAY, v.items_returned, when=g.both(HERE, g.items_left("returned_at"))),
        go("return_shipped", v.items_returned, v.tell("ShippedReturn"), when=HERE),
    ),
}
RENEWAL_REFUSED = (
    go(SAVED, v.notice("renewal_refused"), when=g.saved_is("overdue", "recalled")),
    go(PLACE, v.notice("renewal_refused")),
)

HELD: States = {
    "shipped": {
        **LOAN_HERE,
        "CopyCompleted": (
            go(STAY, when=g.sent_before_rejection),
            go("received", v.take_document, v.arrived, when=g.both(g.copy_was_supplied, g.document_is_here)),
            *HOLDING["CopyCompleted"],
        ),
        "Loaned": (
            HOLDING["Loaned"][0],
            go("received", v.take_due_date, v.take_document, v.digital_loan, when=g.has_url),
            HOLDING["Loaned"][1],
        ),
        "receive": (*RECEIVE_LOAN, go("received", v.arrived, v.notice("arrived"), services="copy")),
        "document": (
            go(
                "received",
                v.keep_document,
                v.arrived,
                when=g.both(g.copy_was_supplied, g.came_from_partner, g.of_current_attempt),
            ),
            go(STAY, v.keep_document),
        ),
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
        "deliver": (go("completed", *DELIVERED, services="copy"),),
        "checked": (
            go("completed", v.take_report, *DELIVERED, services="copy", when=g.passes_by_itself),
            go(STAY, v.take_report),
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
        "RenewYes": (
            go(SAVED, when=g.both(g.is_old_news, g.saved_is("overdue", "recalled"))),
            go(PLACE, v.take_due_date, v.notice("renewed")),
        ),
        "RenewNo": RENEWAL_REFUSED,
        "timer:renewal_unanswered": RENEWAL_REFUSED,
        "effect:refused": (
            go(
                SAVED,
                v.notice("renewal_refused"),
                when=g.both(g.reports_on("Renew"), g.of_current_attempt, g.saved_is("overdue", "recalled")),
            ),
            go(PLACE, v.notice("renewal_refused"), when=g.both(g.reports_on("Renew"), g.of_current_attempt)),
        ),
        "Overdue": (
            go(STAY, v.take_due_date, when=g.saved_is("recalled")),
            go(STAY, v.save_as("overdue"), v.take_due_date, v.notice("overdue")),
        ),
        "Recalled": (go(STAY, v.save_as("recalled"), v.take_due_date, v.notice("recalled")),),
        "timer:overdue": (
            go("completed", v.outcome("filled"), when=g.is_digital_loan),
            go(STAY, v.notice("overdue"), when=g.saved_is("recalled")),
            go(STAY, v.save_as("overdue"), v.notice("overdue")),
        ),
    },
    "overdue": {
        **LOAN_HERE,
        **ITEM_MOVES,
        "Overdue": (go(STAY, v.take_due_date),),
        "Recalled": (go("recalled", v.take_due_date, v.notice("recalled")),),
        "RenewYes": (go(STAY, when=g.is_old_news), go(PLACE, v.take_due_date, v.notice("renewed"))),
        "renew": (go("renew_pending", v.save_state, v.tell("Renew"), when=WITH_THE_READER),),
    },
    "recalled": {
        **LOAN_HERE,
        **ITEM_MOVES,
        "Overdue": (go(STAY, v.take_due_date),),
        "Recalled": (go(STAY, v.take_due_date),),
        "RenewYes": (go(STAY, when=g.is_old_news), *CONTRADICTION),
        "timer:overdue": (go(STAY, v.notice("overdue")),),
        "timer:recall_unanswered": (go(STAY, v.attention("recalled"), v.notice("recalled")),),
    },
    "returned": {**LOAN_HERE, "ship_return": SHIP_RETURN},
    "return_shipped": {
        **HOLDING,
        "LoanCompleted": (go("completed", v.outcome("filled")),),
        "CompletedWithoutReturn": (go("completed", v.outcome("kept")),),
        "Closed": (go("completed", v.outcome("filled"), v.end_attempt("closed")),),
        "Overdue": (go(STAY, v.attention("circulation")),),
        "Recalled": (go(STAY, v.attention("circulation")),),
        "RenewYes": (go(STAY),),
        "Lost": (go(STAY, v.attention("lost")),),
        "report_lost": LOAN_HERE["report_lost"],
        "timer:return_unconfirmed": WAIT_THEN_ATTENTION,
    },
    "lost": {
        **HOLDING,
        "CompletedWithoutReturn": (go("completed", v.outcome("lost_settled"), v.settle("lost")),),
        "Loaned": (go(STAY, v.tell_signal("lost"), when=g.answers_status_request), go(STAY)),
        "Overdue": (go(STAY),),
        "Recalled": (go(STAY, v.tell_signal("lost"), when=g.answers_status_request), go(STAY)),
        "RenewYes": (go(STAY),),
        "Lost": (go(STAY),),
        "check_in": (
            go(STAY, v.items_in, when=g.items_left("checked_in_at")),
            go(
                "recalled",
                v.items_in,
                v.item_at("returned"),
                v.circulate("check_in"),
                v.settle("lost"),
                when=g.supplier_said_last("Recalled"),
            ),
            go(
                "overdue",
                v.items_in,
                v.item_at("returned"),
                v.circulate("check_in"),
                v.settle("lost"),
                when=g.supplier_said_last("Overdue"),
            ),
            go("returned", v.items_in, v.circulate("check_in"), v.settle("lost")),
        ),
        "ship_return": SHIP_RETURN,
    },
}
