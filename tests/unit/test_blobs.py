"""Bytes of documents: whole or not there, one file a document and request, and no way out of the folder."""

import hashlib
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from illcore.blobs import Blobs, FolderBlobs, open_blobs
from illcore.errors import ConfigError, Invalid, NotFound

LIBRARY = "ISIL:CN-110001"
SCAN = b"%PDF-1.7\n" + b"x" * 5000
SHA = hashlib.sha256(SCAN).hexdigest()


@pytest.fixture(params=["folder", "fsspec"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    if request.param == "folder":
        return open_blobs(str(tmp_path / "documents"))
    pytest.importorskip("fsspec", reason="fsspec is not installed: pip install 'illcore[stores]'")
    return open_blobs(f"local://{tmp_path / 'remote'}")


def test_what_was_put_comes_back(blobs):
    blob = blobs.put(LIBRARY, "R1", [SCAN[:10], SCAN[10:]], 10_000)
    assert (blob.sha256, blob.size, blob.head) == (SHA, len(SCAN), SCAN[:1024])
    with blobs.local(LIBRARY, "R1", SHA) as path:
        assert path.read_bytes() == SCAN
    (found,) = blobs.all()
    assert (found.library, found.request_id, found.sha256, found.size) == (LIBRARY, "R1", SHA, len(SCAN))
    assert found.written_at.tzinfo is UTC


def test_requests_share_no_file_so_deleting_really_deletes(blobs):
    for request in ("R1", "R2"):
        blobs.put(LIBRARY, request, [SCAN], 10_000)
    assert blobs.delete(LIBRARY, "R1", SHA)
    assert not blobs.delete(LIBRARY, "R1", SHA)
    with pytest.raises(NotFound), blobs.local(LIBRARY, "R1", SHA):
        pass
    assert [blob.request_id for blob in blobs.all()] == ["R2"]


@pytest.mark.parametrize(("chunks", "said"), [([SCAN], "larger than 100 bytes"), ([], "is empty"), ([b""], "is empty")])
def test_what_is_too_large_or_empty_leaves_nothing_behind(blobs, chunks, said):
    with pytest.raises(Invalid, match=said):
        blobs.put(LIBRARY, "R1", chunks, 100)
    assert list(blobs.all()) == []


def test_an_interrupted_upload_leaves_nothing_behind(blobs):
    def broken():
        yield SCAN[:100]
        raise ConnectionResetError("the line broke")

    with pytest.raises(ConnectionResetError):
        blobs.put(LIBRARY, "R1", broken(), 10_000)
    assert list(blobs.all()) == []


def test_a_part_that_a_crash_left_is_found_and_dropped(tmp_path):
    blobs = FolderBlobs(tmp_path)
    blobs.put(LIBRARY, "R1", [SCAN], 10_000)
    part = tmp_path / LIBRARY / "R1" / ".part-abc"
    part.write_bytes(b"half")
    os.utime(part, (1_700_000_000, 1_700_000_000))
    (left,) = [blob for blob in blobs.all() if not blob.sha256]
    assert left.written_at == datetime.fromtimestamp(1_700_000_000, UTC)
    blobs.drop(left)
    assert [blob.sha256 for blob in blobs.all()] == [SHA]


def test_files_lie_under_library_request_and_sum_and_only_the_owner_reads_them(tmp_path):
    FolderBlobs(tmp_path / "d").put(LIBRARY, "R1", [SCAN], 10_000)
    path = tmp_path / "d" / LIBRARY / "R1" / SHA
    assert path.read_bytes() == SCAN
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("request_id", "sha256"), [("../R1", SHA), ("R1", "../" + SHA[3:]), ("", SHA), ("R1", SHA.upper()), (".", SHA)]
)
def test_names_that_lead_elsewhere_are_not_found(blobs, request_id, sha256):
    with pytest.raises(NotFound), blobs.local(LIBRARY, request_id, sha256):
        pass


@given(st.text(max_size=62))
def test_a_library_never_leads_out_of_the_folder(tmp_path_factory, name):
    root = tmp_path_factory.mktemp("blobs")
    FolderBlobs(root / "documents").put(f"X:{name}", "R1", [SCAN], 10_000)
    (file,) = [path for path in root.rglob("*") if path.is_file()]
    assert file.parts[len(root.parts)] == "documents"
    assert len(file.parts) == len(root.parts) + 4
    blobs = FolderBlobs(root / "documents")
    with blobs.local(f"X:{name}", "R1", SHA) as path:
        assert path == file
    (blob,) = blobs.all()
    blobs.drop(blob)
    assert not file.exists()


def test_a_store_that_cannot_be_used_says_so(tmp_path):
    with pytest.raises(ConfigError, match="nosuchstore"):
        open_blobs("nosuchstore://bucket/documents")


def test_deleting_the_last_file_takes_none_that_comes_at_that_moment(tmp_path, monkeypatch):
    blobs = FolderBlobs(tmp_path)
    blobs.put(LIBRARY, "R1", [SCAN], 10_000)
    real, came = Path.iterdir, []

    def looked(folder: Path):
        found = list(real(folder))
        if not came and not found:
            came.append(folder)
            blobs.put(LIBRARY, "R1", [SCAN + b"new"], 10_000)
        return iter(found)

    monkeypatch.setattr(Path, "iterdir", looked)
    assert blobs.delete(LIBRARY, "R1", SHA)
    monkeypatch.undo()
    kept = [blob.size for blob in blobs.all()]
    assert kept == ([len(SCAN) + 3] if came else [])
