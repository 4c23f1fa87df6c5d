"""A name server for one name, which may not be known yet."""

import socketserver
import struct
import threading

A, AAAA = 1, 28
NO_SUCH_NAME = 3


class Names:
    """Answers for *name* with 127.0.0.1 once it is *known*, on a port of its own."""

    def __init__(self, name: str) -> None:
        self.known = False
        names = self
        wanted = b"".join(bytes([len(part)]) + part.encode() for part in name.split(".")) + b"\0"

        class Handler(socketserver.DatagramRequestHandler):
            def handle(self) -> None:
                asked = self.rfile.read()
                question = asked[12 : asked.index(b"\0", 12) + 5]
                there = names.known and question[:-4].lower() == wanted
                kind = int.from_bytes(question[-4:-2])
                found = there and kind == A
                flags = 0x8180 | (0 if there else NO_SUCH_NAME)
                self.wfile.write(asked[:2] + struct.pack(">HHHHH", flags, 1, found, 0, 0))
                self.wfile.write(question)
                if found:
                    answer = struct.pack(">HHHIH4B", 0xC00C, A, 1, 60, 4, 127, 0, 0, 1)
                    self.wfile.write(answer)

        self._server = socketserver.ThreadingUDPServer(("127.0.0.1", 0), Handler)
        self.address = f"127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        """Answer no more."""
        self._server.shutdown()
        self._server.server_close()
