"""Fly's proxy in front of one app: it holds a request while the machine wakes, and hands it on."""

import asyncio
import contextlib
import secrets
import socket
import time

from machines.sleepy import wire
from machines.sleepy.machine import Asleep, Connection, Machine
from machines.sleepy.wire import Head, Headers

REGION = "iad"
LINGER_S = 2
LISTEN_S = 3
LOOK_S = 0.1
CLOSE = ("Connection", "close")
SET_ALWAYS = frozenset({"x-forwarded-for", "x-forwarded-proto", "x-forwarded-ssl", "via"})
NO_BODY = frozenset({"204", "304"})
BROKEN = (asyncio.IncompleteReadError, asyncio.LimitOverrunError, wire.Malformed, OSError)


class Proxy:
    """One address: the public one of the frontend, or a ``keyarc-….flycast``."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    async def listen(self, sockets: list[socket.socket]) -> list[asyncio.Server]:
        """Serve on *sockets*, which are its own from now on."""
        return [await asyncio.start_server(self._talk, sock=each) for each in sockets]

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer request after request until one side hangs up."""
        try:
            while await self._exchange(reader, writer):
                pass
        except wire.Malformed:
            await _refuse(writer, "400 Bad Request")
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # it hung up, or broke off: nobody is left to tell
        except asyncio.CancelledError:
            pass  # the proxy ends; before 3.12 asyncio would tell of this as of an error
        finally:
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        asked = await wire.read_head(reader)
        if asked is None:
            return False
        length = max(asked.length, 0) if asked.length is not None else None
        try:
            async with self._machine.request() as machine:
                await _continue(asked, writer)
                machine[1].write(wire.head(asked.first, [*_told(asked, writer), CLOSE]))
                upload = asyncio.ensure_future(_pass(reader, length, machine[1]))
                watch = asyncio.ensure_future(_give_up(reader, machine[1]))
                try:
                    stays = await self._answer(asked, machine, writer)
                    # Whoever still sends would lose the answer if the connection closed at once.
                    await asyncio.wait({upload}, timeout=LINGER_S)
                    return stays and upload.done()
                finally:
                    upload.cancel()
                    watch.cancel()
        except Asleep:
            return await _refuse(writer, "503 Service Unavailable")

    async def _answer(self, asked: Head, machine: Connection, writer: asyncio.StreamWriter) -> bool:
        """Hand the answer on as it comes; True where another request may follow."""
        try:
            answer = await wire.read_head(machine[0])
            length = answer.length if answer else 0
        except BROKEN:
            answer = None
        if answer is None:
            return await _refuse(writer, "502 Bad Gateway")
        self._machine.answered()
        status = answer.first.split(" ")[1]
        if asked.first.startswith("HEAD ") or status in NO_BODY:
            length = 0
        stays = not asked.closes and length != -1
        headers = [each for each in answer.passing if not each[0].lower().startswith("fly-")]
        headers += [("Via", "1.1 fly.io")] if stays else [("Via", "1.1 fly.io"), CLOSE]
        writer.write(wire.head(answer.first, headers))
        async for block in wire.body(machine[0], length):
            writer.write(block)
            await writer.drain()
        return stays


def _told(asked: Head, writer: asyncio.StreamWriter) -> Headers:
    """Return the headers for the machine: the client's, without those that only the proxy sets."""
    client, own = (writer.get_extra_info(name) for name in ("peername", "sockname"))
    address, port = client[0].removeprefix("::ffff:"), str(own[1])
    kept = [
        (name, value)
        for name, value in asked.passing
        if not name.lower().startswith("fly-") and name.lower() not in SET_ALWAYS | {"expect"}
    ]
    if not asked.values("X-Forwarded-Port"):  # a client may say this one by itself
        kept.append(("X-Forwarded-Port", port))
    return [
        *kept,
        ("Fly-Client-IP", address),
        ("Fly-Forwarded-Port", port),
        ("Fly-Region", REGION),
        ("Fly-Request-Id", f"{secrets.token_hex(13).upper()}-{REGION}"),
        ("Via", ", ".join([*asked.values("Via"), "1.1 fly.io"])),
        ("X-Forwarded-For", ", ".join([*asked.values("X-Forwarded-For"), address, own[0]])),
        ("X-Forwarded-Proto", "http"),
        ("X-Forwarded-Ssl", "off"),
        ("X-Request-Start", f"t={time.time_ns() // 1000}"),
    ]


async def _continue(asked: Head, writer: asyncio.StreamWriter) -> None:
    if "100-continue" in (each.lower() for each in asked.values("Expect")):
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        await writer.drain()


async def _pass(
    reader: asyncio.StreamReader, length: int | None, writer: asyncio.StreamWriter
) -> None:
    """Hand a request's body on, to its end even where the machine has answered before that."""
    try:
        async for block in wire.body(reader, length):
            if not writer.is_closing():
                writer.write(block)
                with contextlib.suppress(OSError):
                    await writer.drain()
    except BROKEN:
        writer.transport.abort()  # it must not wait for the rest


async def _give_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Ask the machine no more once nobody listens: a hung one would be kept awake for ever.

    Who has only said all that it will ever say looks the same, and so is given some time.
    """
    while not reader.at_eof():  # noqa: ASYNC110 # a reader tells nobody of its end
        await asyncio.sleep(LOOK_S)
    await asyncio.sleep(LISTEN_S)
    writer.transport.abort()


async def _refuse(writer: asyncio.StreamWriter, status: str) -> bool:
    headers = [("Content-Length", "0"), ("Via", "1.1 fly.io"), CLOSE]
    with contextlib.suppress(OSError):
        writer.write(wire.head(f"HTTP/1.1 {status}", headers))
        await writer.drain()
    return False
