"""Where webhooks keep sealed texts, for core.rekeying."""

from peyvand.core.rekeying import Place

SEALED = [Place("webhooks.Endpoint", "sealed")]
