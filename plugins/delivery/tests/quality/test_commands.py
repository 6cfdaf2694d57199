"""`ill documents check | repair | thumbnails` as a person and a script see them."""

import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from illcore.cli.faults import tell
from illcore.cli.plugged import as_command
from illcore.engine import Engine
from illcore.events import Actor
from illcore.model import NewRequest
from illcore.store import migrate
from illcore_delivery.commands.documents import app

Ill = Callable[..., tuple[int, str, str]]
LIBRARY = "ISIL:CN-110001"


@pytest.fixture
def ill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Ill:
    """`ill("check", "a.pdf")`: exit code, stdout and stderr, in a folder without ill.toml."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ILL_CONFIG", raising=False)

    def run(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        try:
            code = as_command("documents", app).main(
                args=list(arguments), prog_name="ill documents", standalone_mode=False
            )
        except Exception as error:
            code = getattr(error, "exit_code", None) or tell(error, "illcore-delivery")
        out, err = capsys.readouterr()
        return int(code or 0), out, err

    return run


@pytest.fixture
def configured(tmp_path: Path) -> Callable[[str], Path]:
    def write(language: str) -> Path:
        path = tmp_path / "ill.toml"
        url = f"sqlite:///{tmp_path}/ill.db"
        path.write_text(f'library = "{LIBRARY}"\ndatabase = "{url}"\nlanguage = "{language}"\n')
        migrate(url)
        return path

    return write


def test_a_verdict_needs_no_configuration(ill: Ill, draw: Any) -> None:
    Path("a.pdf").write_bytes(draw.scanned(draw.scan(), draw.flat(250)))
    code, out, err = ill("check", "a.pdf", "--json")
    assert (code, err) == (0, "")
    told = json.loads(out)
    assert list(told) == ["verdict", "pages", "findings"]
    assert (told["verdict"], told["pages"]) == ("review", 2)
    assert told["findings"][0] == {"code": "blank_page", "page": 2, "text": "The page is blank."}


def test_people_get_a_table_and_what_to_do(ill: Ill, draw: Any) -> None:
    Path("a.pdf").write_bytes(b"HTTP/1.1 200\n" + draw.printed(["Errata to volume 12"]))
    code, out, _ = ill("check", "a.pdf")
    assert code == 0
    assert out.startswith("Review: PDF, pages: 1;")
    assert "leading_junk" in out
    assert out.endswith("A clean copy would pass: ill documents repair FILE --rebuild\n")


def test_a_fail_is_a_verdict_too(ill: Ill) -> None:
    Path("a.pdf").write_bytes(b"<html>")
    code, out, _ = ill("check", "a.pdf", "--json")
    assert (code, json.loads(out)["verdict"]) == (0, "fail")


@pytest.mark.parametrize("command", [("check",), ("repair", "--rebuild"), ("thumbnails", "--folder", "t")])
def test_a_file_that_is_not_there_is_one_sentence(ill: Ill, command: tuple[str, ...]) -> None:
    code, out, err = ill(command[0], "none.pdf", *command[1:])
    assert (code, out, err) == (1, "", "ill: none.pdf is not there\n")


def test_it_speaks_the_configured_language(ill: Ill, draw: Any, configured: Callable[[str], Path]) -> None:
    configured("zh")
    Path("a.pdf").write_bytes(draw.scanned(draw.flat(250)))
    _, out, _ = ill("check", "a.pdf", "--json")
    assert json.loads(out)["findings"][0]["text"] == "所有页面均为空白。"


def test_a_request_says_what_should_be_in_the_file(ill: Ill, draw: Any, configured: Callable[[str], Path]) -> None:
    with closing(Engine.open(config=configured("en"))) as engine:
        session = engine.as_(Actor(kind="staff", id="anna", library=LIBRARY, role="librarian"))
        wanted = NewRequest.model_validate(
            {
                "service_type": "copy",
                "reader": {"id": "R1"},
                "citation": {
                    "title": "Journal of Library Practice",
                    "title_of_component": draw.title,
                    "year": "2019",
                    "pages": "101-104",
                    "publication_type": "Article",
                },
            }
        )
        id = session.submit(wanted)
    Path("right.pdf").write_bytes(draw.printed(*draw.article(101, 4)))
    Path("short.pdf").write_bytes(draw.printed(*draw.article(101, 2)))
    _, out, _ = ill("check", "right.pdf", "--request", str(id), "--json")
    assert json.loads(out)["verdict"] == "pass"
    _, out, _ = ill("check", "short.pdf", "--request", str(id), "--json")
    told = json.loads(out)
    assert told["findings"][0] == {
        "code": "pages_missing",
        "page": None,
        "text": "4 pages were asked for (101-104), 2 came.",
    }
    code, _, err = ill("check", "right.pdf", "--request", "NONE")
    assert code == 1
    assert "NONE" in err


def test_a_repair_tells_where_the_new_file_is(ill: Ill, draw: Any, tmp_path: Path) -> None:
    Path("a.pdf").write_bytes(draw.scanned(draw.scan(), draw.flat(250)))
    options = "--rebuild --drop-blank --rotate 90 --crop 5,5,5,5 --pages 1-2 --output b.pdf".split()
    code, out, _ = ill("repair", "a.pdf", *options, "--json")
    assert (code, json.loads(out)) == (0, {"file": str(tmp_path / "b.pdf")})
    _, out, _ = ill("check", "b.pdf", "--json")
    assert json.loads(out)["pages"] == 1
    code, _, err = ill("repair", "a.pdf", "--rebuild", "--output", "b.pdf")
    assert code == 1
    assert "it is there already" in err


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ((), "say what to do"),
        (("--rotate", "999"), "write degrees"),
        (("--crop", "5"), "write four numbers"),
        (("--crop", "-1,0,0,0"), "from 0 to 1000"),
        (("--rebuild", "--pages", "3-1"), "write numbers and ranges"),
    ],
)
def test_wrong_usage_is_said_before_anything_is_done(
    ill: Ill, draw: Any, options: tuple[str, ...], sentence: str
) -> None:
    Path("a.pdf").write_bytes(draw.printed(["Errata"]))
    code, _, err = ill("repair", "a.pdf", *options)
    assert code == 2
    assert sentence in err


def test_what_cannot_be_repaired_is_one_sentence(ill: Ill) -> None:
    Path("a.pdf").write_bytes(b"<html>")
    code, _, err = ill("repair", "a.pdf", "--rebuild")
    assert (code, err) == (1, "ill: a.pdf cannot be repaired: it is no PDF, TIFF, JPEG or PNG\n")


def test_thumbnails_are_written_one_for_each_page(ill: Ill, draw: Any) -> None:
    Path("a.pdf").write_bytes(draw.scanned(draw.scan(), draw.scan(rows=20)))
    code, out, _ = ill("thumbnails", "a.pdf", "--folder", "t", "--json")
    assert code == 0
    assert json.loads(out) == {"pages": 2, "files": ["t/page-0001.jpg", "t/page-0002.jpg"]}
    assert Path("t/page-0002.jpg").read_bytes().startswith(b"\xff\xd8\xff")


def test_a_file_without_pages_has_no_thumbnails(ill: Ill) -> None:
    Path("a.pdf").write_bytes(b"")
    code, _, err = ill("thumbnails", "a.pdf", "--folder", "t")
    assert (code, err) == (1, "ill: a.pdf: The file is empty.\n")


# --- what requests keep ---


def submitted(tmp_path: Path) -> str:
    with closing(Engine.open(config=tmp_path / "ill.toml")) as engine:
        staff = engine.as_(Actor(kind="staff", id="li", library=LIBRARY, role="admin"))
        citation = {"title": "图书馆学报", "doi": "10.1000/182"}
        return staff.submit(NewRequest.model_validate({"service_type": "copy", "citation": citation}))


def test_a_file_is_kept_listed_repaired_in_place_and_written_out_again(
    ill: Ill, configured: Callable[[str], Path], draw: Any, tmp_path: Path
) -> None:
    configured("en")
    request = submitted(tmp_path)
    Path("扫描.pdf").write_bytes(draw.scanned(draw.scan(), draw.flat(250)))
    code, out, err = ill("add", request, "扫描.pdf", "--json")
    added = json.loads(out)
    assert (code, err, added["name"]) == (0, "", "扫描.pdf")
    code, out, _ = ill("list", request, "--json")
    assert [each["id"] for each in json.loads(out)] == [added["id"]]
    code, out, err = ill("repair", added["id"], "--request", request, "--drop-blank", "--json")
    mended = json.loads(out)
    assert (code, err, mended["source"]) == (0, "", "repair")
    assert [each["verdict"] for each in json.loads(ill("list", request, "--json")[1])] == ["rejected", None]
    code, out, _ = ill("get", mended["id"], "--output", "mended.pdf", "--json")
    assert (code, json.loads(out)["file"]) == (0, "mended.pdf")
    assert json.loads(ill("check", "mended.pdf", "--json")[1])["pages"] == 1
    assert ill("list", request)[0] == 0
    assert ill("sweep", "--json")[1] == '{\n  "swept": 0\n}\n'


def test_what_cannot_be_kept_or_found_is_one_sentence(
    ill: Ill, configured: Callable[[str], Path], tmp_path: Path
) -> None:
    configured("en")
    request = submitted(tmp_path)
    Path("a.html").write_text("<html>")
    Path("there.pdf").write_bytes(b"%PDF-1.4")
    document = json.loads(ill("add", request, "there.pdf", "--json")[1])["id"]
    for arguments, said in (
        (("add", request, "a.html"), "it is an HTML page"),
        (("add", request, "nowhere.pdf"), "nowhere.pdf cannot be read"),
        (("add", "nonsense", "there.pdf"), "no request nonsense"),
        (("add", request, "there.pdf"), "has this very document already"),
        (("get", "nonsense"), "no document nonsense"),
        (("get", document, "--output", "a.html"), "a.html is there already"),
        (("repair", document, "--request", "nonsense", "--rebuild"), f"belongs to request {request}"),
        (("repair", "nonsense", "--request", request, "--rebuild"), "no document nonsense"),
    ):
        code, out, err = ill(*arguments)
        assert (code, out, said in err) == (1, "", True), (arguments, err)
