"""Storage: the Store, its transactions, the one commit, and the reads; see each module for its subject."""

from illcore.store.accounts import AccountState, account_of, account_states, pause, resume, set_cursor
from illcore.store.apply import Applied, Input, apply
from illcore.store.database import Database
from illcore.store.events import EventRow, erase_texts, events_of, texts_of, verify_chain
from illcore.store.facts import Capabilities
from illcore.store.finding import (
    DueTimer,
    Filter,
    Match,
    due_timers,
    find,
    library_of,
    match_attempt,
    next_timer,
    oldest_queued,
)
from illcore.store.inbox import (
    InboxRow,
    forget_keys,
    inbox_get,
    inbox_put,
    remember,
    remembered,
    settle_unmatched,
    unmatched,
)
from illcore.store.matching import Sought, attempts_with_id
from illcore.store.requests import get
from illcore.store.schema import create_schema, current, head, migrate
from illcore.store.store import Store

__all__ = [
    "AccountState",
    "Applied",
    "Capabilities",
    "Database",
    "DueTimer",
    "EventRow",
    "Filter",
    "InboxRow",
    "Input",
    "Match",
    "Sought",
    "Store",
    "account_of",
    "account_states",
    "apply",
    "attempts_with_id",
    "create_schema",
    "current",
    "due_timers",
    "erase_texts",
    "events_of",
    "find",
    "forget_keys",
    "get",
    "head",
    "inbox_get",
    "inbox_put",
    "library_of",
    "match_attempt",
    "migrate",
    "next_timer",
    "oldest_queued",
    "pause",
    "remember",
    "remembered",
    "resume",
    "set_cursor",
    "settle_unmatched",
    "texts_of",
    "unmatched",
    "verify_chain",
]
