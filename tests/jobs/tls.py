"""A database server that speaks TLS, before one that does not; and who vouches for it."""

import datetime as dt
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from psycopg import conninfo

TLS_PLEASE = bytes.fromhex("0000000804d2162f")


def certificate(folder: Path) -> tuple[Path, Path]:
    """Make a certificate of localhost that vouches for itself; return its file and its key's."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    files = folder / "certificate.pem", folder / "key.pem"
    files[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return files


@contextmanager
def before(url: str, folder: Path) -> Iterator[str]:
    """Yield the URL of the same database for those who speak TLS and check who answers."""
    cert, key = certificate(folder)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(cert, key)
    told = conninfo.conninfo_to_dict(url)
    behind = (str(told["host"]), int(told["port"] or 5432))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=_accept, args=(listening, context, behind), daemon=True).start()
        yield conninfo.make_conninfo(
            url,
            host="localhost",
            hostaddr="127.0.0.1",
            port=listening.getsockname()[1],
            sslmode="verify-full",
            sslrootcert=str(cert),
        )
        listening.shutdown(socket.SHUT_RDWR)


def _accept(listening: socket.socket, context: ssl.SSLContext, behind: tuple[str, int]) -> None:
    with suppress(OSError):
        while True:
            plain, _ = listening.accept()
            threading.Thread(target=_serve, args=(plain, context, behind), daemon=True).start()


def _serve(plain: socket.socket, context: ssl.SSLContext, behind: tuple[str, int]) -> None:
    with plain, suppress(OSError):
        if plain.recv(8, socket.MSG_WAITALL) != TLS_PLEASE:
            return
        plain.sendall(b"S")
        with (
            context.wrap_socket(plain, server_side=True) as outside,
            socket.create_connection(behind) as inside,
        ):
            inwards = threading.Thread(target=_copy, args=(outside, inside), daemon=True)
            inwards.start()
            _copy(inside, outside)
            inwards.join()


def _copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while content := source.recv(1 << 16):
            target.sendall(content)
    with suppress(OSError):
        target.shutdown(socket.SHUT_RDWR)
