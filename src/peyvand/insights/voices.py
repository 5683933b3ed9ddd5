"""Who answered: people, and how many of those who were asked. Called by Pulse."""

from dataclasses import dataclass

from peyvand.insights.board import Filters
from peyvand.insights.counting import Count, remembered
from peyvand.insights.shapes import Shape, sql_of
from peyvand.insights.terms import integers_of, measures_met
from peyvand.insights.windows import Window
from peyvand.workspaces.models import Workspace


@dataclass(frozen=True, slots=True)
class Voices:
    """Who answered: people, answers of nobody in particular, invitations sent and answers to them."""

    people: int
    nameless: int
    invited: int
    replied: int


def voices(workspace: Workspace, looked_at: Window, filters: Filters = ()) -> Voices:
    """Who answered in a window, and how many were asked."""
    measures = tuple(term.code for term in measures_met(workspace.pk))
    count = Count(workspace=workspace, measures=measures, span=looked_at.span, filters=filters, as_of=looked_at.as_of)
    shape, variables = count.shape(rows=True), count.variables()
    people = remembered(sql_of("people_sql", shape), variables, {"perceptions": count.months()})
    persons, nameless = people[0]
    if shape.joined or shape.bought:
        return Voices(persons, nameless, 0, 0)  # an invitation says nothing of deliveries or of what was paid
    sent, answered = (integers_of(workspace.pk, "kind", [code]) for code in ("survey.sent", "survey.answered"))
    if not sent:
        return Voices(persons, nameless, 0, 0)
    months = {"interactions": ((count.months()[0][0], "9999-12"),)}
    invited, replied = remembered(sql_of("replied_sql", Shape()), {**variables, "kinds": sent, "answered": answered}, months)[0]
    return Voices(persons, nameless, invited, replied)
