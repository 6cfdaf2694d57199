"""`ill stats`: what a person and what a program gets, also from an empty library."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from illcore.cli import app

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def ill(tmp_path: Path, capsys: pytest.CaptureFixture[str], request: pytest.FixtureRequest) -> Run:
    """Runs a command on a new, empty library; gives exit code, stdout, stderr."""
    config = str(tmp_path / "ill.toml")
    language = getattr(request, "param", "en")
    assert app.run(["init", "--library", "ISIL:OWN", "--language", language, "--config", config]) == 0
    capsys.readouterr()

    def run(*arguments: str) -> tuple[int, str, str]:
        code = app.run([*arguments, "--config", config])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


@pytest.mark.parametrize(
    ("ill", "texts"),
    [("en", ("Borrowing", "Lending", "Fill rate", "0 / 0", "Filled ÷")), ("zh", ("借入", "借出", "满足率", "满足 ÷"))],
    indirect=["ill"],
)
def test_the_table_is_in_the_librarys_language_and_says_its_basis(ill: Run, texts: tuple[str, ...]) -> None:
    code, out, err = ill("stats", "--by", "partner", "--since", "2026-01-01", "--until", "2026-12-31")
    assert (code, err) == (0, "")
    assert "2026-01-01 – 2026-12-31" in out
    for text in texts:
        assert text in out


def test_json_by_either_option_is_the_same_and_names_its_period(ill: Run) -> None:
    options = ("--since", "2026-01-01", "--until", "2026-12-31", "--basis", "closed", "--by", "month")
    first, second = (json.loads(ill("stats", *options, *as_)[1]) for as_ in (("--json",), ("--format", "json")))
    first.pop("generated_at"), second.pop("generated_at")
    assert first == second
    assert (first["since"], first["until"], first["basis"]) == ("2026-01-01", "2026-12-31", "closed")
    assert first["roles"]["requester"]["fill_rate"]["value"] is None
    assert first["groups"] == []


def test_csv_reads_back_and_only_the_role_asked_for_is_in_it(ill: Run) -> None:
    code, out, _ = ill("stats", "--format", "csv", "--role", "supplier")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert code == 0
    assert {row["role"] for row in rows} == {"supplier"}
    assert next(row["value"] for row in rows if row["figure"] == "fill_rate") == ""


@pytest.mark.parametrize(
    ("options", "code", "sentence"),
    [
        (
            ["--by", "moth"],
            2,
            "--by moth: write partner, month, service_type, publication_type, category or department",
        ),
        (["--since", "yesterday"], 2, "--since yesterday: write a day as YYYY-MM-DD"),
        (["--since", "2026-02-02", "--until", "2026-02-01"], 2, "--since 2026-02-02 is after --until 2026-02-01"),
        (["--format", "xml"], 2, "--format xml: write table, json or csv"),
        (["--role", "reader"], 2, "--role reader: write requester or supplier"),
        (["--basis", "sent"], 2, "--basis sent: write created or closed"),
        (["--as", "staff:anna:librarian"], 1, "reports are for supervisors"),
        (["--as", "reader:R1"], 1, "reports are for supervisors"),
    ],
)
def test_what_cannot_be_shown_is_told_in_one_sentence(ill: Run, options: list[str], code: int, sentence: str) -> None:
    ended, out, err = ill("stats", *options)
    assert (ended, out) == (code, "")
    assert sentence in err
    assert err.count("\n") == 1
