"""Where channels keep sealed texts, for core.rekeying."""

from peyvand.core.rekeying import Place

SEALED = [Place("channels.Channel", "sealed")]
