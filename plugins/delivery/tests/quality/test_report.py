"""What a report says and carries: texts in both languages, policy, thumbnails, duplicates, limits."""

from collections.abc import Callable
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
from PIL import Image

from illcore_delivery.quality import Limits, Report, check
from illcore_delivery.quality.codes import CODES, WORDS
from illcore_delivery.quality.confined import run

Checked = Callable[..., Report]


def test_a_file_that_was_rejected_before_is_known_again(draw: Any, checked: Checked) -> None:
    data = draw.printed(["Errata to volume 12"])
    report = checked(data, earlier={"0" * 64, sha256(data).hexdigest()})
    assert report.sha256 == sha256(data).hexdigest()
    assert (report.verdict, report.findings[0].code) == ("fail", "duplicate")


def test_the_report_is_what_hooks_and_scripts_expect(draw: Any, checked: Checked) -> None:
    report = checked(draw.scanned(draw.scan(), draw.flat(250)))
    assert report.detail() == {
        "verdict": "review",
        "pages": 2,
        "findings": [
            {"code": "blank_page", "page": 2, "text": "The page is blank."},
            {
                "code": "no_text_layer",
                "page": None,
                "text": "There is no text layer: it cannot be searched, read aloud or compared with a title.",
            },
        ],
    }
    assert report.detail("zh")["findings"][0]["text"] == "空白页。"


def test_every_page_has_a_thumbnail(draw: Any, checked: Checked) -> None:
    report = checked(draw.scanned(draw.scan(), draw.scan(rows=20)), thumbnail_pixels=120)
    assert [one.page for one in report.thumbnails] == [1, 2]
    for one in report.thumbnails:
        with Image.open(BytesIO(one.data)) as picture:
            assert (picture.format, max(picture.size)) == ("JPEG", 120)


def test_thumbnails_are_no_more_than_wanted(draw: Any, checked: Checked) -> None:
    assert len(checked(draw.printed(*[["Errata to volume 12"]] * 5), thumbnails=2).thumbnails) == 2


def test_a_library_may_weigh_a_finding_differently(draw: Any, checked: Checked) -> None:
    data = draw.scanned(draw.scan(), draw.flat(250))
    assert checked(data, severities={"blank_page": "info"}).verdict == "pass"
    assert checked(data, severities={"blank_page": "fail"}).verdict == "fail"
    with pytest.raises(ValueError, match="no finding is called blankpage"):
        Limits(severities={"blankpage": "info"})


def test_of_many_alike_the_first_are_listed_and_the_others_counted(draw: Any, checked: Checked) -> None:
    report = checked(draw.printed(*[[]] * 9), many_same=3, severities={"blank_page": "review"})
    blank = [(one.page, one.text.en) for one in report.findings if one.code == "blank_page"]
    assert [page for page, _ in blank] == [1, 2, 3, None]
    assert blank[-1][1] == "The same on 6 further pages."


def test_when_time_is_up_the_report_says_what_was_not_looked_at(draw: Any, checked: Checked) -> None:
    report = checked(draw.printed(*[["Errata"]] * 3), looking_share=0.0)
    assert report.verdict == "review"
    assert report.findings[0].text.en == "Time was up: pages from 1 to 3 were not looked at."


def test_a_deadline_shortens_the_time_and_never_lengthens_it() -> None:
    assert Limits().within(5).wall_seconds == 5
    assert Limits(wall_seconds=3).within(60).wall_seconds == 3
    assert Limits().within(-1).wall_seconds > 0


def test_a_picture_that_needs_more_memory_than_allowed_is_a_finding(draw: Any, checked: Checked) -> None:
    page = draw.image_file("PNG", Image.new("1", (12_000, 12_000), 1))
    report = checked(page, name="a.png", memory_mb=256)
    assert [one.code for one in report.findings if one.severity == "fail"] == ["too_heavy"]
    assert report.findings[0].page == 1


def test_what_was_seen_before_a_breakdown_is_kept(draw: Any, checked: Checked) -> None:
    pages = [draw.flat(255, 100).convert("1"), Image.new("1", (12_000, 12_000), 1)]
    report = checked(draw.image_file("TIFF", *pages, compression="group4"), name="a.tif", memory_mb=256)
    assert {(one.code, one.page) for one in report.findings} >= {("too_heavy", 2), ("blank_page", 1)}
    assert [one.page for one in report.thumbnails] == [1]


def test_an_interpreter_that_does_not_work_is_a_finding(draw: Any, checked: Checked) -> None:
    report = checked(draw.printed(["Errata"]), python="/bin/false")
    assert (report.verdict, [one.code for one in report.findings]) == ("fail", ["crashed"])


def test_the_process_can_neither_write_files_nor_see_the_environment(tmp_path: Path, monkeypatch: Any) -> None:
    """It is given an order that it must refuse: to write more than a check may."""
    monkeypatch.setenv("ILL_SECRET", "x")
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.7\n")
    said = run(
        "repair",
        {
            "path": str(tmp_path / "a.pdf"),
            "output": str(tmp_path / "out.pdf"),
            "writes": 0,
            "rotate": 0,
            "crop": [0, 0, 0, 0],
            "pages": [],
            "drop_blank": False,
        },
        Limits(),
    )
    assert said.lines[-1]["refused"] == "unreadable"
    assert not (tmp_path / "out.pdf").exists()


def test_a_file_that_is_not_there_is_an_error_of_the_caller(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        check(tmp_path / "none.pdf")


def test_names_with_spaces_and_hanzi_are_files_like_others(draw: Any, checked: Checked) -> None:
    assert checked(draw.printed(["Errata to volume 12"]), name="三体 (1).PDF").verdict == "pass"


def test_text_from_a_document_cannot_steer_a_terminal(draw: Any, checked: Checked) -> None:
    from illcore_delivery.quality.report import Found, findings_of

    (one,) = findings_of([Found("dangerous_link", None, {"target": "file:\x1b[2J\n" + "x" * 999})], Limits())
    assert "\x1b" not in one.text.en
    assert "\n" not in one.text.en
    assert len(one.text.en) < 300


@pytest.mark.parametrize("code", CODES)
def test_a_finding_says_the_same_in_both_languages(code: str) -> None:
    def names(text: str) -> set[str | None]:
        return {name for _, name, _, _ in Formatter().parse(text) if name}

    assert CODES[code].en.endswith((".", "”."))
    assert CODES[code].zh.endswith("。")
    assert names(CODES[code].zh) == names(CODES[code].en)


def test_the_readme_explains_every_code_as_it_is() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    rows = [tuple(cell.strip(" `") for cell in line.split("|")[1:3]) for line in readme.splitlines() if "| `" in line]
    assert [row for row in rows if row[0] in CODES] == [(code, CODES[code].severity) for code in CODES]


def test_every_word_has_both_languages() -> None:
    assert all(en and zh for en, zh in WORDS.values())
