"""Whatever is kept of a person is told and forgotten by its app's privacy.py, or is named here with the reason why not."""

from django.apps import apps as installed
from django.db import models

from peyvand.core.privacy import keepers
from tests.architecture.source import report

OF_THE_TEAM = "of the people of the brand, who are no customers"
OF_THE_BRAND = "written by the brand about itself, the same for all its customers"
OF_THE_MACHINE = "integers, moments and names of programs"
NOT_OF_A_PERSON = {
    "catalogue.Term": "codes and names that many share: products, branches, channels; a code that comes in with an event names no person",
    "workspaces.User": OF_THE_TEAM,
    "workspaces.Member": OF_THE_TEAM,
    "workspaces.Invitation": OF_THE_TEAM,
    "workspaces.SingleSignOn": OF_THE_TEAM,
    "workspaces.SignOnIdentity": OF_THE_TEAM,
    "workspaces.CustomRole": OF_THE_BRAND,
    "workspaces.ApiKey": OF_THE_TEAM,
    "workspaces.Workspace": OF_THE_BRAND,
    "workspaces.Holiday": OF_THE_BRAND,
    "customers.AttributeDefinition": OF_THE_BRAND,
    "customers.StageMove": "stages and figures, no words: once a customer row is emptied, flows stay countable and nobody can tell of whom",
    "customers.Company": "a company is no person; who acts for it is a Membership",
    "cases.CasePolicy": OF_THE_BRAND,
    "surveys.Survey": OF_THE_BRAND,
    "surveys.AskRule": OF_THE_BRAND,
    "surveys.SurveyCount": OF_THE_MACHINE,
    "timeline.Era": OF_THE_MACHINE,
    "timeline.Place": OF_THE_MACHINE,
    "timeline.LakeFlush": OF_THE_MACHINE,
    "timeline.Redaction": OF_THE_MACHINE,
    "core.Job": "core.jobs.hide_person, called by every erasure",
    "core.Schedule": OF_THE_MACHINE,
    "core.Heartbeat": OF_THE_MACHINE,
    "privacy.Erasure": "keyed hashes by which a person is recognised in a backup, and nothing else of them",
    "channels.SendingStop": OF_THE_BRAND,
    "channels.BulkApproval": OF_THE_BRAND,
    "privacy.RetentionRule": OF_THE_BRAND,
    "privacy.CountAgain": "that somebody is to be counted anew, within the hour",
    "webhooks.Endpoint": OF_THE_BRAND,
}
TEXTS = (models.CharField, models.TextField, models.JSONField)


def test_every_table_of_people_is_exported_and_forgotten():
    covered = {label for keeper in keepers() for label in keeper.COVERS}
    faults = [label for label in _labels() if label not in covered | NOT_OF_A_PERSON.keys()]
    report(
        faults, "Name the model in COVERS of its app's privacy.py, and tell and forget what it holds; or say in this file why it need not."
    )


def test_what_is_named_is_there_and_named_once():
    covered = {label for keeper in keepers() for label in keeper.COVERS}
    known = {model._meta.label for model in installed.get_models()}
    report(sorted((covered | NOT_OF_A_PERSON.keys()) - known), "A model that is gone leaves these lists too.")
    report(sorted(covered & NOT_OF_A_PERSON.keys()), "A model that is covered needs no reason.")


def _labels() -> list[str]:
    """Our models that point to a customer or identity, or have a text."""
    return [model._meta.label for model in installed.get_models() if model.__module__.startswith("peyvand.") and _may_hold_people(model)]


def _may_hold_people(model: type[models.Model]) -> bool:
    return any(isinstance(field, TEXTS) or _points_to_people(field) for field in model._meta.concrete_fields)


def _points_to_people(field: models.Field) -> bool:
    return field.is_relation and field.related_model._meta.label in {"identities.Customer", "identities.Identity"}
