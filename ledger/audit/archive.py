"""The file of an audit pack, read in bounded memory and time, without a byte unread.

A ZIP file can say one thing to one program and another to the next: parts beside those that its
directory lists, content behind a part's end, names that a program shortens. Such a file is refused.
"""

from __future__ import annotations

import os
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from typing import BinaryIO

from attrs import frozen

# Bounds in bytes: of all parts unpacked; of a line, or a part read at once; of the directory.
LARGEST = 2 * 2**30
LONGEST = 16 * 2**20
_LARGEST_DIRECTORY = 4096
_CHUNK = 2**20
_LOCAL_HEADER = struct.Struct("<4s5H3I2H")
_END = struct.Struct("<4s4H2IH")
_LOCATOR_SIZE = 20


@frozen
class _Part:
    at: int
    packed: int
    size: int
    crc: int
    deflated: bool


@frozen
class Archive:
    """The parts of a pack, by name; ``repeated`` are the names of several."""

    file: BinaryIO
    parts: dict[str, _Part]
    repeated: tuple[str, ...]

    @classmethod
    def of(cls, file: BinaryIO) -> Archive:
        """Raises ``ValueError`` where the file is not such an archive, or too large a one."""
        directory = _directory_position(file)
        parts: dict[str, _Part] = {}
        names: Counter[str] = Counter()
        with zipfile.ZipFile(file) as listed:
            entries = sorted(listed.infolist(), key=lambda one: one.header_offset)
        if sum(one.file_size for one in entries) > LARGEST:
            raise ValueError(f"unpacked it has more than the {LARGEST // 2**20} MB that are read")
        at = 0
        for entry in entries:
            name, parts[name] = _part(file, entry, at)
            names[name] += 1
            at = parts[name].at + parts[name].packed
        if at != directory:
            raise ValueError("it has bytes that are in none of its parts")
        return cls(file, parts, tuple(name for name, times in names.items() if times > 1))

    def lines(self, name: str) -> Iterator[bytes]:
        """The lines of a part, without their ends."""
        pending: list[bytes] = []
        length = 0
        for chunk in self.chunks(name):
            first, *more = chunk.split(b"\n")
            pending.append(first)
            length += len(first)
            for line in more:
                yield b"".join(pending)
                pending, length = [line], len(line)
            if length > LONGEST:
                raise ValueError(f"a line of {name} has more than {LONGEST // 2**20} MB")
        if length:
            raise ValueError(f"the last line of {name} has no end")

    def whole(self, name: str) -> bytes:
        """The content of a small part."""
        if name in self.parts and self.parts[name].size > LONGEST:
            raise ValueError(f"{name} has more than {LONGEST // 2**20} MB")
        return b"".join(self.chunks(name))

    def chunks(self, name: str) -> Iterator[bytes]:
        """The content of a part, at most a megabyte at a time. Raises ``ValueError`` where it is
        not there, or not what its header says."""
        part = self.parts.get(name)
        if part is None:
            raise ValueError(f"{name} is missing")
        crc = size = 0
        for chunk in _inflated(self._packed(part)) if part.deflated else self._packed(part):
            crc = zlib.crc32(chunk, crc)
            size += len(chunk)
            if size > part.size:
                break
            yield chunk
        if (size, crc) != (part.size, part.crc):
            raise ValueError(f"{name} is damaged")

    def _packed(self, part: _Part) -> Iterator[bytes]:
        for start in range(0, part.packed, _CHUNK):
            # Several parts are read by turns.
            self.file.seek(part.at + start)
            yield self.file.read(min(_CHUNK, part.packed - start))


def _directory_position(file: BinaryIO) -> int:
    """The position of the directory, which ends the file but for its end record."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _END.size - _LOCATOR_SIZE))
    tail = file.read()
    if len(tail) < _END.size or not tail[-_END.size :].startswith(b"PK\5\6"):
        raise ValueError("it does not end as a ZIP file without a comment does")
    *_, length, start, comment = _END.unpack(tail[-_END.size :])
    if comment or start + length + _END.size != size or tail.startswith(b"PK\6\7"):
        raise ValueError("its directory is not at its end")
    if length > _LARGEST_DIRECTORY:
        raise ValueError("it has far more parts than a pack")
    return int(start)


def _part(file: BinaryIO, entry: zipfile.ZipInfo, at: int) -> tuple[str, _Part]:
    """A part's name and place; its header must be at ``at`` and say what the directory says."""
    file.seek(at)
    header = _LOCAL_HEADER.unpack(file.read(_LOCAL_HEADER.size))
    signature, _, flags, method, _, _, crc, _, _, length, extra = header
    name = file.read(length)
    said = (b"PK\3\4", entry.flag_bits, entry.compress_type, entry.CRC)
    if entry.header_offset != at or (signature, flags, method, crc) != said:
        raise ValueError("its directory and its parts differ")
    if name != entry.orig_filename.encode() or method not in (
        zipfile.ZIP_STORED,
        zipfile.ZIP_DEFLATED,
    ):
        raise ValueError("a part is named or packed otherwise than those of a pack")
    begins = at + _LOCAL_HEADER.size + length + extra
    deflated = method == zipfile.ZIP_DEFLATED
    part = _Part(begins, entry.compress_size, entry.file_size, entry.CRC, deflated)
    return entry.orig_filename, part


def _inflated(packed: Iterator[bytes]) -> Iterator[bytes]:
    unpacking = zlib.decompressobj(-zlib.MAX_WBITS)
    for data in packed:
        waiting = data
        while chunk := unpacking.decompress(waiting, _CHUNK):
            yield chunk
            waiting = unpacking.unconsumed_tail
    if not unpacking.eof or unpacking.unused_data:
        raise ValueError("a part does not end where its header says")
