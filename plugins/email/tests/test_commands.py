"""`ill mail`: taking in, what waits, matching, putting aside; every end a sentence and an exit code."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

import illcore_email
from illcore import engine as engine_module
from illcore.cli.faults import tell
from illcore.engine import Engine
from illcore.events import Actor
from illcore.model import Partner
from illcore.partners import put
from illcore.plugins import Plugins
from illcore.store import create_schema
from illcore.testing.fakes import given
from illcore_email import commands
from illcore_email.testing import BOX, OURS, THEIR_BOX, THEIRS, mail

Ran = tuple[int, str, str]
Ill = Callable[..., Ran]

LOAN = f"ILL REQUEST\nLSB:{THEIRS}\nNO.:T-1\nSER:LOAN\nTIT:红楼梦"


@pytest.fixture
def ill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Ill:
    """`ill("list", "--json")` runs `ill mail list --json` in a folder with a configuration: (exit code, out, err)."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(engine_module, "installed", lambda: [given(illcore_email)])
    config = f"""library = "{OURS}"
database = "sqlite:///ill.db"
[accounts."email:main"]
address = "{BOX}"
smtp_host = "127.0.0.1"
smtp_port = 9
imap_host = "127.0.0.1"
imap_port = 9
"""
    Path("ill.toml").write_text(config, encoding="utf-8")
    create_schema(f"sqlite:///{tmp_path / 'ill.db'}", {"email": "illcore_email:migrations"})
    app = get_command(commands.app)

    def run(*arguments: str) -> Ran:
        code = 0
        try:
            code = int(app.main(args=list(arguments), prog_name="ill mail", standalone_mode=False) or 0)
        except Exception as error:
            code = int(error.exit_code) if hasattr(error, "exit_code") else tell(error, "illcore-email")
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return code, out, err

    return run


def make_partner(status: str = "active") -> None:
    engine = Engine.open(config=Path("ill.toml").resolve())
    with engine.database.write() as connection:
        partner = Partner(symbol=THEIRS, account="email:main", address={"email": THEIR_BOX}, status=status)  # type: ignore[arg-type]
        put(connection, OURS, partner, engine.clock.now())
    engine.close()


def write(raw: bytes, name: str = "mail.eml") -> str:
    Path(name).write_bytes(raw)
    return name


def taken(ill: Ill, raw: bytes) -> dict[str, Any]:
    code, out, _ = ill("ingest", write(raw), "--json")
    assert code == 0
    return dict(json.loads(out))


def submit() -> tuple[str, Engine]:
    engine = Engine.open(config=Path("ill.toml").resolve())
    session = engine.as_(Actor(kind="staff", id="anna", library=OURS, role="admin"))
    book = {"service_type": "loan", "citation": {"title": "红楼梦", "publication_type": "Book"}, "suppliers": [THEIRS]}
    return session.submit(book), engine


def test_a_mail_is_taken_in_without_any_partner_or_connection(ill: Ill) -> None:
    nothing = {"class": "unmatched", "request": None, "event": None, "state": None}
    assert taken(ill, mail(LOAN)) == nothing
    assert taken(ill, mail(LOAN)) == nothing
    code, out, _ = ill("list", "--json")
    assert code == 0
    [row] = json.loads(out)
    assert (row["class"], row["sender"], row["request"]) == ("unmatched", THEIR_BOX, None)


def test_a_request_and_its_answers(ill: Ill) -> None:
    make_partner()
    first = taken(ill, mail(LOAN))
    assert (first["class"], first["event"], first["state"]) == ("request", "submit", "new")
    assert taken(ill, mail(LOAN)) == first
    cancelled = taken(ill, mail(f"CANCELLATION\nLSB:{THEIRS}\nNO.:T-1"))
    assert (cancelled["class"], cancelled["event"], cancelled["state"]) == ("reply", "Cancel", "cancel_requested")
    code, out, _ = ill("list", "--all", "--json")
    assert [row["class"] for row in json.loads(out)] == ["reply", "request"]
    assert code == 0


def test_a_mail_from_standard_input(ill: Ill, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(mail("x"))))
    code, out, err = ill("ingest", "-")
    assert (code, out.strip()) == (0, "class=unmatched")
    assert "belongs to no partner" in err


