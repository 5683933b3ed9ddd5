"""Two customers are one person, or two again; an identity is somebody else's. Profiles and the rows of every app follow.

Locks are taken in one order: the workspace's decisions, the place in the timeline, rows from the upper apps down, and last the
workspace's identities, so that whoever works on a case and records about it never waits for us in a ring.
"""

from django.db import transaction
from django.utils.translation import gettext as _

from peyvand.core.discovery import modules
from peyvand.customers.history import hold_place
from peyvand.customers.models import Consent, Profile
from peyvand.customers.services.counting import recount
from peyvand.customers.services.lifecycle import note_merged, note_parted
from peyvand.identities import services as identities
from peyvand.identities.models import Customer, Identity, LinkConflict, Merge
from peyvand.identities.queries import going_back, standing_merge
from peyvand.identities.services.resolving import IdentityError
from peyvand.identities.types import Move
from peyvand.workspaces.models import User

Rows = dict[str, list[int]]


@transaction.atomic
def merge(*, conflict: LinkConflict, actor: User, stays: Customer | None = None) -> Merge | None:
    """Say that a pair is one person: the other's identities and everything of theirs moves to who stays. Undone by `unmerge`.

    None where they are one already by other merges. Raises IdentityError where it was decided before.
    """
    identities.one_at_a_time(conflict.workspace_id)
    kept, other = identities.who_stays(conflict, stays)
    hold_place()
    rows = _let_follow(Move(other.pk, kept.pk)) if kept.pk != other.pk else {}
    done = identities.same_person(conflict=conflict, actor=actor, stays=kept, rows=rows)
    if done is not None:
        recount([kept.pk, other.pk])
        note_merged(kept.pk, done.merged_at)
        _share_wishes(done)
    return done


@transaction.atomic
def merge_by_hand(*, kept: Customer, other: Customer, actor: User) -> Merge | None:
    """Say of two customers whom nothing named together that they are one, `kept` to stay."""
    return merge(conflict=identities.pair_up(kept=kept, other=other), actor=actor, stays=kept)


@transaction.atomic
def unmerge(*, merge: Merge, actor: User) -> None:
    """Undo a merge, in any order of several: what was the other's is theirs again, and what came by their identities since.

    What was written down by hand since stays with who stood for both; a refusal said meanwhile holds for both.
    Raises IdentityError where it was undone already.
    """
    identities.one_at_a_time(merge.workspace_id)
    merge = Merge.objects.select_related("kept", "other", "workspace").get(pk=merge.pk)
    if merge.undone_at is not None:
        raise IdentityError(_("They are two people again already."))
    hold_place()
    back = going_back(merge)
    _let_follow(Move(back.root.pk, merge.other_id, back.identities, merge.rows))
    _keep_refusals(merge, back.root)
    _give_wishes_back(merge)
    identities.move_back(merge=merge, actor=actor)
    recount([back.root.pk, merge.other_id])
    note_parted({back.root.pk, merge.other_id, merge.kept_id}, merge.merged_at)


@transaction.atomic
def undo_pair(*, conflict: LinkConflict, actor: User) -> None:
    """Undo the merge that a pair was decided with. Raises IdentityError where nothing was merged for it."""
    done = standing_merge(conflict)
    if done is None:
        raise IdentityError(_("There is nothing to move back."))
    unmerge(merge=done, actor=actor)


@transaction.atomic
def split_off(*, identity: Identity, actor: User) -> Customer:
    """Make a customer of their own of an identity that is somebody else's, with what came by it; both are counted anew.

    Undone by `merge_by_hand`. Raises IdentityError for the last identity.
    """
    identities.one_at_a_time(identity.workspace_id)
    hold_place()
    other = identities.split_off(identity=identity, actor=actor)
    _let_follow(Move(identity.customer_id, other.pk, frozenset([identity.pk]), {}))
    recount([identity.customer_id, other.pk])
    note_parted([identity.customer_id, other.pk])
    return other


def _let_follow(move: Move) -> Rows:
    """Let the rows of every app follow, upper apps first; gives what moved, by label."""
    moved: Rows = {}
    for module in modules("privacy"):
        if (follow := getattr(module, "moved", None)) is not None:
            moved |= follow(move)
    return moved


def _share_wishes(merge: Merge) -> None:
    """Let who stays like to be reached as the other did, where they said nothing themselves."""
    wishes = dict(Profile.objects.filter(pk__in=(merge.kept_id, merge.other_id)).values_list("pk", "preferences"))
    mine = wishes.get(merge.kept_id, {})
    taken = {name: text for name, text in wishes.get(merge.other_id, {}).items() if name not in mine}
    if taken:
        Profile.objects.filter(pk=merge.kept_id).update(preferences={**taken, **mine})
        identities.take_over(merge, {_wish(name): text for name, text in taken.items()})


def _give_wishes_back(merge: Merge) -> None:
    """Take away what was taken over, unless it was changed since."""
    for name in ("channel", "hour", "note"):
        for profile in Profile.objects.filter(pk__in=identities.hand_back(merge, _wish(name))):
            if profile.preferences.get(name) == merge.taken[_wish(name)]:
                left = {key: text for key, text in profile.preferences.items() if key != name}
                Profile.objects.filter(pk=profile.pk).update(preferences=left)


def _wish(name: str) -> str:
    return f"wish.{name}"


def _keep_refusals(merge: Merge, root: Customer) -> None:
    """What was refused by word of mouth while they were one, each of the two has refused: nobody knows which of them spoke."""
    said = Consent.objects.filter(customer=root, granted=False, interaction_id=None, at__gte=merge.merged_at)
    for word in said:
        word.pk, word.customer_id = None, merge.other_id
        word.save(force_insert=True)
