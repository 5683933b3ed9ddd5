"""What the fast doors remember of keys."""

from peyvand.edge.keys import Keys


def test_what_is_longer_than_any_key_is_nobodys_without_being_looked_up_or_remembered():
    """Ten thousand guesses of sixty kilobytes each would have filled half a gigabyte."""
    keys = Keys()
    for secret in ("sk_" + "a" * 98, "a" * 60_000):
        assert keys.find(secret) is None
        assert keys.recall(secret) == (True, None)
    assert keys.recall("sk_" + "a" * 40) == (False, None)
