"""The wrappers of this library give the answers that are published for them.

A case is left out only where the wrapper cannot say it (its sizes are constants); how many are
left is counted, so that a file that shrinks or moves is noticed.
"""

import pytest
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from shared.keyarc import account_keys, hkdf, identity, seal
from shared.keyarc.account_keys import Identity
from shared.keyarc.encoding import Broken
from shared.keyarc.seal import MessageKeys
from tests.keyarc.known_answers import blocks, hpke, text, wycheproof
from tests.vectors import hpke_schedule
from tests.vectors.material import person, some_id


def unhex(value: str) -> bytes:
    return bytes.fromhex(value)


def test_aes_gcm_opens_what_is_genuine_and_nothing_else() -> None:
    # seal knows one size each of key, nonce and tag.
    cases = [
        case
        for group, case in wycheproof("Cipher", "aes_gcm_test.json")
        if (group["keySize"], group["ivSize"], group["tagSize"]) == (256, 96, 128)
    ]
    assert len(cases) == 66

    for case in cases:
        keys = MessageKeys(unhex(case["key"]), unhex(case["iv"]), b"")
        aad, sealed = unhex(case["aad"]), unhex(case["ct"] + case["tag"])
        if case["result"] == "valid":
            assert seal.decrypt(keys, sealed, aad) == unhex(case["msg"])
            assert seal.encrypt(keys, unhex(case["msg"]), aad) == sealed
        else:
            with pytest.raises(Broken):
                seal.decrypt(keys, sealed, aad)


def test_hkdf_derives_what_wycheproof_says() -> None:
    cases = wycheproof("Protocol", "hkdf_sha256_test.json")
    assert len(cases) == 86

    for _, case in cases:
        asked = (unhex(case["ikm"]), unhex(case["salt"]), unhex(case["info"]), case["size"])
        if case["result"] == "valid":
            assert hkdf.derive(*asked) == unhex(case["okm"])
        else:  # more than 255 blocks
            with pytest.raises(ValueError, match="larger than"):
                hkdf.derive(*asked)


def test_hkdf_derives_and_expands_what_its_rfc_says() -> None:
    cases = blocks("KDF", "rfc-5869-HKDF-SHA256.txt")
    assert len(cases) == 3

    for case in cases:
        ikm, salt, info = (unhex(case[name]) for name in ("ikm", "salt", "info"))
        okm = unhex(case["okm"])
        assert hkdf.derive(ikm, salt, info, int(case["l"])) == okm
        assert hkdf.expand(unhex(case["prk"]), info, int(case["l"])) == okm


def test_argon2id_derives_what_its_rfc_says() -> None:
    # stretch has one set of parameters, of which nobody published an answer: these are of the
    # same Argon2id (RFC 9106 among them), and the page computes stretch's answers by another.
    cases = blocks("KDF", "argon2id.txt")
    assert len(cases) == 6

    for case in cases:
        derived = Argon2id(
            salt=unhex(case["salt"]),
            length=int(case["length"]),
            iterations=int(case["iter"]),
            lanes=int(case["lanes"]),
            memory_cost=int(case["memcost"]),
            ad=unhex(case["ad"]) if "ad" in case else None,
            secret=unhex(case["secret"]) if "secret" in case else None,
        ).derive(unhex(case["pass"]))
        assert derived == unhex(case["output"])


def test_ed25519_signs_as_its_authors_do() -> None:
    lines = text("cryptography_vectors", "asymmetric", "Ed25519", "sign.input").splitlines()
    assert len(lines) == 1024

    for line in lines:
        secret, public, message, signed = map(unhex, line.split(":")[:4])
        signer = Identity(some_id("user"), secret[:32], bytes(32))
        signature = signed[:64]
        assert (signer.ed_pk, signer.sign(message)) == (public, signature)
        identity.verify(public, message, signature)


def test_ed25519_takes_what_is_valid_and_refuses_what_is_not() -> None:
    cases = wycheproof("Signature", "ed25519_test.json")
    assert len(cases) == 210
    taken = 0

    for group, case in cases:
        key = unhex(group["publicKey"]["pk"])
        try:
            identity.verify(key, unhex(case["msg"]), unhex(case["sig"]))
        except Broken:
            assert case["result"] != "valid", case
        else:
            taken += 1
            assert case["result"] != "invalid", case
            assert "SmallOrderPublicKey" not in case["flags"], case
    assert taken >= 117


