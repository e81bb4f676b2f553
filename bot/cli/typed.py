"""What is typed at the terminal, line by line, without a thread that would have to be waited for at the end."""

from __future__ import annotations

import asyncio
import codecs
import os
import sys
from collections.abc import AsyncIterator

_MOST_READ = 65_536


async def typed_lines() -> AsyncIterator[str]:
    """The lines of stdin, until it ends; what is no UTF-8 in them is replaced."""
    loop, descriptor = asyncio.get_running_loop(), sys.stdin.fileno()
    read: asyncio.Queue[bytes] = asyncio.Queue()
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    loop.add_reader(descriptor, lambda: read.put_nowait(os.read(descriptor, _MOST_READ)))
    begun = ""
    try:
        while chunk := await read.get():
            *lines, begun = (begun + decoder.decode(chunk)).split("\n")
            for line in lines:
                yield line
        if begun:
            yield begun
    finally:
        loop.remove_reader(descriptor)
