"""The daily commands as staff use them: submit, list, show, act, worker; with right and wrong input."""

import io
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from illcore.cli import app
from illcore.cli.init import config_text
from illcore.store.schema import migrate


class Done(NamedTuple):
    """What a command wrote."""

    stdout: str
    stderr: str


Ill = Callable[..., Done]
OURS = "ISIL:CN-110001"
BOOK = {"title": "红楼梦", "author": "曹雪芹", "isbn": "9787020002207", "publication_type": "Book"}
LOAN = {"service_type": "loan", "citation": BOOK, "reader": {"id": "R1", "name": "王小明"}, "suppliers": ["ISIL:SUP1"]}
DEMAND = {
    "role": "supplier",
    "service_type": "loan",
    "citation": {"title": "Walden"},
    "partner": "ISIL:SUP1",
    "requesting_agency_request_id": "LETTER-7",
}
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library with a configuration in Chinese, a database and one partner, whose account is missing."""
    folder = tmp_path_factory.mktemp("template")
    text = config_text(OURS, "National Library", "国家图书馆", "sqlite:///ill.db", "zh", plugins=())
    (folder / "ill.toml").write_text(text, encoding="utf-8")
    migrate(f"sqlite:///{folder / 'ill.db'}")
    add = [sys.executable, "-m", "illcore", "partners", "add", "ISIL:SUP1", "--account", "letters:main"]
    subprocess.run(add, cwd=folder, check=True, capture_output=True)
    return folder


@pytest.fixture
def ill(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Ill:
    """Runs `ill` in a copy of that folder; checks the exit code and that no traceback or broken JSON comes out."""
    shutil.copytree(template, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ILL_CONFIG", raising=False)
    monkeypatch.delenv("ILL_DEBUG", raising=False)

    def run(*arguments: str, code: int = 0, stdin: bytes = b"") -> Done:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
        capsys.readouterr()
        ended = app.run(arguments)
        done = Done(*capsys.readouterr())
        assert ended == code, done.stderr
        assert "Traceback" not in done.stderr
        assert "fault of illcore" not in done.stderr
        if "--json" in arguments and done.stdout:
            json.loads(done.stdout)
        return done

    return run


def entered(ill: Ill, value: Any) -> str:
    return str(ill("submit", "-", stdin=json.dumps(value).encode()).stdout.strip())


def test_a_list_is_entered_item_by_item(ill: Ill, tmp_path: Path) -> None:
    items = [LOAN, {"service_type": "lend"}, "x", {**LOAN, "titel": 1}, DEMAND]
    (tmp_path / "r.json").write_text(json.dumps(items), encoding="utf-8-sig")
    done = ill("submit", "r.json", "--json", code=1)
    results = json.loads(done.stdout)
    assert [result["index"] for result in results] == [0, 1, 2, 3, 4]
    assert [set(result) - {"index"} for result in results] == [{"id"}, {"error"}, {"error"}, {"error"}, {"id"}]
    assert "service_type" in results[1]["error"]
    assert "is a text; write an object" in results[2]["error"]
    assert "titel" in results[3]["error"]
    assert "item 3: " in done.stderr
    rows = json.loads(ill("list", "--json").stdout)
    assert [row["id"] for row in rows] == [results[4]["id"], results[0]["id"]]


def test_without_json_there_is_an_id_per_line(ill: Ill) -> None:
    done = ill("submit", "-", stdin=json.dumps([LOAN, {"service_type": "copy"}, DEMAND]).encode(), code=1)
    assert re.fullmatch(r"([0-9A-Z]{16}\n){2}", done.stdout)
    assert done.stderr.startswith("ill: item 1: ")


def test_an_empty_list_is_done_at_once(ill: Ill) -> None:
    assert json.loads(ill("submit", "-", "--json", stdin=b"[]").stdout) == []


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty"),
        (b'{"a": 1,}', "is not JSON: line 1, column 9"),
        ("红".encode("gbk"), "is not UTF-8 (byte 1); save it as UTF-8"),
        ('{"a": 1}'.encode("utf-16"), "is UTF-16; save it as UTF-8"),
        (b"7", "holds a number; write one JSON object or a list"),
        (b'{"service_type": "loan", "service_type": "copy"}', "the key 'service_type' stands twice"),
        (b'[{"max_cost": NaN}]', "NaN is no JSON number"),
        (b"[" * 100_000, "is nested too deep"),
        (b" " * (64 * 1024 * 1024 + 1), "is larger than 64 MB"),
    ],
    ids=["empty", "comma", "gbk", "utf-16", "number", "twice", "nan", "deep", "huge"],
)
def test_a_file_that_cannot_be_read_is_a_sentence(ill: Ill, tmp_path: Path, content: bytes, sentence: str) -> None:
    (tmp_path / "r.json").write_bytes(content)
    done = ill("submit", "r.json", "--json", code=1)
    assert sentence in done.stderr
    assert done.stdout == ""


def test_a_file_that_is_not_there_is_a_sentence(ill: Ill) -> None:
    assert "there is no file none.json" in ill("submit", "none.json", code=1).stderr
    assert ". is a folder" in ill("submit", ".", code=1).stderr


def test_list_finds_what_is_asked_for(ill: Ill) -> None:
    loan = entered(ill, LOAN)
    demand = entered(ill, DEMAND)
    poor = entered(ill, {"service_type": "copy", "citation": {"title": "100% a_b"}, "reader": {"id": "R2"}})

    def found(*options: str) -> list[str]:
        return [row["id"] for row in json.loads(ill("list", "--json", *options).stdout)]

    assert found() == [poor, demand, loan]
    assert found("--limit", "1") == [poor]
    assert found("--role", "supplier") == [demand]
    assert found("--state", "new", "--state", "sent") == [demand, loan]
    assert found("--state", "review,completed") == [poor]
    assert found("--partner", "ISIL:SUP1", "--role", "requester") == [loan]
    assert found("--reader", "R2") == [poor]
    assert found("--reader", "R3") == []
    assert found("--text", "红楼") == [loan]
    assert found("--text", "LETTER-7") == [demand]
    assert found("--text", "100") == [poor]
    assert found("--attention") == found("--attention", "undeliverable") == []
    assert found("--as", "reader:R1") == [loan]
    row = json.loads(ill("list", "--json", "--role", "supplier").stdout)[0]
    assert row["requesting_agency_request_id"] == "LETTER-7"
    assert INSTANT.fullmatch(row["updated_at"])


def test_the_table_speaks_the_language_of_the_configuration(ill: Ill, tmp_path: Path) -> None:
    assert "没有请求" in ill("list").stdout
    entered(ill, LOAN)
    assert "红楼梦" in ill("list").stdout
    assert "借入" in ill("list").stdout
    config = (tmp_path / "ill.toml").read_text(encoding="utf-8")
    (tmp_path / "ill.toml").write_text(config.replace('language = "zh"', 'language = "en"'), encoding="utf-8")
    assert "borrowing" in ill("list").stdout


def test_what_partners_write_cannot_steer_the_terminal(ill: Ill) -> None:
    id = entered(ill, {**DEMAND, "citation": {"title": "\u001b[2Jgone\u202e"}})
    for command in (["list"], ["show", id]):
        out = ill(*command).stdout
        assert "gone" in out
        assert "\u001b" not in out
        assert "\u202e" not in out


def test_show_tells_everything_in_both_languages(ill: Ill) -> None:
    id = entered(ill, LOAN)
    out = ill("show", id).stdout
    for text in (id, "红楼梦", "R1", "经过 Timeline", "提供馆 Suppliers", "ISIL:SUP1", "submit", "note"):
        assert text in out
    assert "王小明" not in out
    found = json.loads(ill("show", id, "--json").stdout)
    assert (found["id"], found["reader"], found["version"]) == (id, {"id": "R1"}, len(found["events"]))


def test_act_takes_details_and_shows_what_came_of_it(ill: Ill) -> None:
    id = entered(ill, DEMAND)
    found = json.loads(ill("act", id, "will_supply", "--note", "上架 [3楼]", "--json").stdout)
    assert found["state"] == "will_supply"
    item = '[{"barcode": "B1", "label": "v.1"}]'
    found = json.loads(ill("act", id, "ship", "due_date=2030-01-31", f"items={item}", "more=false", "--json").stdout)
    assert (found["state"], found["due_date"]) == ("shipped", "2030-01-31")
    assert [(each["barcode"], each["label"]) for each in found["items"]] == [("B1", "v.1")]
    assert "(shipped)" in ill("act", id, "note", "note=[sic] {unclosed").stdout


def test_a_part_of_a_detail_may_be_set(ill: Ill) -> None:
    id = entered(ill, {"service_type": "copy", "citation": {"title": "x"}, "reader": {"id": "R1"}})
    found = json.loads(ill("act", id, "edit", "citation.year=1999", "citation.author=A=B", "--json").stdout)
    assert (found["citation"]["year"], found["citation"]["author"]) == ("1999", "A=B")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nonsense"], "nonsense"),
        (["receive"], "receive"),
        (["ship", "due_date=tomorrow"], "due_date"),
        (["ship", "colour=red"], "colour: unknown field"),
        (["check_in"], "check_in"),
        (["cannot_supply", "--as", "staff:anna:assistant"], "cannot_supply"),
        (["note", "text=x", "--as", "reader:R1"], ""),
        (["note", "text=x", "--library", "ISIL:OTHER"], "there is no library ISIL:OTHER here"),
    ],
    ids=" ".join,
)
def test_a_refused_action_writes_nothing(ill: Ill, arguments: list[str], sentence: str) -> None:
    id = entered(ill, DEMAND)
    before = ill("show", id, "--json").stdout
    done = ill("act", id, *arguments, "--json", code=1)
    assert done.stdout == ""
    assert sentence in done.stderr
    assert done.stderr.count("\n") == 1
    assert ill("show", id, "--json").stdout == before


def test_an_id_that_does_not_exist_is_a_sentence(ill: Ill) -> None:
    for command in (["show", "NOPE"], ["act", "NOPE", "note", "text=x"], ["show", "'; DROP TABLE ill_request; --"]):
        assert "there is no request" in ill(*command, "--json", code=1).stderr


def test_the_worker_tells_what_it_did(ill: Ill) -> None:
    entered(ill, LOAN)
    assert set(json.loads(ill("worker", "--once", "--json").stdout)) == {"events", "sent", "failed", "timers"}
    assert "sent" in ill("worker", "--once").stdout


def test_search_without_an_account_that_can_is_a_failure(ill: Ill) -> None:
    done = ill("search", "--isbn", "9787020002207", "--json", code=1)
    assert json.loads(done.stdout) == {"holdings": [], "accounts": []}
    assert "no account can search" in done.stderr
    assert "there is no account x:y" in ill("search", "--title", "x", "--account", "x:y", code=2).stderr


def test_a_reader_that_has_enough_of_it_ends_it_quietly(ill: Ill, tmp_path: Path) -> None:
    entered(ill, [DEMAND | {"requesting_agency_request_id": f"L-{n}"} for n in range(40)])
    with subprocess.Popen(
        [sys.executable, "-m", "illcore", "list", "--json"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        err = process.stderr.read()
        process.wait()
    assert err == b""


def test_output_that_cannot_be_written_in_utf_8_is_still_json(ill: Ill, tmp_path: Path) -> None:
    entered(ill, LOAN)
    done = subprocess.run(
        [sys.executable, "-m", "illcore", "list", "--json"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        check=True,
    )
    [row] = json.loads(done.stdout.decode("ascii"))
    assert row["title"] == "红楼梦"
