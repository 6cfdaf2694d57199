"""The requester before anybody is asked: checks, review, queue, the search, the own shelves."""

from illcore.states import guards as g
from illcore.states import verbs as v
from illcore.states.common import NEEDED_BY, Rows, States
from illcore.states.row import BY_OUTCOME, STAY, go

NEXT = "choose"

CANCEL = {"cancel": (go("cancelled", v.outcome_cancelled),)}
CLOSE = {"close": (go(BY_OUTCOME, v.outcome_asked),)}
START: Rows = {
    "edit": (go("new", v.apply_edit, v.forget_clearance, then="check"),),
    "supply_locally": (go("local_supply", v.item_found_here, v.notice("supplied_locally", "staff")),),
    **CANCEL,
    **CLOSE,
    **NEEDED_BY,
}

ENTRY: States = {
    "new": {
        "submit": (go(STAY, then="check"),),
        "check": (
            go("queued", v.notice("queued"), when=g.over_limit_waits),
            go("review", v.note_reasons, v.notice("review", "staff"), when=g.a_check_fails),
            go("locating", then=NEXT),
        ),
        **START,
    },
    "review": {
        "approve": (
            go("locating", v.approve, then=NEXT, when=g.both(g.only_approval_left, g.continues_to_locating)),
            go("new", v.approve, then="check", when=g.only_approval_left),
            go(STAY, v.approve, when=g.approval_is_a_reason),
        ),
        "override": (
            go(
                "unfilled",
                v.add_override,
                v.outcome("unfilled"),
                v.notice("unfilled"),
                when=g.both(g.no_supplier_is_the_reason, g.nobody_is_left),
            ),
            go("locating", v.add_override, then=NEXT, when=g.continues_to_locating),
            go("new", v.add_override, then="check", when=g.one_reason_left),
            go(STAY, v.add_override),
        ),
        "set_suppliers": (go(STAY, v.set_rota),),
        "send": (go("locating", v.answer_all, then=NEXT, when=g.only_supplier_or_approval_left),),
        "declared": (
            go("locating", v.take_declaration, v.forget_clearance, then=NEXT, when=g.only_copyright_left),
            go(STAY, v.take_declaration),
        ),
        "Unfilled": (
            go(
                "unfilled",
                v.outcome("unfilled"),
                v.notice("unfilled"),
                when=g.both(g.no_supplier_is_the_reason, g.recorded_by_hand),
            ),
        ),
        **START,
    },
    "queued": {
        "place_free": (go("new", then="check"),),
        "send": (go("new", v.override_reason("over_limit"), then="check"),),
        **START,
    },
    "locating": {
        NEXT: (
            go(STAY, v.locate, when=g.must_locate),
            go("local_supply", v.link_for_reader, v.notice("online_here"), when=g.link_answers),
            go("review", v.review_own, v.notice("review", "staff"), when=g.held_here),
            go(
                "review",
                v.make_rota,
                v.review_for("approval"),
                v.notice("review", "staff"),
                when=g.both(g.has_supplier, g.approval_wanted_after_locating),
            ),
            go(STAY, v.clear, when=g.both(g.has_supplier, g.must_clear)),
            go(
                "review",
                v.make_rota,
                v.review_copyright,
                v.notice("review", "staff"),
                when=g.both(g.has_supplier, g.copyright_objects),
            ),
            go("sent", v.ask_next, when=g.has_supplier),
            go(
                "unfilled",
                v.make_rota,
                v.skip_closed,
                v.outcome("unfilled"),
                v.notice("unfilled"),
                when=g.policy_says("end_of_rota", "unfilled"),
            ),
            go("review", v.make_rota, v.skip_closed, v.review_for("no_supplier"), v.notice("review", "staff")),
        ),
        "located": (go(STAY, v.located, then=NEXT),),
        "cleared": (go(STAY, when=g.verdict_is_outdated), go(STAY, v.take_clearance, then=NEXT)),
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
                v.accept_documents,
                v.hand_over("reader"),
                v.notice("delivered"),
                services="copy",
            ),
            go(
                "completed",
                v.supplied_here("loan"),
                v.outcome("filled_locally"),
                v.notice("delivered"),
                when=g.has_link,
            ),
        ),
        "check_out": (go("completed", v.supplied_here("loan"), v.outcome("filled_locally"), services="loan"),),
        "next_supplier": (go("locating", v.override_reason("locally_held"), then=NEXT),),
        **CANCEL,
        **CLOSE,
        **NEEDED_BY,
    },
}
