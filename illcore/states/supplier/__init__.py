"""The supplier's machine: from a partner's demand to the item sent and, for a loan, back on the shelf."""

from illcore.states.common import ALWAYS, WHILE_OPEN, States, with_shared, without_dead_rows
from illcore.states.supplier.answering import ANSWERING
from illcore.states.supplier.ended import ENDED, EVERYWHERE
from illcore.states.supplier.lending import LENDING

OPEN: States = {**ANSWERING, **LENDING}


def _complete() -> States:
    table = with_shared({**OPEN, **ENDED}, {**ALWAYS, **EVERYWHERE}, (*OPEN, *ENDED))
    return without_dead_rows(with_shared(table, WHILE_OPEN, OPEN))


SUPPLIER: States = _complete()
