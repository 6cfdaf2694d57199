"""libyaz's ZOOM through cffi, for the comparison in bench/z3950.py; nothing else of the project uses either."""

from collections.abc import Callable, Sequence
from typing import Any

_LIBRARY = "libyaz.so.5"
_CONNECTED_OPTIONS = {"preferredRecordSyntax": "usmarc", "piggyback": "0", "timeout": "60"}
_DECLARATIONS = """
typedef struct ZOOM_options_p *ZOOM_options;
typedef struct ZOOM_connection_p *ZOOM_connection;
typedef struct ZOOM_resultset_p *ZOOM_resultset;
typedef struct ZOOM_record_p *ZOOM_record;
ZOOM_options ZOOM_options_create(void);
void ZOOM_options_set(ZOOM_options opt, const char *name, const char *v);
void ZOOM_options_destroy(ZOOM_options opt);
ZOOM_connection ZOOM_connection_create(ZOOM_options options);
void ZOOM_connection_connect(ZOOM_connection c, const char *host, int portnum);
void ZOOM_connection_destroy(ZOOM_connection c);
int ZOOM_connection_error(ZOOM_connection c, const char **cp, const char **addinfo);
ZOOM_resultset ZOOM_connection_search_pqf(ZOOM_connection c, const char *q);
void ZOOM_resultset_destroy(ZOOM_resultset r);
size_t ZOOM_resultset_size(ZOOM_resultset r);
void ZOOM_resultset_records(ZOOM_resultset r, ZOOM_record *recs, size_t start, size_t count);
ZOOM_record ZOOM_resultset_record_immediate(ZOOM_resultset s, size_t pos);
const char *ZOOM_record_get(ZOOM_record rec, const char *type, int *len);
int ZOOM_event(int no, ZOOM_connection *cs);
"""


class NoZoom(Exception):
    """ZOOM cannot be used here; the text says what is missing."""


class Zoom:
    """Searches with ZOOM: one connection after the other, or all in its event loop. Raises NoZoom at once."""

    def __init__(self) -> None:
        try:
            import cffi
        except ImportError:
            raise NoZoom("cffi is not installed, so libyaz is not measured: pip install cffi") from None
        self._ffi: Any = cffi.FFI()
        self._ffi.cdef(_DECLARATIONS)
        try:
            self._yaz: Any = self._ffi.dlopen(_LIBRARY)
        except OSError:
            raise NoZoom(f"{_LIBRARY} is not installed, so it is not measured (Debian package libyaz5)") from None

    def one_by_one(self, host: str, port: int, database: str, query: str, targets: int, records: int) -> int:
        """Connect, Init, search, present for each target before the next; returns the octets of the records."""
        octets = 0
        for _ in range(targets):
            connection = self._connection({"databaseName": database, "async": "0"})
            self._yaz.ZOOM_connection_connect(connection, f"{host}:{port}".encode(), 0)
            found = self._yaz.ZOOM_connection_search_pqf(connection, query.encode())
            self._check(connection)
            octets += self._octets(self._fetch(found, 0, records))
            self._check(connection)
            self._yaz.ZOOM_resultset_destroy(found)
            self._yaz.ZOOM_connection_destroy(connection)
        return octets

    def at_once(self, host: str, port: int, database: str, query: str, targets: int, records: int) -> int:
        """The same for all targets together."""
        options = {"databaseName": database, "async": "1", "count": str(records)}
        connections = [self._connection(options) for _ in range(targets)]
        found = []
        for connection in connections:
            self._yaz.ZOOM_connection_connect(connection, f"{host}:{port}".encode(), 0)
            found.append(self._yaz.ZOOM_connection_search_pqf(connection, query.encode()))
        array = self._ffi.new("ZOOM_connection[]", connections)
        while self._yaz.ZOOM_event(targets, array):
            pass
        octets = 0
        for connection, result in zip(connections, found, strict=True):
            self._check(connection)
            octets += self._octets(
                [self._yaz.ZOOM_resultset_record_immediate(result, place) for place in range(records)]
            )
            self._yaz.ZOOM_resultset_destroy(result)
            self._yaz.ZOOM_connection_destroy(connection)
        return octets

    def presenter(self, host: str, port: int, database: str, query: str) -> Callable[[int, int], int]:
        """A session that stays: gives the octets of `(start from 0, count)` records."""
        connection = self._connection({"databaseName": database, "async": "0"})
        self._yaz.ZOOM_connection_connect(connection, f"{host}:{port}".encode(), 0)
        found = self._yaz.ZOOM_connection_search_pqf(connection, query.encode())
        self._check(connection)
        return lambda start, count: self._octets(self._fetch(found, start, count))

    def _connection(self, own: dict[str, str]) -> Any:
        options = self._yaz.ZOOM_options_create()
        for name, value in (_CONNECTED_OPTIONS | own).items():
            self._yaz.ZOOM_options_set(options, name.encode(), value.encode())
        connection = self._yaz.ZOOM_connection_create(options)
        self._yaz.ZOOM_options_destroy(options)
        return connection

    def _fetch(self, found: Any, start: int, count: int) -> Sequence[Any]:
        records = self._ffi.new("ZOOM_record[]", count)
        self._yaz.ZOOM_resultset_records(found, records, start, count)
        return records

    def _octets(self, records: Sequence[Any]) -> int:
        length = self._ffi.new("int *")
        octets = 0
        for record in records:
            raw = self._yaz.ZOOM_record_get(record, b"raw", length) if record != self._ffi.NULL else self._ffi.NULL
            if raw == self._ffi.NULL:
                raise RuntimeError("libyaz gave no record")
            octets += len(self._ffi.buffer(raw, length[0])[:])
        return octets

    def _check(self, connection: Any) -> None:
        message, more = self._ffi.new("const char **"), self._ffi.new("const char **")
        if self._yaz.ZOOM_connection_error(connection, message, more):
            raise RuntimeError(f"libyaz: {self._ffi.string(message[0]).decode()}")
