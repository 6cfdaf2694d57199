"""Downloads through a link: megabytes per second over loopback, from a real uvicorn in a process of its own."""

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from measuring import Spent, calibration, conditions, spent, table

FLOOR = 200
OURS = "ISIL:CN-110001"
MEGABYTE = 1_000_000
PIECE = 1 << 20


def serve(folder: Path, links: int, number: int) -> None:
    """The server's process: makes the links, prints their tokens, answers on the socket of that number."""
    import uvicorn

    import illcore_delivery
    from illcore.calls import deliver_call
    from illcore.cli.web import application
    from illcore.dispatch import Dispatch
    from illcore.engine import Engine
    from illcore.hooktypes import DeliveryOrder, DocumentFile
    from illcore.message import Address
    from illcore.testing.fakes import given

    config = {
        "library": OURS,
        "database": f"sqlite:///{folder}/ill.db",
        "accounts": {"delivery:main": {"views": 10_000}},
    }
    point = given(illcore_delivery, "delivery", "illcore-delivery")
    Engine.migrate(config=config, plugins=[point])
    engine = Engine.open(config=config, plugins=[point])
    dispatch: Dispatch = engine._dispatch
    files = (DocumentFile(name="scan.pdf", path=folder / "scan.pdf"),)
    for n in range(links):
        order = DeliveryOrder(library=OURS, request_id="01JH0000000000R1", to=Address(), files=files)
        receipt = dispatch.one(deliver_call("delivery:main", order, f"r:{n}:1", 120.0)).result()
        print(receipt.detail["url"].rpartition("/")[2], flush=True)
    settings = uvicorn.Config(application(engine, lambda: "none"), lifespan="off", log_level="error")
    uvicorn.Server(settings).run(sockets=[socket.socket(fileno=number)])


@contextmanager
def served(folder: Path, links: int) -> Iterator[tuple[tuple[str, int], list[str], int]]:
    """Where a server listens, the paths of its links, and its process id."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(64)
        number = listening.fileno()
        command = [sys.executable, __file__, "--serve", str(folder), str(links), str(number)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, pass_fds=(number,)) as server:
            assert server.stdout is not None
            try:
                yield (
                    listening.getsockname(),
                    [f"/d/{server.stdout.readline().strip()}" for _ in range(links)],
                    server.pid,
                )
            finally:
                server.terminate()


def download(address: tuple[str, int], path: str, begin: int, end: int, buffer: bytearray) -> int:
    """Fetch a part over a bare socket, so that the client is not what is measured; gives the bytes of the body."""
    with socket.create_connection(address) as connection:
        head = f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nRange: bytes={begin}-{end}\r\n\r\n"
        connection.sendall(head.encode())
        got = b""
        while b"\r\n\r\n" not in got:
            got += connection.recv(65536)
        headers, _, body = got.partition(b"\r\n\r\n")
        if not headers.startswith(b"HTTP/1.1 206"):
            raise SystemExit(headers.decode())
        size = len(body)
        while more := connection.recv_into(buffer):
            size += more
        return size


def cpu_of(process: int) -> float:
    """Seconds of CPU that a process has used so far."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measured(address: tuple[str, int], paths: list[str], size: int, ranges: int, process: int) -> Spent:
    """One download for each path, at once, each in so many ranges; CPU is the server's."""
    step = -(-size // ranges)

    def one(path: str) -> None:
        buffer = bytearray(PIECE)
        got = sum(download(address, path, n * step, min(size, (n + 1) * step) - 1, buffer) for n in range(ranges))
        if got != size:
            raise SystemExit(f"{got} bytes of {size} came")

    before = cpu_of(process)
    with ThreadPoolExecutor(len(paths)) as pool:
        wall = spent(lambda: list(pool.map(one, paths))).wall
    return Spent(wall, cpu_of(process) - before)


CASES = {"one file, whole": (1, 1), "one file, 10 ranges": (1, 10), "4 readers at once": (4, 1)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one small repeat, to see that it runs")
    parser.add_argument("--json", action="store_true", help="the figures alone")
    parser.add_argument("--serve", nargs=3, metavar=("FOLDER", "LINKS", "SOCKET"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        serve(Path(given.serve[0]), int(given.serve[1]), int(given.serve[2]))
        return
    size, repeats = (20 * MEGABYTE, 1) if given.quick else (500 * MEGABYTE, 5)
    figures: dict[str, list[Spent]] = {name: [] for name in CASES}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with (folder / "scan.pdf").open("wb") as file:
            for _ in range(size // MEGABYTE):
                file.write(os.urandom(MEGABYTE))
        before = calibration()
        with served(folder, 4) as (address, paths, process):
            for _ in range(repeats):
                for case, (readers, ranges) in CASES.items():
                    figures[case].append(measured(address, paths[:readers], size, ranges, process))
                    time.sleep(0.1)
        told = conditions(folder, before, f"{repeats} repeats, files of {size // MEGABYTE} MB")
    rates = {
        case: {
            "mb_per_s": size / MEGABYTE * readers / median(each.wall for each in figures[case]),
            "cpu_ms_per_100_mb": 1e5 * median(each.cpu for each in figures[case]) / (size / MEGABYTE * readers),
        }
        for case, (readers, _) in CASES.items()
    }
    if given.json:
        print(json.dumps(rates))
        return
    print(told)
    rows = [
        [case, f"{rate['mb_per_s']:.0f}", str(FLOOR), f"{rate['cpu_ms_per_100_mb']:.0f}"]
        for case, rate in rates.items()
    ]
    print(table(["download", "MB/s", "floor", "server's CPU, ms per 100 MB"], rows))


if __name__ == "__main__":
    main()
