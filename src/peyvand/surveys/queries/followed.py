"""What became of an answer, as the timeline tells it. Called by the customer's pages."""

from peyvand.catalogue.models import Term
from peyvand.catalogue.types import Dimension
from peyvand.surveys.models import Response
from peyvand.surveys.types import CASE_CLOSED
from peyvand.timeline.models import Interaction
from peyvand.timeline.reading import events, read_ids


def was_followed_up(response: Response) -> bool:
    """Whether a case that came of this answer has been closed since."""
    answered = Interaction.objects.filter(pk=response.interaction or 0).values("workspace", "identity__customer").first()
    if answered is None or answered["identity__customer"] is None:
        return False
    kind = Term.objects.filter(workspace=answered["workspace"], dimension=Dimension.KIND, code=CASE_CLOSED)
    closed = Interaction.objects.filter(
        identity__customer=answered["identity__customer"], kind__in=kind.values("pk"), occurred_at__gte=response.started_at
    )
    told = events(read_ids(closed.values_list("pk", flat=True)), felt={})
    return any(event.properties.get("answer") == response.interaction for event in told)
