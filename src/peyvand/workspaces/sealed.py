"""Where workspaces keep sealed texts, for core.rekeying: second factors, secrets of sign-in providers, and tokens of invitations whose letter has not left."""

from peyvand.core.rekeying import Place

SEALED = [
    Place("mfa.Authenticator", "data", ("secret", "seed", "migrated_codes")),
    Place("core.Job", "payload", ("sealed",)),
    Place("workspaces.SingleSignOn", "sealed"),
]
