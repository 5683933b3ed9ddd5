"""The contract of a channel: what an adapter is given and what it answers. Connectors know this and nothing above it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple, Protocol

from peyvand.timeline.types import Item


class Purpose(StrEnum):
    """Why somebody is written to; consent is asked for each."""

    SURVEY = "survey"
    SERVICE = "service"
    MARKETING = "marketing"


@dataclass(frozen=True, slots=True)
class Message:
    """What is to be sent: the plain text is always there, HTML beside it where the channel can show it.

    `language` is the one it is written in, so that its sender is named in it, too; "" for the brand's own.
    """

    text: str
    subject: str = ""
    html: str = ""
    unsubscribe_url: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Account:
    """One set-up channel of a workspace as its adapter sees it: settings and unsealed secrets."""

    name: str
    settings: Mapping[str, str]
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)


def _nothing() -> None:
    """Nobody wants to know."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """One message on its way: `key` is the same each time it is tried.

    An adapter calls `handing_over` right before the message itself goes out, once all that can be refused beforehand was
    not: should everything end there, it is known that the message may have arrived. What it raises is not caught.
    After `within` seconds it gives up, since somebody waits for it; without, when it thinks right.
    """

    to: str
    message: Message
    key: str
    handing_over: Callable[[], None] = _nothing
    within: float | None = None


class Delivery(NamedTuple):
    """What the channel said: delivered to it or refused; a refusal that may pass is tried again.

    `unsure`: the message was handed over and nothing was answered, so that trying again might bring it twice.
    `no_address`: nobody takes messages at this address, for good: it is not asked again until a person says so.
    """

    sent: bool
    receipt: str = ""
    error: str = ""
    may_pass: bool = False
    unsure: bool = False
    no_address: bool = False


class Field(NamedTuple):
    """One setting of a channel, for its form: `secret` ones are sealed and never shown again.

    Labels and hints are English texts marked for translation; the page translates them.
    """

    name: str
    label: str
    hint: str = ""
    secret: bool = False
    required: bool = True
    default: str = ""
    kind: str = "text"  # text | number | email | choice
    choices: Sequence[tuple[str, str]] = ()


class Incoming(NamedTuple):
    """A webhook call as it came: the raw body is what signatures are made over."""

    headers: Mapping[str, str]
    body: bytes


class Forged(Exception):
    """The call's signature is missing or wrong: answered with 401, nothing is written."""


class Unreadable(Exception):
    """A signed call whose body is not what the channel documents: answered with 400, nothing is written."""


class ChannelAdapter(Protocol):
    """What `connectors/<kind>/adapter.py` offers as ADAPTER. A channel that cannot send or receive leaves that out.

    One that keeps messages itself has a `forget(keys)`, too: called where those sent under these keys are let go.
    """

    kind: str
    label: str
    fields: Sequence[Field]
    sends: bool
    receives: bool
    identity: str  # the identity type a message is addressed to: email, phone, …

    def send(self, account: Account, envelope: Envelope) -> Delivery:
        """Send one message; never raises for a refusal."""
        ...

    def receive(self, account: Account, call: Incoming) -> list[Item] | None:
        """Verify a call and turn it into items; None for a knock that nobody signed: nothing is written. Raises Forged or Unreadable."""
        ...