def test_an_x25519_key_is_refused_exactly_where_it_leaves_no_secret() -> None:
    good, cases = person("owner").x_pk, wycheproof("Protocol", "x25519_test.json")
    assert len(cases) == 518
    refused = 0

    for _, case in cases:
        public, shared = unhex(case["public"]), unhex(case["shared"])
        if shared == bytes(32):
            refused += 1
            with pytest.raises(Broken):
                identity.check_x_pk(good[:1184] + public)
        else:
            identity.check_x_pk(good[:1184] + public)
            private = X25519PrivateKey.from_private_bytes(unhex(case["private"]))
            assert private.exchange(X25519PublicKey.from_public_bytes(public)) == shared
    assert refused > 0


def test_x25519_gives_the_secrets_of_its_rfc() -> None:
    cases = blocks("asymmetric", "X25519", "rfc7748.txt")
    assert len(cases) == 3

    for case in cases:
        private = X25519PrivateKey.from_private_bytes(unhex(case["input_scalar"]))
        public = X25519PublicKey.from_public_bytes(unhex(case["input_u"]))
        assert private.exchange(public) == unhex(case["output_u"])


def test_an_mlkem_key_is_refused_exactly_where_it_is_not_reduced() -> None:
    good, cases = person("owner").x_pk, wycheproof("Protocol", "mlkem_768_encaps_test.json")
    assert len(cases) == 265
    refused = 0

    for _, case in cases:
        key = unhex(case["ek"]) + good[1184:]
        if case["result"] == "valid":
            identity.check_x_pk(key)
        else:
            refused += 1
            with pytest.raises(Broken):
                identity.check_x_pk(key)
    assert refused == 132


def test_mlkem_makes_and_opens_what_wycheproof_says() -> None:
    made = wycheproof("Protocol", "mlkem_768_keygen_seed_test.json")
    opened = wycheproof("Protocol", "mlkem_768_test.json")
    assert [len(made), len(opened)] == [100, 201]

    for _, case in made:
        key = MLKEM768PrivateKey.from_seed_bytes(unhex(case["seed"]))
        assert key.public_key().public_bytes_raw() == unhex(case["ek"])
    for _, case in opened:
        if case["result"] == "valid":
            key = MLKEM768PrivateKey.from_seed_bytes(unhex(case["seed"]))
            assert key.decapsulate(unhex(case["c"])) == unhex(case["K"])
        else:
            with pytest.raises(ValueError, match=r"."):
                MLKEM768PrivateKey.from_seed_bytes(unhex(case["seed"])).decapsulate(
                    unhex(case["c"])
                )


def test_xwing_and_hpke_give_the_answers_of_the_post_quantum_file() -> None:
    # Of the file's suites this is ours but for the cipher: AES-256-GCM has no case with X-Wing.
    cases = [
        case
        for case in hpke("hpke-pq-test-vectors.json")
        if (case["mode"], case["kem_id"], case["kdf_id"]) == (0, 0x647A, 1)
    ]
    assert len(cases) == 1

    for case in cases:
        seed = unhex(case["skRm"])
        recipient = Identity(some_id("user"), bytes(32), seed)
        assert recipient.x_pk == unhex(case["pkRm"])
        identity.check_x_pk(recipient.x_pk)

        mlkem, x25519 = account_keys.derive_xwing(seed)
        shared = hpke_schedule.decapsulate(mlkem, x25519, unhex(case["enc"]))
        schedule = hpke_schedule.derive(shared, unhex(case["info"]), case["aead_id"])
        assert shared == unhex(case["shared_secret"])
        assert schedule.key == unhex(case["key"])
        assert schedule.base_nonce == unhex(case["base_nonce"])
        first = case["encryptions"][0]
        opened = ChaCha20Poly1305(schedule.key).decrypt(
            schedule.base_nonce, unhex(first["ct"]), unhex(first["aad"])
        )
        assert opened == unhex(first["pt"])