@pytest.mark.parametrize("raw", [b"", b"\x00\xff", b"{}", b"\n\n\n", b"<html></html>"])
def test_what_is_no_mail_is_refused_in_a_sentence(ill: Ill, raw: bytes) -> None:
    code, out, err = ill("ingest", write(raw), "--json")
    assert (code, out) == (1, "")
    assert "no mail" in err


@pytest.mark.parametrize("name", ["nowhere.eml", "."])
def test_a_file_that_cannot_be_read_is_named(ill: Ill, name: str) -> None:
    code, _, err = ill("ingest", name)
    assert code == 1
    assert name in err


def test_an_unmatched_mail_is_given_to_a_request_by_staff(ill: Ill) -> None:
    make_partner()
    id, engine = submit()
    stranger = taken(ill, mail("书已寄出，应还日期 2026-03-01", sender="anna@elsewhere.example.org"))
    assert stranger["class"] == "unmatched"
    number = json.loads(ill("list", "--json")[1])[0]["id"]
    code, out, _ = ill("match", number, id, "--json")
    assert code == 0
    assert json.loads(out)["suggested"] == {"what": "shipped", "due_date": "2026-03-01"}
    session = engine.as_(Actor(kind="staff", id="anna", library=OURS, role="admin"))
    shown = session.get(id)
    assert shown["state"] == "sent", "staff decide what it means"
    assert "书已寄出" in shown["events"][-1]["text"]
    assert json.loads(ill("list", "--json")[1]) == []
    code, _, err = ill("match", number, id)
    assert (code, "does not wait" in err) == (1, True)
    session.act(id, "record", what="shipped", due_date="2026-03-01")
    assert session.get(id)["state"] == "shipped"
    engine.close()


def test_a_mail_is_shown_and_put_aside(ill: Ill) -> None:
    taken(ill, mail("广告", sender="spam@example.net", subject="特价\x1b[2J".replace("\x1b", "")))
    number = json.loads(ill("list", "--json")[1])[0]["id"]
    code, out, _ = ill("show", number)
    assert code == 0
    assert "广告" in out
    assert json.loads(ill("show", number, "--json")[1])["text"].strip() == "广告"
    assert "Subject" in ill("show", number, "--raw")[1]
    assert ill("discard", number)[0] == 0
    assert ill("discard", number)[0] == 1
    assert json.loads(ill("list", "--json")[1]) == []
    assert len(json.loads(ill("list", "--class", "unmatched", "--json")[1])) == 1


@pytest.mark.parametrize(
    "arguments", [("list",), ("show", "1"), ("match", "1", "X"), ("discard", "1"), ("ingest", "m.eml")]
)
def test_mails_are_for_staff_alone(ill: Ill, arguments: tuple[str, ...]) -> None:
    Path("m.eml").write_bytes(mail("What about our request?"))
    assert ill("ingest", "m.eml")[0] == 0
    code, out, err = ill(*arguments, "--as", "reader:R1")
    assert (code, out, err) == (1, "", "ill: this is for staff\n")


def test_wrong_usage(ill: Ill) -> None:
    assert ill("show", "99")[0] == 1
    assert ill("match", "99", "NOBODY")[0] == 1
    assert ill("list", "--class", "nonsense")[0] == 2
    assert ill("ingest", write(mail("x")), "--account", "email:other")[0] == 1
    assert ill("discard", "1", "--as", "reader:R1")[0] == 1


def test_several_accounts_need_a_name(ill: Ill) -> None:
    more = (
        Path("ill.toml").read_text("utf-8").split('[accounts."email:main"]')[1].replace(BOX, "second@ours.example.org")
    )
    with Path("ill.toml").open("a", encoding="utf-8") as file:
        file.write(f'[accounts."email:second"]{more}')
    code, _, err = ill("ingest", write(mail("x")))
    assert (code, "email:second" in err) == (2, True)
    assert ill("ingest", write(mail("x")), "--account", "email:second")[0] == 0


def test_tables_that_are_not_there_are_named(ill: Ill) -> None:
    Path("ill.db").unlink()
    create_schema(f"sqlite:///{Path('ill.db').resolve()}")
    code, _, err = ill("list")
    assert (code, "ill migrate" in err) == (1, True)
    code, _, err = ill("ingest", write(mail("x")))
    assert (code, "ill migrate" in err) == (1, True)


def test_the_plugin_is_installed_as_it_says() -> None:
    assert [row["status"] for row in Plugins([given(illcore_email)]).report()] == ["not_configured"]
