"""New requests by mail: taken from known partners, answered politely if incomplete, nothing made of a stranger's."""

from typing import Any

import pytest

from illcore.errors import IllcoreError
from illcore_email.testing import BOOK, OURS, THEIR_BOX, THEIRS, Office, knows, mail, submitted

LOAN = f"""ILL REQUEST/DEMANDE PEB
LSB:{THEIRS}
LSP:{OURS}
NO.:T-100
P/U:Zhang San
SER:LOAN
AUT:曹雪芹
TIT:红楼梦
SBN:9787020002207
N/R:2026-03-01
CO$:25.00 CAD
ADR:Nanjing Library
  189 Zhongshan Road
NOT:任何版本均可
"""
RELAIS = "SER:PHOTOCOPY\nTIT:Nature\nART:On mail\nARA:Smith, J.\nDAT:2020\nVOL:1\nISS:2\nPAG:3-9\nPUB:JOURNAL\n"
FORM = """馆际互借申请单

申请号：T-200
服务方式：复制
刊名：图书馆学报
论文题名：馆际互借研究
论文作者：李四
年：2024
期：3
页码：12-20
"""


def lent(office: Office) -> dict[str, Any]:
    [row] = office.staff.find()
    return office.staff.get(str(row["id"]))


def test_a_generic_script_request_becomes_a_lending_request(ours: Office) -> None:
    taken = ours.take(mail(LOAN, subject="ILL Request"))
    shown = lent(ours)
    assert taken == {"class": "request", "request": shown["id"], "event": "submit", "state": "new"}
    assert (shown["role"], shown["partner"], shown["requesting_agency_request_id"]) == ("supplier", THEIRS, "T-100")
    citation = shown["citation"]
    assert [citation[name] for name in ("title", "author", "isbn")] == ["红楼梦", "曹雪芹", "9787020002207"]
    assert (shown["service_type"], shown["needed_by"]) == ("loan", "2026-03-01")
    assert "Zhang San" not in str(shown), "a partner's reader must not get into the request"


def test_the_mail_in_dialect_without_heading_is_understood(ours: Office) -> None:
    assert ours.take(mail(RELAIS, subject="ILL Request: R-77"))["class"] == "request"
    shown = lent(ours)
    assert shown["requesting_agency_request_id"] == "R-77"
    assert shown["service_type"] == "copy"
    assert shown["citation"]["publication_type"] == "Article"


def test_a_form_in_chinese_is_understood(ours: Office) -> None:
    assert ours.take(mail(FORM))["class"] == "request"
    shown = lent(ours)
    citation = shown["citation"]
    assert (shown["service_type"], shown["requesting_agency_request_id"]) == ("copy", "T-200")
    assert citation["title_of_component"] == "馆际互借研究"
    assert citation["pages"] == "12-20"


def test_a_request_without_a_number_gets_one_that_stays(ours: Office) -> None:
    raw = mail(RELAIS, subject="request")
    first = ours.take(raw)
    assert ours.take(raw) == first
    assert str(lent(ours)["requesting_agency_request_id"]).startswith("MAIL-")


def test_the_same_request_in_a_new_mail_is_one_request(ours: Office) -> None:
    first = ours.take(mail(LOAN, subject="ILL Request"))
    again = ours.take(mail(LOAN, subject="ILL Request, again"))
    assert again["request"] == first["request"]
    assert len(ours.staff.find()) == 1


@pytest.mark.parametrize("body", [LOAN, RELAIS, FORM, "TIT:x\nSER:LOAN\nAUT:y"])
def test_of_a_stranger_nothing_is_made(ours: Office, body: str) -> None:
    taken = ours.take(mail(body, sender="someone@example.net", subject="ILL Request: 1"))
    assert taken == {"class": "unmatched", "request": None, "event": None, "state": None}
    assert ours.staff.find() == []


def test_of_a_partner_whose_agreement_ended_nothing_is_made(ours: Office) -> None:
    knows(ours, THEIRS, THEIR_BOX, status="ended")
    assert ours.take(mail(LOAN))["class"] == "unmatched"
    assert ours.staff.find() == []


@pytest.mark.parametrize(
    ("lacking", "said"), [("SER", "请注明借阅或复制"), ("TIT", "请填写题名（TIT）")], ids=["no service", "no title"]
)
def test_an_incomplete_request_is_answered_once_with_what_is_missing(ours: Office, lacking: str, said: str) -> None:
    text = "\n".join(line for line in LOAN.split("\n") if not line.startswith((lacking, "SBN")))
    raw = mail(text, subject="ILL Request", Message_ID="<incomplete@theirs>")
    nothing = {"class": "request", "request": None, "event": None, "state": None}
    assert ours.take(raw) == nothing
    assert ours.take(raw) == nothing
    assert ours.staff.find() == []
    assert ours.sent == [], "taking a mail in needs no connection"
    ours.engine.run_due()
    ours.engine.run_due()
    [_] = ours.sent
    answer = ours.last()
    assert answer["To"] == THEIR_BOX
    assert answer["In-Reply-To"] == "<incomplete@theirs>"
    assert answer["Auto-Submitted"] == "auto-replied"
    assert said in answer.get_content()
    assert "请补充完整" in answer.get_content()


