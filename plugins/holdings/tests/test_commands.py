"""`ill holdings load | list | search | drop` as a person and a script see them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from illcore.cli.faults import tell
from illcore.cli.plugged import as_command
from illcore.store import migrate
from illcore_holdings.commands import app

CONFIG = 'library = "ISIL:CN-110001"\ndatabase = "sqlite:///{folder}/ill.db"\nlanguage = "{language}"\n'
ACCOUNT = '[accounts."holdings:own"]\n'
Ill = Callable[..., tuple[int, str, str]]


@pytest.fixture
def ill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Ill:
    """`ill("list", "--json")`: exit code, stdout and stderr of `ill holdings list --json`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ILL_CONFIG", raising=False)
    (tmp_path / "ill.toml").write_text(CONFIG.format(folder=tmp_path, language="en") + ACCOUNT)
    migrate(f"sqlite:///{tmp_path}/ill.db", {"holdings": "illcore_holdings:migrations"})

    def run(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        try:
            code = as_command("holdings", app).main(
                args=list(arguments), prog_name="ill holdings", standalone_mode=False
            )
        except Exception as error:
            code = getattr(error, "exit_code", None) or tell(error, "illcore-holdings")
        out, err = capsys.readouterr()
        return int(code or 0), out, err

    return run


def test_from_loading_to_dropping(ill: Ill, tmp_path: Path, marc21: Any) -> None:
    (tmp_path / "dump.mrc").write_bytes(marc21(1, "三体", "9787536692930") + b"junk\x1d" + marc21(2, "红楼梦"))
    code, out, err = ill("load", "dump.mrc")
    assert code == 0
    assert out.startswith("ISIL:CN-110001 catalogue: 2 records can be found, 1 were bad, 0 left out; ")
    assert f"{tmp_path}/dump.mrc.bad" in err.replace("\n", "")
    code, out, _ = ill("list", "--json")
    (row,) = json.loads(out)
    assert (row["source"], row["format"], row["records"], row["bad"], row["status"]) == (
        "catalogue",
        "marc",
        2,
        1,
        "visible",
    )
    code, out, _ = ill("search", "--title", "三体", "--json")
    assert code == 0
    assert [one["call_number"] for one in json.loads(out)["holdings"]] == ["A 1"]
    code, out, _ = ill("drop", "catalogue")
    assert (code, out) == (0, "ISIL:CN-110001 catalogue is dropped: 2 records\n")
    code, _, err = ill("search", "--title", "三体")
    assert (code, err) == (1, "ill: nothing found\n")


def test_json_of_a_load(ill: Ill, tmp_path: Path, marc21: Any) -> None:
    (tmp_path / "dump.mrc").write_bytes(marc21(1, "三体", "123"))
    code, out, err = ill("load", "dump.mrc", "--library", "ISIL:PARTNER", "--source", "all", "--json")
    told = json.loads(out)
    seconds = told.pop("seconds")
    assert code == 0
    assert err == ""
    assert seconds >= 0
    assert told == {
        "library": "ISIL:PARTNER",
        "source": "all",
        "format": "marc",
        "file": str(tmp_path / "dump.mrc"),
        "read": 1,
        "loaded": 1,
        "bad": 0,
        "left_out": 0,
        "wrong_numbers": 1,
        "bad_file": None,
        "bad_reasons": None,
        "replaced": False,
        "resumed_behind": 0,
    }
    assert json.loads(ill("list", "--json", "--library", "ISIL:OTHER")[1]) == []
    assert len(json.loads(ill("list", "--json", "--library", "ISIL:PARTNER")[1])) == 1


def test_without_an_account_the_next_step_is_said(ill: Ill, tmp_path: Path, marc21: Any) -> None:
    (tmp_path / "dump.mrc").write_bytes(marc21(1, "三体"))
    assert ill("load", "dump.mrc")[2] == ""
    (tmp_path / "ill.toml").write_text(CONFIG.format(folder=tmp_path, language="en"))
    code, _, err = ill("load", "dump.mrc")
    assert (code, err) == (0, 'ill: no search looks there yet; add [accounts."holdings:own"] to ill.toml\n')


def test_kbart_and_csv_with_their_options(ill: Ill, tmp_path: Path) -> None:
    (tmp_path / "e.tsv").write_text(
        "publication_title\tprint_identifier\tdate_first_issue_online\nNature\t0028-0836\t1997\n"
    )
    (tmp_path / "rare.csv").write_bytes("书目,架\n永乐大典,善1\n".encode("gbk"))
    assert ill("load", "e.tsv", "--licence", "print")[0] == 0
    code, _, err = ill("load", "rare.csv", "--charset", "gbk", "--map", "title=书目,call_number=架", "--loans", "no")
    assert (code, err) == (0, "")
    assert [row["source"] for row in json.loads(ill("list", "--json")[1])] == ["electronic", "special"]
    (rare,) = json.loads(ill("search", "--title", "永乐大典", "--json")[1])["holdings"]
    assert (rare["call_number"], rare["loanable"]) == ("善1", False)
    assert ill("search", "--issn", "0028-0836", "--year", "1996")[0] == 1
    (nature,) = json.loads(ill("search", "--issn", "0028-0836", "--year", "1998", "--json")[1])["holdings"]
    assert (nature["copyable"], "print-out only" in nature["note"]) == (True, True)


def test_in_chinese(ill: Ill, tmp_path: Path, marc21: Any) -> None:
    (tmp_path / "ill.toml").write_text(CONFIG.format(folder=tmp_path, language="zh"))
    (tmp_path / "dump.mrc").write_bytes(marc21(1, "三体"))
    assert "1 条记录可供检索" in ill("load", "dump.mrc")[1]
    assert "馆代码" in ill("list")[1]
    assert "题名一致" in ill("search", "--title", "三体")[1]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["load", "nothing.mrc"], 1, "there is no file"),
        (["load", "empty.mrc"], 1, "is empty"),
        (["load", "odd.bin"], 1, "--format marc, marcxml, kbart or csv"),
        (["load", "odd.bin", "--format", "pdf"], 2, "--format pdf"),
        (["load", "odd.bin", "--charset", "klingon"], 2, "klingon is not known"),
        (["load", "odd.bin", "--charset", "base64"], 2, "base64 is no character set"),
        (["load", "odd.bin", "--licence", "maybe"], 2, "--licence maybe"),
        (["load", "odd.bin", "--loans", "maybe"], 2, "--loans maybe"),
        (["load", "odd.bin", "--map", "titel=x"], 2, "--map titel=x"),
        (["load", "odd.bin", "--items", "949 x=y"], 2, "x=y: write NAME=CODES"),
        (["load", "odd.bin", "--library", "nobody"], 2, "ISIL:CN-110001"),
        (["load", "junk.mrc"], 1, "not one of the 1 records"),
        (["drop", "nothing"], 1, "it has none"),
        (["search"], 2, "--isbn, --issn, --title or --author"),
        (["search", "--isbn", "123"], 2, "123 is no ISBN"),
    ],
)
def test_one_clear_sentence(ill: Ill, tmp_path: Path, arguments: list[str], code: int, said: str) -> None:
    (tmp_path / "empty.mrc").write_bytes(b"")
    (tmp_path / "odd.bin").write_bytes(b"\x89PNG")
    (tmp_path / "junk.mrc").write_bytes(b"00000\x1e\x1d")
    found, out, err = ill(*arguments)
    assert found == code
    assert out == ""
    assert said in err
    assert len(err.splitlines()) == 1


def test_a_database_without_the_tables_names_the_remedy(ill: Ill, tmp_path: Path, marc21: Any) -> None:
    (tmp_path / "ill.db").unlink()
    migrate(f"sqlite:///{tmp_path}/ill.db")
    (tmp_path / "dump.mrc").write_bytes(marc21(1, "三体"))
    for arguments in (["load", "dump.mrc"], ["list"], ["search", "--title", "x"], ["drop", "x"]):
        code, _, err = ill(*arguments)
        assert (code, err) == (1, "ill: the database has no tables for holdings yet; run: ill migrate\n")


def test_readers_neither_load_nor_drop_holdings(ill: Ill, tmp_path: Path, marc21: Any) -> None:
    (tmp_path / "dump.mrc").write_bytes(marc21(1, "三体"))
    assert ill("load", "dump.mrc")[0] == 0
    for arguments in (["load", "dump.mrc"], ["drop", "catalogue"]):
        code, out, err = ill(*arguments, "--as", "reader:R1")
        assert (code, out) == (1, "")
        assert "loaded and dropped by staff" in err
    assert ill("search", "--title", "三体")[0] == 0
