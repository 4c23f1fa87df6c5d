"""A server that does nothing but show a certificate."""

import contextlib
import datetime as dt
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256


@contextmanager
def shown(folder: Path, until: dt.datetime) -> Iterator[str]:
    """Yield the origin of a server whose certificate, signed by itself, is good *until* then."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_made(folder, until))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=_shake_hands, args=(listening, context), daemon=True).start()
        yield f"https://localhost:{listening.getsockname()[1]}"


def _made(folder: Path, until: dt.datetime) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = (
        builder.not_valid_before(until - dt.timedelta(days=90))
        .not_valid_after(until)
        .sign(key, SHA256())
    )
    file = folder / "certificate.pem"
    encoding = serialization.Encoding.PEM
    plain = serialization.NoEncryption()
    key_text = key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, plain)
    file.write_bytes(key_text + made.public_bytes(encoding))
    return file


def _shake_hands(listening: socket.socket, context: ssl.SSLContext) -> None:
    with contextlib.suppress(OSError):
        while True:
            plain, _ = listening.accept()
            with contextlib.suppress(OSError), plain, context.wrap_socket(plain, True):
                pass
