"""One AES-GCM ciphertext that two keys take for genuine: what a commitment is there against.

The tag is linear in the ciphertext, so one free block makes the tags of two keys equal
(https://eprint.iacr.org/2020/1456, section 3).
"""

from functools import reduce

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB

from shared.keyarc.seal import MessageKeys

_REDUCTION = 0xE1 << 120
_ONE = 1 << 127


def collide(ours: MessageKeys, theirs: MessageKeys, aad: bytes, blocks: int) -> bytes:
    """Return a ciphertext of *blocks* and its tag, genuine under both keys."""
    rest = [int.from_bytes(bytes([at + 1]) * 16, "big") for at in range(blocks - 1)]
    # The first block of the ciphertext stands before the others and the block of lengths.
    weights = [_power(_hash_key(keys), blocks + 1) for keys in (ours, theirs)]
    tags = [_tag(keys, aad, [0, *rest]) for keys in (ours, theirs)]
    free = _multiply(tags[0] ^ tags[1], _inverse(weights[0] ^ weights[1]))
    tag = _tag(ours, aad, [free, *rest])
    return b"".join(block.to_bytes(16, "big") for block in (free, *rest, tag))


def _block(keys: MessageKeys, data: bytes) -> int:
    encryptor = Cipher(AES(keys.key), ECB()).encryptor()  # noqa: S305 - GCM's own building block
    return int.from_bytes(encryptor.update(data), "big")


def _hash_key(keys: MessageKeys) -> int:
    return _block(keys, bytes(16))


def _tag(keys: MessageKeys, aad: bytes, ciphertext: list[int]) -> int:
    padded = aad.ljust(-(-len(aad) // 16) * 16, b"\0")
    before = [int.from_bytes(padded[at : at + 16], "big") for at in range(0, len(padded), 16)]
    lengths = (8 * len(aad)) << 64 | 128 * len(ciphertext)
    key = _hash_key(keys)
    blocks = [*before, *ciphertext, lengths]
    ghash = reduce(lambda total, block: _multiply(total ^ block, key), blocks, 0)
    return ghash ^ _block(keys, keys.nonce + b"\0\0\0\1")


def _multiply(left: int, right: int) -> int:
    """Multiply in GCM's field, whose bits run from the left."""
    product = 0
    for bit in range(127, -1, -1):
        if left >> bit & 1:
            product ^= right
        right = right >> 1 ^ (_REDUCTION if right & 1 else 0)
    return product


def _power(base: int, exponent: int) -> int:
    return reduce(_multiply, [base] * exponent, _ONE)


def _inverse(value: int) -> int:
    """Raise to 2^128 - 2, that is to the product of the powers 2, 4, ... 2^127."""
    result, square = _ONE, value
    for _ in range(127):
        square = _multiply(square, square)
        result = _multiply(result, square)
    return result
