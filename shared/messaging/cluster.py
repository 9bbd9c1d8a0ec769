"""Where Kafka is and how one gets in: the same for every client of a process."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from faststream.security import BaseSecurity, SASLPlaintext, SASLScram256, SASLScram512

Protocol = Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]
Mechanism = Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]
_SASL: dict[Mechanism, type[SASLPlaintext | SASLScram256 | SASLScram512]] = {
    "PLAIN": SASLPlaintext,
    "SCRAM-SHA-256": SASLScram256,
    "SCRAM-SHA-512": SASLScram512,
}


@dataclass(frozen=True, slots=True)
class Cluster:
    """A Kafka cluster: its first servers (`host:port`, several with commas), and what proves who asks and who answers.

    With TLS the broker's certificate and host name are checked, against `ca_file` or else the machine's own store.
    """

    servers: str
    protocol: Protocol = "PLAINTEXT"
    mechanism: Mechanism = "SCRAM-SHA-512"
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    ca_file: Path | None = None

    def options(self) -> dict[str, Any]:
        """The arguments that every client of aiokafka takes."""
        options: dict[str, Any] = {"bootstrap_servers": self.servers, "security_protocol": self.protocol}
        if self._tls:
            options["ssl_context"] = self._context()
        if self._named:
            options |= {
                "sasl_mechanism": self.mechanism,
                "sasl_plain_username": self.user,
                "sasl_plain_password": self.password,
            }
        return options

    def security(self) -> BaseSecurity:
        """The same for FastStream."""
        context = self._context() if self._tls else None
        if self._named:
            return _SASL[self.mechanism](self.user or "", self.password or "", ssl_context=context, use_ssl=self._tls)
        return BaseSecurity(ssl_context=context, use_ssl=self._tls)

    @property
    def _tls(self) -> bool:
        return self.protocol.endswith("SSL")

    @property
    def _named(self) -> bool:
        return self.protocol.startswith("SASL")

    def _context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.ca_file) if self.ca_file else None)
