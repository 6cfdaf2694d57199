"""What each action may carry: one small model per action that has details, checked before anything is decided."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, TypeAdapter, ValidationError

from illcore.errors import Invalid
from illcore.events import RECORDED_BY_REQUESTER, RECORDED_BY_SUPPLIER
from illcore.mistakes import sentence
from illcore.model import Citation, Day, Delivery, Money, Note, Reader, Role, StaffRole, Symbol, Text, Value
from illcore.request import OUTCOMES


def _listed(value: Any) -> Any:
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return [value] if isinstance(value, int | dict) and not isinstance(value, bool) else value


def _money(value: Any) -> Any:
    if isinstance(value, str):
        parts = value.split()
        if len(parts) == 2:
            amount, currency = parts if any(map(str.isdigit, parts[0])) else (parts[1], parts[0])
            return {"amount": amount, "currency": currency}
        raise ValueError('write an amount and a currency, such as "12.50 CNY"')
    return value


def _address(value: str) -> str:
    if value and (not value.lower().startswith(("http://", "https://")) or any(map(str.isspace, value))):
        raise ValueError("write an address that begins with https:// or http:// and holds no blanks")
    return value


Url = Annotated[Text, AfterValidator(_address)]
Cost = Annotated[Money, BeforeValidator(_money)]
Symbols = Annotated[tuple[Symbol, ...], BeforeValidator(_listed)]


class ItemDetails(Value):
    """An item named by number (1, 2 …) or described by barcode, call number and label."""

    n: int | None = None
    barcode: Text = ""
    call_number: Text = ""
    label: Text = ""
    location: Text = ""
    condition: Text = ""


def _item(value: Any) -> Any:
    if isinstance(value, int) and not isinstance(value, bool):
        return {"n": value}
    if isinstance(value, str):
        return {"n": int(value)} if value.isdigit() and len(value) < 4 else {"barcode": value}
    return value


Items = Annotated[tuple[Annotated[ItemDetails, BeforeValidator(_item)], ...], BeforeValidator(_listed)]


class Details(Value):
    """What every action may carry: a note for the record."""

    note: Note = ""


class OnItems(Details):
    """Items this action is about; none named means all of them. ``attempt`` names an item of another supplier."""

    items: Items = ()
    attempt: Annotated[int, Field(ge=1)] | None = None


class Edit(Details):
    """Changed fields; a citation's fields replace one by one."""

    citation: dict[str, Any] | None = None
    needed_by: Day | None = None
    format: Literal["digital", "paper", "any"] | None = None
    service_level: Literal["normal", "urgent"] | None = None
    max_cost: Cost | None = None
    any_edition: bool | None = None
    delivery: Delivery | None = None
    reader: Reader | None = None


class SetSuppliers(Details):
    """The rota in order, or changes to it."""

    suppliers: Symbols = ()
    add: Symbols = ()
    remove: Symbols = ()


class Override(Details):
    """The reason overridden, or all of them when none is named.

    ``compliance`` is the ISO 18626 copyrightCompliance code that goes with the Request then.
    """

    reason: Text = ""
    compliance: Text = ""


class Reasoned(Details):
    """A reason in the partner's code list or in words."""

    reason: Text = ""


class AskRetry(Reasoned):
    """When and why the partner may ask again."""

    retry_after: Day | None = None
    retry_before: Day | None = None
    cost: Cost | None = None
    condition: Text = ""


class AddConditions(Details):
    """A condition by code, by words, or a price."""

    code: Text = ""
    text: Text = ""
    cost: Cost | None = None


class WithItems(Details):
    """The item meant for this request, if known already."""

    items: Items = ()
    barcode: Text = ""
    call_number: Text = ""
    label: Text = ""
    location: Text = ""
    expected: Day | None = None


class Ship(WithItems):
    """What leaves and when it is due back. ``more`` says that further items of this request follow."""

    due_date: Day | None = None
    cost: Cost | None = None
    condition: Text = ""
    via: Text = ""
    more: bool = False
    url: Url = ""


class SupplyDocument(Details):
    """A URL, or nothing when the copy goes by post."""

    url: Url = ""
    via: Text = ""
    format: Text = ""
    cost: Cost | None = None
    pages: Annotated[int, Field(ge=0)] | None = None


class DueDate(Details):
    """A due date; the library's loan period where none is given."""

    due_date: Day | None = None


class WaiveReturn(Details):
    """Why nothing needs to come back: ``lost_settled`` (paid, replaced) or ``kept`` (given)."""

    outcome: Literal["lost_settled", "kept"] | None = None


class Record(Details):
    """What a partner said outside the protocol, with what it said of dates, costs and reasons."""

    what: str
    due_date: Day | None = None
    cost: Cost | None = None
    reason: Text = ""
    code: Text = ""
    text: Text = ""
    number: int | None = None
    url: Url = ""
    retry_after: Day | None = None
    items: Items = ()
    answer: bool | None = None


class OnEffect(Details):
    """The failed effect; all of them when none is named."""

    effect: Text = ""


class Close(Details):
    """How it ended."""

    outcome: Literal[OUTCOMES]  # type: ignore[valid-type]


class Words(Details):
    """A text; ``text`` and ``note`` mean the same here."""

    text: Note = ""


class Assign(Details):
    """The member of staff; empty gives it back to the queue."""

    to: Text = ""


class Escalate(Details):
    """Why, to whom, until when. Without a role: the next one up."""

    reason: Text = ""
    to: StaffRole | None = None
    due: Day | None = None


class AcceptConditions(Details):
    """The last condition shown; all that are open when none is named."""

    number: int | None = None


_DETAILS: dict[str, type[Details]] = {
    "edit": Edit,
    "set_suppliers": SetSuppliers,
    "override": Override,
    "next_supplier": Reasoned,
    "cancel": Reasoned,
    "accept_conditions": AcceptConditions,
    "reject_delivery": Reasoned,
    "receive": OnItems,
    "check_out": OnItems,
    "check_in": OnItems,
    "ship_return": OnItems,
    "report_lost": OnItems,
    "will_supply": WithItems,
    "print_slip": WithItems,
    "cannot_supply": Reasoned,
    "add_conditions": AddConditions,
    "ask_retry": AskRetry,
    "ship": Ship,
    "supply_document": SupplyDocument,
    "accept_renew": DueDate,
    "renew": DueDate,
    "recall": DueDate,
    "reject_renew": Reasoned,
    "reject_cancel": Reasoned,
    "waive_return": WaiveReturn,
    "record": Record,
    "retry_effect": OnEffect,
    "done_by_hand": OnEffect,
    "close": Close,
    "message": Words,
    "assign": Assign,
    "escalate": Escalate,
}


def details_of(action: str, role: Role, given: dict[str, Any]) -> Details:
    """The checked details of an action.

    Raises ``Invalid`` with one sentence that names the field that is wrong and what it may be.
    """
    model = _DETAILS.get(action, Details)
    try:
        details = TypeAdapter(model).validate_python(given)
    except ValidationError as error:
        fields = sorted(model.model_fields)
        raise Invalid(f"{action}: {sentence(error)} ({action} takes {', '.join(fields)})") from None
    if isinstance(details, Record):
        known = RECORDED_BY_REQUESTER if role == "requester" else RECORDED_BY_SUPPLIER
        if details.what not in known:
            raise Invalid(f"record: what={details.what!r} is not known for a {role}; use one of {', '.join(known)}")
    if isinstance(details, Edit) and details.citation is not None:
        try:
            Citation.model_validate(details.citation)
        except ValidationError as error:
            raise Invalid(f"edit: citation.{sentence(error)}") from None
    return details
