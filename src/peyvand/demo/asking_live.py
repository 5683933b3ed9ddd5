"""The moment the demo brand comes to life: its surveys begin and low answers open cases, once all that was simulated has been read.

Called by `peyvand demo` after loading. From then on the brand is like any other: whoever had an order delivered since
yesterday is asked next, by mail to an address that can never receive any.
"""

import datetime as dt

from django.db import transaction

from peyvand.cases.services import set_policy
from peyvand.catalogue.models import Term
from peyvand.catalogue.types import Dimension
from peyvand.core import clock
from peyvand.demo.asking import REST_DAYS
from peyvand.demo.founding import PROGRESS, note_progress, people
from peyvand.demo.questionnaires import QUESTIONNAIRES
from peyvand.identities.models import Identity
from peyvand.surveys.models import Survey
from peyvand.surveys.services import set_active
from peyvand.surveys.services.planning import plan_after
from peyvand.timeline.models import Interaction
from peyvand.timeline.reading import events, read_ids
from peyvand.workspaces.models import Workspace

LATELY = dt.timedelta(hours=30)


@transaction.atomic
def come_alive(workspace: Workspace) -> None:
    """Let the surveys begin and follow-up open cases by itself; done once, so that what the owner pauses later stays paused."""
    here = Workspace.objects.select_for_update().get(pk=workspace.pk)
    if here.preferences.get(PROGRESS, {}).get("alive"):
        return
    owner = next(iter(people(here).values())).user
    set_policy(workspace=here, changes={"is_active": True}, actor=owner)
    live = [one.code for one in QUESTIONNAIRES if one.live]
    for survey in Survey.objects.filter(workspace=here, code__in=live):
        set_active(survey=survey, active=True, actor=owner)
    plan_after(events(read_ids(_not_asked_yet(here)), felt={}))
    note_progress(here, {"alive": True})


def _not_asked_yet(workspace: Workspace) -> list[int]:
    """Deliveries since yesterday to customers whom the simulation has let rest."""
    now = clock.now()
    kinds = dict(Term.objects.filter(workspace=workspace, dimension=Dimension.KIND).values_list("code", "pk"))
    happened = Interaction.objects.filter(workspace=workspace)
    sent = happened.filter(kind=kinds.get("survey.sent", 0), occurred_at__gte=now - dt.timedelta(days=REST_DAYS))
    resting = Identity.objects.filter(pk__in=sent.values("identity_id")).values("customer_id")
    delivered = happened.filter(kind=kinds.get("order.delivered", 0), occurred_at__gte=now - LATELY, identity__isnull=False)
    return list(delivered.exclude(identity__customer_id__in=resting).order_by("id").values_list("pk", flat=True))
