"""A time stamping authority of the test's own, run by openssl (RFC 3161); nothing is sent anywhere."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

_SETTINGS = """
[ req ]
distinguished_name = dn
prompt = no
[ dn ]
CN = Test
[ ca ]
basicConstraints = critical,CA:true
keyUsage = critical,keyCertSign
[ tsa ]
extendedKeyUsage = critical,timeStamping
keyUsage = critical,digitalSignature
[ authority ]
serial = serial
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
"""
_NEW = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-config", "settings"]


@dataclass(frozen=True, slots=True)
class Authority:
    """Its files."""

    folder: Path

    @classmethod
    def make(cls, folder: Path) -> "Authority":
        """Make the root certificate and the authority's own."""
        made = cls(folder)
        (folder / "settings").write_text(_SETTINGS)
        (folder / "serial").write_text("01\n")
        made._openssl(
            *["req", "-x509", *_NEW, "-keyout", "ca.key", "-out", "ca.pem", "-days", "30"],
            *["-subj", "/CN=Test root", "-extensions", "ca"],
        )
        made._openssl(
            *["req", *_NEW, "-keyout", "tsa.key", "-out", "tsa.csr", "-subj", "/CN=Test TSA"]
        )
        made._openssl(
            *["x509", "-req", "-in", "tsa.csr", "-CA", "ca.pem", "-CAkey", "ca.key"],
            *["-CAcreateserial", "-out", "tsa.pem", "-days", "30"],
            *["-extfile", "settings", "-extensions", "tsa"],
        )
        return made

    @property
    def root(self) -> str:
        """The root certificate, PEM."""
        return (self.folder / "ca.pem").read_text()

    def answer(self, request: bytes) -> bytes:
        """Answer a request, with a token or a refusal."""
        (self.folder / "request").write_bytes(request)
        self._openssl(
            *["ts", "-reply", "-config", "settings", "-section", "authority"],
            *["-queryfile", "request", "-signer", "tsa.pem", "-inkey", "tsa.key", "-out", "answer"],
        )
        return (self.folder / "answer").read_bytes()

    def _openssl(self, *arguments: str) -> None:
        subprocess.run(
            ["openssl", *arguments], cwd=self.folder, check=True, capture_output=True, timeout=60
        )
