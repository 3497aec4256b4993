"""Files as streams of bytes, lines and sections of bounded size, unpacked where they are packed."""

import codecs
import zlib
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Protocol, TypeAlias

from uniner.records import ConfigError, InputError

Advance: TypeAlias = Callable[[int], object]
"""Is told how many bytes of a source have been read since the last time."""

CHUNK = 1 << 18
SECTION = 100_000
"""Characters of a document that are cut into passages at a time."""


class Unpacker(Protocol):
    """Unpacks one member of a compressed file; zlib and zstandard both give such."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, /) -> bytes: ...


def read_chunks(path: str, advance: Advance) -> Iterator[bytes]:
    """The bytes of a file, `.gz` and `.zst` unpacked; InputError where it is damaged or cut off."""
    packed = read_packed(path, advance)
    if path.lower().endswith(".gz"):
        return unpack(path, packed, lambda: zlib.decompressobj(zlib.MAX_WBITS | 16), zlib.error)
    if path.lower().endswith(".zst"):
        try:
            import zstandard
        except ImportError:
            raise ConfigError(
                f"{path}: reading .zst needs zstandard: pip install 'uniner[corpus]'"
            ) from None
        engine = zstandard.ZstdDecompressor(max_window_size=1 << 31)
        return unpack(path, packed, engine.decompressobj, zstandard.ZstdError)
    return packed


def read_packed(path: str, advance: Advance) -> Iterator[bytes]:
    """The bytes of a file as they are."""
    try:
        with open(path, "rb") as stream:  # noqa: PTH123
            while chunk := stream.read(CHUNK):
                advance(len(chunk))
                yield chunk
    except OSError as error:
        raise InputError(f"{path}: not readable ({error.strerror})") from None


def unpack(
    path: str, chunks: Iterable[bytes], start: Callable[[], Unpacker], failure: type[Exception]
) -> Iterator[bytes]:
    """Unpack a file of one compressed member after another."""
    engine: Unpacker | None = None
    try:
        for chunk in chunks:
            rest = chunk if engine else chunk.lstrip(b"\0")  # padding after a member
            while rest:
                engine = engine or start()
                yield engine.decompress(rest)
                rest = b""
                if engine.eof:
                    rest, engine = engine.unused_data.lstrip(b"\0"), None
    except failure as error:
        raise InputError(f"{path}: damaged, or not compressed as its name says ({error})") from None
    if engine is not None:
        raise InputError(f"{path}: ends amid compressed data, so it is cut off; get it whole")


def split_lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The lines of a file without their ends."""
    parts: list[bytes] = []
    for chunk in chunks:
        first, *others = chunk.split(b"\n")
        parts.append(first)
        if others:
            yield b"".join(parts)
            yield from others[:-1]
            parts = [others[-1]]
    if last := b"".join(parts):
        yield last


def decode(path: str, chunks: Iterable[bytes]) -> Iterator[str]:
    """The text of a file; InputError names the line that is not UTF-8 or has NUL bytes."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    line = 1
    for data, final in chain(((chunk, False) for chunk in chunks), [(b"", True)]):
        try:
            text = decoder.decode(data, final)
        except UnicodeDecodeError as error:
            line += error.object.count(b"\n", 0, error.start)
            raise InputError(
                f"{path}:{line}: not UTF-8 (byte {error.object[error.start]:#04x}); "
                "convert it, for example with iconv -t UTF-8"
            ) from None
        if "\0" in text:
            line += text.count("\n", 0, text.index("\0"))
            raise InputError(f"{path}:{line}: not a text, it has NUL bytes; give text in UTF-8")
        line += text.count("\n")
        yield text


def cut_sections(pieces: Iterable[str]) -> Iterator[str]:
    """A text in sections of at most SECTION characters, which end at a blank line if they can.

    It comes in pieces of any size; where they end makes no difference.
    """
    text = ""
    for piece in pieces:
        text += piece
        start = 0
        while len(text) - start > SECTION:
            end = find_break(text, start, start + SECTION)
            yield text[start:end]
            start = end
        text = text[start:]
    if text:
        yield text


def find_break(text: str, start: int, stop: int) -> int:
    """The best place to cut in the second half of [start, stop)."""
    for mark in ("\n\n", "\n\r\n", "\n", ". ", "。", " "):
        at = text.rfind(mark, (start + stop) // 2, stop)
        if at >= 0:
            return at + len(mark)
    return stop
