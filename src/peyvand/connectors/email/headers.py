"""Subject and sender as they are written into a mail. Called by the adapter.

The headers of the standard library's `email.policy` lose the blank between two words where a long Persian line is broken; the older
`email.header.Header` keeps it, so these two are broken by that one.
"""

from email.header import Header
from email.headerregistry import BaseHeader, HeaderRegistry, UniqueAddressHeader, UniqueUnstructuredHeader
from email.policy import EmailPolicy, Policy


def _broken(name: str, words: str, linesep: str) -> str:
    """The words in lines of their own, each an encoded word (RFC 2047)."""
    return f"{name}: {Header(words, 'utf-8', header_name=name).encode(linesep=linesep)}"


class _Subject(UniqueUnstructuredHeader):
    """A subject that is read as it was written."""

    def fold(self, *, policy: Policy) -> str:
        words = str(self)
        if words.isascii():
            return BaseHeader.fold(self, policy=policy)  # type: ignore[arg-type] # the registry makes it a BaseHeader
        return f"{_broken('Subject', words, policy.linesep)}{policy.linesep}"


class _Sender(UniqueAddressHeader):
    """One sender whose name is read as it was written."""

    def fold(self, *, policy: Policy) -> str:
        [one] = self.addresses
        if one.display_name.isascii():
            return BaseHeader.fold(self, policy=policy)  # type: ignore[arg-type] # the registry makes it a BaseHeader
        return f"{_broken('From', one.display_name, policy.linesep)}{policy.linesep} <{one.addr_spec}>{policy.linesep}"


_registry = HeaderRegistry()
_registry.map_to_type("subject", _Subject)  # type: ignore[arg-type] # it makes a BaseHeader of them
_registry.map_to_type("from", _Sender)  # type: ignore[arg-type]

POLICY = EmailPolicy(header_factory=_registry)
