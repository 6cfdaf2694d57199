"""What kind of letter a message is: the name of its template, and its heading in each structured format."""

from illcore.message import Message

_ACTIONS = {
    "StatusRequest": "status_question",
    "Received": "received",
    "Cancel": "cancel",
    "Renew": "renewal",
    "ShippedReturn": "returned",
    "ShippedForward": "forwarded",
}
_STATUSES = {
    "RequestReceived": "acknowledged",
    "ExpectToSupply": "expected",
    "WillSupply": "will_supply",
    "Loaned": "shipped",
    "CopyCompleted": "copy_sent",
    "Overdue": "overdue",
    "Recalled": "recall",
    "RetryPossible": "retry",
    "Unfilled": "unfilled",
    "LoanCompleted": "completed",
    "CompletedWithoutReturn": "kept",
    "Cancelled": "cancelled",
}
_REPLY = "REPLY TO AN ILL REQUEST/REPONSE A UNE DEMANDE DE PEB"
_GENERAL = "GENERAL MESSAGE/MESSAGE GENERAL"
_SHIPPED = "ITEM SHIPPED/MESSAGE D'ENVOI"
_RENEWED = "RENEWAL ANSWER/REPONSE RENOUVELLEMENT"
GSM_HEADINGS = {
    "request": "ILL REQUEST/DEMANDE PEB",
    "cancel": "CANCELLATION/ANNULATION",
    "renewal": "RENEWAL REQUEST/DEMANDE DE RENOUVELLEMENT",
    "accept": "CONDITIONAL REPLY/REPONSE CONDITIONELLE",
    "renew_yes": _RENEWED,
    "renew_no": _RENEWED,
    "shipped": _SHIPPED,
    "copy_sent": _SHIPPED,
    "overdue": "OVERDUE MESSAGE/AVIS DE RETARD",
    "recall": "RECALL MESSAGE/MESSAGE DE RAPPEL",
    **dict.fromkeys(("acknowledged", "will_supply", "conditions", "retry", "unfilled", "cancelled", "status"), _REPLY),
}
KINDS = (
    "request retry_request cancel renewal accept received returned forwarded status_question resend lost closed "
    "message "
    "acknowledged expected will_supply conditions retry unfilled shipped copy_sent overdue recall renew_yes renew_no "
    "cancel_yes cancel_no cancelled completed kept status"
).split()


def kind_of(message: Message) -> str:
    """The name of the letter, one of `KINDS`."""
    if message.kind == "Request":
        return "retry_request" if message.request_type == "Retry" else "request"
    if "Notification" in (message.action, message.reason):
        return message.signal.name if message.signal else "message"
    if message.kind == "RequestingAgencyMessage":
        return _ACTIONS.get(message.action or "", "message")
    if message.reason in ("CancelResponse", "RenewResponse"):
        said_yes = message.answer if message.answer is not None else message.status in ("Cancelled", "Loaned")
        return f"{'cancel' if message.reason == 'CancelResponse' else 'renew'}_{'yes' if said_yes else 'no'}"
    if message.reason == "StatusRequestResponse":
        return "status"
    if message.status == "WillSupply" and message.conditions:
        return "conditions"
    return _STATUSES.get(message.status or "", "status")


def gsm_heading(kind: str) -> str:
    """The identifier that stands above a generic script message of this kind."""
    return GSM_HEADINGS.get("request" if kind == "retry_request" else kind, _GENERAL)


FORM_REQUEST = "INTERLIBRARY LOAN REQUEST 馆际互借申请单"
FORM_MESSAGE = "INTERLIBRARY LOAN MESSAGE 馆际互借通知单"
