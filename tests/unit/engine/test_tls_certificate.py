"""What a certificate has to be before it is shown, and the one that is made for development."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from engine.clock import NS_PER_S
from engine.errors import ConfigError, EngineError
from engine.security.tls.certificate import DAY_NS, check_pair, read_certificate
from engine.security.tls.development import DAYS, make_development
from tests.tls_pair import NOW_NS, Pair


def test_a_development_certificate_says_what_it_is_for_and_whom(tmp_path: Path) -> None:
    pair = Pair(tmp_path)
    pair.make("Desk.Example", "192.0.2.7", "localhost")
    told = check_pair(pair.path, pair.key_path, NOW_NS, is_production=False)
    assert told.names == ("localhost", "desk.example", "127.0.0.1", "::1", "192.0.2.7")
    assert "Development certificate (not for production)" in told.subject
    assert (told.issuer, told.is_development) == (told.subject, True)
    assert told.ends_ns == NOW_NS + DAYS * DAY_NS
    assert told.begins_ns < NOW_NS
    assert told.days_left(NOW_NS) == DAYS
    assert told.days_left(told.ends_ns + 1) == -1
    openssl = ssl.PEM_cert_to_DER_cert(pair.path.read_text())
    assert told.fingerprint.replace(":", "").lower() == hashes_of(openssl)


def hashes_of(der: bytes) -> str:
    digest = hashes.Hash(hashes.SHA256())
    digest.update(der)
    return digest.finalize().hex()


def test_its_key_can_not_sign_other_certificates() -> None:
    made = x509.load_pem_x509_certificate(make_development((), NOW_NS).certificate)
    assert not made.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert not made.extensions.get_extension_for_class(x509.KeyUsage).value.key_cert_sign
    assert isinstance(made.public_key(), ec.EllipticCurvePublicKey)


@pytest.mark.parametrize(
    "name", ["", "a b", "-a.example", "a..b", "a/b", "x" * 64, "*", "bücher.example", "a\n"]
)
def test_what_is_no_host_gets_no_certificate(name: str) -> None:
    with pytest.raises(ConfigError, match="expected a host such as"):
        make_development((name,), NOW_NS)


def other(
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey, *, begins_days: float = -1, ends_days: float = 90
) -> bytes:
    """Return a certificate of somebody else."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "An\x1b[2J Authority")])
    now = datetime.fromtimestamp(NOW_NS / NS_PER_S, UTC)
    built = x509.CertificateBuilder(name, name, key.public_key(), 7)
    built = built.not_valid_before(now + timedelta(days=begins_days))
    built = built.not_valid_after(now + timedelta(days=ends_days))
    return built.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


EC = ec.generate_private_key(ec.SECP256R1())
WEAK = rsa.generate_private_key(public_exponent=65_537, key_size=1024)
ENCRYPTED = serialization.BestAvailableEncryption(b"x")


def pem(
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey,
    how: serialization.KeySerializationEncryption | None = None,
) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, how or serialization.NoEncryption()
    )


@pytest.mark.parametrize(
    ("certificate", "key", "sentence"),
    [
        (other(EC, ends_days=-0.5), pem(EC), "the certificate is over since 2027-01-14 20:00 UTC; renew it"),
        (other(EC, begins_days=1), pem(EC), "the certificate begins only on 2027-01-16 08:00 UTC"),
        (other(WEAK), pem(WEAK), "its RSA key has 1024 bits; expected at least 2048"),
        (other(EC), pem(WEAK), "it is not the key of the certificate"),
        (other(EC), pem(EC, ENCRYPTED), "the private key is encrypted"),
        (other(EC), b"nothing", "it holds no private key; expected PEM"),
        (other(EC), None, "there is no such private key"),
        (b"nothing", pem(EC), "expected certificates in PEM, found something else"),
        (None, pem(EC), "there is no such certificate; touchline cert makes one"),
    ],
    ids=["over", "too early", "weak", "stranger", "sealed", "no key", "no key file", "no text", "no file"],
)
def test_a_pair_that_will_not_do_is_a_sentence(
    tmp_path: Path, certificate: bytes | None, key: bytes | None, sentence: str
) -> None:
    pair = Pair(tmp_path)
    pair.put(certificate, key)
    with pytest.raises(EngineError, match=sentence) as caught:
        check_pair(pair.path, pair.key_path, NOW_NS, is_production=False)
    assert str(tmp_path) in str(caught.value)


def test_a_development_certificate_is_refused_in_production_and_another_is_not(tmp_path: Path) -> None:
    pair = Pair(tmp_path)
    pair.make()
    with pytest.raises(ConfigError, match="a development certificate, which production does not take"):
        check_pair(pair.path, pair.key_path, NOW_NS, is_production=True)
    pair.put(other(EC), pem(EC))
    assert not check_pair(pair.path, pair.key_path, NOW_NS, is_production=True).is_development


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    pair = Pair(tmp_path)
    pair.make()
    pair.key_path.chmod(0o640)
    with pytest.raises(EngineError, match="others may read or change it"):
        check_pair(pair.path, pair.key_path, NOW_NS, is_production=False)


def test_what_a_certificate_says_reaches_no_terminal_as_an_escape(tmp_path: Path) -> None:
    pair = Pair(tmp_path)
    pair.put(other(EC), pem(EC))
    told = read_certificate(pair.path)
    assert "\x1b" not in told.subject + told.issuer
    assert told.names == ()