def test_an_automatic_mail_gets_no_answer(ours: Office) -> None:
    assert ours.take(mail("ILL REQUEST\nLSB:x", Auto_Submitted="auto-replied"))["class"] == "auto_reply"
    ours.engine.run_due()
    assert ours.sent == []


def test_their_cancellation_and_renewal_are_understood(ours: Office) -> None:
    lending = str(ours.take(mail(LOAN))["request"])
    ours.staff.act(lending, "ship", barcode="B-1")
    ours.engine.run_due()
    sent = ours.last()
    assert "[ILL#T-100]" in sent["Subject"]
    taken = ours.take(mail(f"RENEWAL REQUEST/DEMANDE DE RENOUVELLEMENT\nLSB:{THEIRS}\nLSP:{OURS}\nNO.:T-100"))
    assert (taken["event"], taken["state"]) == ("Renew", "renew_requested")
    ours.staff.act(lending, "accept_renew", due_date="2026-03-31")
    taken = ours.take(mail("已收到，谢谢", In_Reply_To=sent["Message-ID"]))
    assert (taken["class"], taken["event"]) == ("reply", "Message")
    assert '"what": "received"' in ours.mails()[0].suggestion


def test_our_overdue_letter_sent_back_as_it_was_moves_nothing(ours: Office) -> None:
    lending = str(ours.take(mail(LOAN))["request"])
    echo = mail(f"CANCELLATION/ANNULATION\nLSB:{OURS}\nLSP:{THEIRS}\nNO.:T-100")
    assert ours.take(echo)["class"] == "unmatched"
    assert ours.state(lending) == "new"


def test_a_request_that_a_system_sent_without_heading_is_taken(ours: Office) -> None:
    raw = mail(RELAIS, subject="ILL Request: R-9", Auto_Submitted="auto-generated")
    assert ours.take(raw)["class"] == "request"


def test_a_reply_that_names_the_form_is_still_a_reply(ours: Office) -> None:
    id = submitted(ours, BOOK)
    text = "Interlibrary loan request\nStatus: we are looking for it"
    assert ours.take(mail(text, In_Reply_To=ours.last()["Message-ID"]))["event"] == "Message"
    assert ours.state(id) == "sent"


def test_what_was_kept_before_a_crash_is_understood_the_next_time(
    ours: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(*_: object) -> None:
        raise SystemExit("the process ended here")

    with monkeypatch.context() as patched:
        patched.setattr("illcore_email.mailroom.understand", dies)
        with pytest.raises(IllcoreError):
            ours.take(mail(LOAN))
    assert [row.status for row in ours.mails()] == ["stored"]
    assert ours.staff.find() == []
    assert ours.take(mail(LOAN))["class"] == "request"
    assert [row.status for row in ours.mails()] == ["understood"]
    assert len(ours.staff.find()) == 1


def test_what_was_understood_before_a_crash_is_applied_the_next_time(ours: Office) -> None:
    connector: Any = ours.engine._plugins.accounts["email:main"].connector
    raw = mail(LOAN)
    first = connector._room.take([(raw, None)])
    assert ours.staff.find() == []
    assert connector._room.take([(raw, None)]) == first
    assert ours.take(raw)["state"] == "new"
    assert len(ours.staff.find()) == 1


def test_a_letter_of_a_peer_reaches_staff_though_a_system_wrote_it(ours: Office) -> None:
    submitted(ours, BOOK)
    marks = {"Auto_Submitted": "auto-generated", "X_Illcore": THEIR_BOX}
    taken = ours.take(mail("我馆将提供该文献。", In_Reply_To=ours.last()["Message-ID"], **marks))
    assert (taken["class"], taken["event"], taken["state"]) == ("reply", "Message", "sent")


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("ILL Request: R-78", "SER:LOAN\nAUT:曹雪芹"),
        ("ILL Request:", "SER:COPY\nVOL:3"),
        ("馆际互借申请", "作者：曹雪芹\n服务：借阅"),
    ],
)
def test_a_mail_announced_as_a_request_is_told_what_it_lacks(ours: Office, subject: str, text: str) -> None:
    taken = ours.take(mail(text, subject=subject))
    assert (taken["class"], taken["request"]) == ("request", None)
    ours.engine.run_due()
    assert ours.last()["To"] == THEIR_BOX
    assert ours.last()["Auto-Submitted"] == "auto-replied"
    assert ours.staff.find() == []


def test_an_answer_to_a_request_is_not_taken_for_one_because_of_its_subject(ours: Office) -> None:
    taken = ours.take(mail("Author: x\nService: not available", subject="Re: ILL Request: R-79"))
    assert taken["class"] == "unmatched"
