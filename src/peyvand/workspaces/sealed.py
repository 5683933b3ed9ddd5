"""Where workspaces keep sealed texts, for core.rekeying: second factors, a sign-in provider's secret, tokens of unsent letters."""

from peyvand.core.rekeying import Place

SEALED = [
    Place("mfa.Authenticator", "data", ("secret", "seed", "migrated_codes")),
    Place("core.Job", "payload", ("sealed",)),
    Place("workspaces.SingleSignOn", "sealed"),
]
