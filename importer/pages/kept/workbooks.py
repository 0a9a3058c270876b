"""Workbooks that were sent to the pages, each in a folder named by its content."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from importer.pages.kept.clearing import clear
from importer.pages.kept.commands import words_of_running
from importer.pages.page import Upload
from importer.pages.site import Site
from importer.workbook.archive import WorkbookFile, read_file
from ledger.database.settings import data_directory
from ledger.errors import AdmsyncError, UsageRefused
from ledger.runs.states import unfinished_runs

_DIGEST = re.compile(r"[0-9a-f]{64}")
_USUAL = "workbook.xlsx"
_LONGEST = 120  # bytes of a name; a receipt's is longer
RECEIPTS, PLANS = "receipts", "plans"
MOST_WORKBOOKS = 200


def keep(site: Site, upload: Upload | None, read: Callable[[WorkbookFile], object]) -> str:
    """Keeps a workbook, and clears old ones; returns its digest. Raises ``UsageRefused`` where none
    was sent, and what ``read`` raises of one that is not of its kind."""
    if upload is None or not upload.content:
        raise UsageRefused("no workbook was chosen; choose an .xlsx file")
    digest = hashlib.sha256(upload.content).hexdigest()
    name = _file_name(upload.name)
    read(WorkbookFile(name, upload.content))
    folder = _folder(site.environ, digest)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not _kept(folder):
            (folder / name).write_bytes(upload.content)
        else:
            folder.touch()
    except OSError as problem:
        raise AdmsyncError(
            f"the workbook cannot be kept in {folder}: {problem.strerror}; see ADMSYNC_DATA_DIR"
        ) from problem
    clear(folder.parent, MOST_WORKBOOKS, {digest, *_needed(site)}.__contains__)
    return digest


def _needed(site: Site) -> Iterator[str]:
    """The workbooks whose import goes on, or may."""
    with site.database.driver_transaction() as connection:
        for run in unfinished_runs(connection):
            yield str(run.options.get("digest"))
    for words in words_of_running(site.environ):
        for word in words:
            yield from _DIGEST.findall(word)


def path_of(environ: Mapping[str, str], digest: str) -> Path:
    """Where a workbook is kept. Raises ``UsageRefused`` where it is not, or no longer."""
    found = _kept(_folder(environ, digest)) if _DIGEST.fullmatch(digest) else None
    if found is None:
        raise UsageRefused("that workbook is not kept here; drop it again")
    return found


def read_kept(environ: Mapping[str, str], digest: str) -> WorkbookFile:
    """A kept workbook. Raises as ``path_of`` does, and where the file is another one by now."""
    file = read_file(path_of(environ, digest))
    if file.digest != digest:
        raise UsageRefused("that workbook was changed where it is kept; drop it again")
    return file


def receipt_path(environ: Mapping[str, str], digest: str, name: str) -> Path:
    """Where the receipt of an import of a workbook is to be written."""
    folder = path_of(environ, digest).parent / RECEIPTS
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder / f"{name}.xlsx"


def plan_path(environ: Mapping[str, str], digest: str, plan: str) -> Path:
    """Where a plan of a workbook, named by its own digest, is to be kept. Raises ``UsageRefused``
    where that is no digest."""
    folder = path_of(environ, digest).parent / PLANS
    if not _DIGEST.fullmatch(plan):
        raise UsageRefused("no plan is called that; look at the workbook again")
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder / f"{plan}.plan"


def is_receipt(environ: Mapping[str, str], path: Path) -> bool:
    """Whether a path is a receipt that these pages had written."""
    own = data_directory(environ).resolve() / "pages" / "workbooks"
    return path.parent.name == RECEIPTS and path.resolve().is_relative_to(own)


def _folder(environ: Mapping[str, str], digest: str) -> Path:
    return data_directory(environ).absolute() / "pages" / "workbooks" / digest


def _kept(folder: Path) -> Path | None:
    found = [one for one in folder.iterdir() if one.is_file()] if folder.is_dir() else []
    return found[0] if found else None


def _file_name(sent: str) -> str:
    """The name of a file as it was sent, without folders, and no name that means another file."""
    name = re.split(r"[/\\]", sent)[-1].strip()
    as_bytes = name.encode("utf-8", "replace")
    if name in ("", ".", "..") or name.startswith("-") or len(as_bytes) > _LONGEST:
        return _USUAL
    return name.replace("\0", "")
