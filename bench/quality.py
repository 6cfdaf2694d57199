"""Documents checked: pages a second on one core, by kind of scan; each document by a fresh, confined process."""

import argparse
import json
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from statistics import median
from typing import Any

from measuring import calibration, conditions, table
from PIL import Image, ImageChops, ImageDraw, ImageFont
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from illcore.model import Citation
from illcore_delivery.quality import Limits, check

AIM = 20
TITLE = "Interlibrary lending of scarce periodicals"


def page(dpi: int, seed: int, colour: bool = False) -> Image.Image:
    """A4 as a scanner gives it: 45 lines of print and a picture, paper that is not even, noise of the sensor."""
    chance = random.Random(seed)
    width, height = round(8.27 * dpi), round(11.69 * dpi)
    sheet = Image.new("L", (width, height), 238)
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(dpi * 10 / 72)
    for row in range(45):
        words = ["".join(chance.choice("abcdefghilmnoprstu") for _ in range(chance.randint(2, 9))) for _ in range(12)]
        pen.text((dpi * 0.9, dpi * (0.9 + row * 15 / 72)), " ".join(words)[:70], fill=45, font=font)
    cloud = Image.effect_noise((40, 30), 90).resize((dpi * 3, dpi * 2), Image.Resampling.BICUBIC)
    sheet.paste(cloud, (dpi * 2, dpi * 5))
    noisy = ImageChops.add(sheet, Image.effect_noise((width, height), 6), 1, -128)
    if not colour:
        return noisy
    return Image.merge("RGB", (noisy, noisy, noisy.point(lambda level: level * 240 // 255)))


def jpegs(dpi: int, pages: int, colour: bool = False) -> bytes:
    """Grey or colour, packed as JPEG of quality 80."""
    sheets = [page(dpi, seed, colour) for seed in range(min(pages, 3))]
    out = BytesIO()
    chosen = [sheets[number % len(sheets)].copy() for number in range(pages)]
    chosen[0].save(out, "PDF", resolution=dpi, quality=80, save_all=True, append_images=chosen[1:])
    return out.getvalue()


def black_and_white(pages: int) -> bytes:
    """300 dpi, packed as fax group 4."""
    sheets = [page(300, seed).point(lambda level: 255 * (level > 150)).convert("1") for seed in range(min(pages, 3))]
    out = BytesIO()
    chosen = [sheets[number % len(sheets)].copy() for number in range(pages)]
    chosen[0].save(out, "PDF", resolution=300, save_all=True, append_images=chosen[1:])
    return out.getvalue()


def recognised(pages: int) -> bytes:
    """200 dpi grey with an invisible text layer of 45 lines a page, compared with what was asked for."""
    out, packed = BytesIO(), BytesIO()
    canvas = Canvas(out, pagesize=A4)
    page(200, 1).save(packed, "JPEG", quality=80)
    for number in range(101, 101 + pages):
        canvas.drawImage(ImageReader(packed), 0, 0, *A4)
        text = canvas.beginText(60, 780)
        text.setTextRenderMode(3)
        for line in [TITLE if number == 101 else "Journal", *["the staff of the lending department"] * 43, str(number)]:
            text.textLine(line)
        canvas.drawText(text)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def born_digital(pages: int) -> bytes:
    """Text and no pictures."""
    out = BytesIO()
    canvas = Canvas(out, pagesize=A4)
    for number in range(pages):
        text = canvas.beginText(60, 780)
        for _ in range(45):
            text.textLine("the staff of the lending department keep statistics of all transactions in the year")
        text.textLine(str(number))
        canvas.drawText(text)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def measured(path: Path, pages: int, expected: Citation | None, repeats: int) -> dict[str, Any]:
    """CPU of the confined process and of this one, and the time on the clock, for one document."""
    cpus, walls = [], []
    for _ in range(repeats):
        before, begun, own = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter(), time.process_time()
        report = check(path, expected, limits=Limits(thumbnails=60))
        walls.append(time.perf_counter() - begun)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        child = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        cpus.append(child + time.process_time() - own)
        if report.verdict != "pass" or report.pages != pages:
            sys.exit(f"{path.name}: {report.detail()}")
    size = path.stat().st_size
    cpu, wall = median(cpus), median(walls)
    return {"kilobytes": size / pages / 1000, "cpu": pages / cpu, "wall": pages / wall, "seconds": cpu}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one small repeat, to see that it runs")
    parser.add_argument("--json", action="store_true", help="the figures alone")
    options = parser.parse_args()
    pages, repeats = (2, 1) if options.quick else (10, 5)
    wanted = Citation(title_of_component=TITLE, pages=f"101-{100 + pages}", publication_type="Article")
    kinds: dict[str, tuple[Callable[[], bytes], int, Citation | None]] = {
        "grey, 300 dpi, JPEG": (lambda: jpegs(300, pages), pages, None),
        "grey, 200 dpi, JPEG": (lambda: jpegs(200, pages), pages, None),
        "grey, 200 dpi, text layer compared": (lambda: recognised(pages), pages, wanted),
        "black and white, 300 dpi, fax group 4": (lambda: black_and_white(pages), pages, None),
        "no scan, text alone": (lambda: born_digital(pages), pages, None),
    }
    if not options.quick:
        kinds["colour, 300 dpi, JPEG"] = (lambda: jpegs(300, pages, True), pages, None)
        kinds["colour, 200 dpi, JPEG"] = (lambda: jpegs(200, pages, True), pages, None)
        kinds["grey, 300 dpi, JPEG, 60 pages"] = (lambda: jpegs(300, 60), 60, None)
        kinds["grey, 300 dpi, JPEG, 1 page"] = (lambda: jpegs(300, 1), 1, None)
    with tempfile.TemporaryDirectory() as name:
        folder, before = Path(name), calibration()
        found = {}
        for kind, (make, count, expected) in kinds.items():
            path = folder / "document.pdf"
            path.write_bytes(make())
            found[kind] = measured(path, count, expected, repeats)
        if options.json:
            print(json.dumps(found, ensure_ascii=False))
            return
        print(conditions(folder, before, f"{pages} pages a document, median of {repeats}"))
    rows = [
        [kind, f"{one['kilobytes']:.0f}", f"{one['cpu']:.0f}", f"{AIM}", f"{one['wall']:.0f}", f"{one['seconds']:.2f}"]
        for kind, one in found.items()
    ]
    print(table(["scan", "kB a page", "pages/s of a core", "aim", "pages/s on the clock", "CPU s a document"], rows))


if __name__ == "__main__":
    main()
