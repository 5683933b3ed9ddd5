"""Letters to the team by the brand's own mail server, as an owner and who is invited meet them."""

import re

import pytest
from django.test import Client

from peyvand.core import clock
from peyvand.core.models import Job
from peyvand.core.tests.working import work_off
from peyvand.workspaces.services.inviting import INVITATION_JOB

pytestmark = pytest.mark.django_db


def test_an_invitation_leaves_by_the_brands_own_server(brand, console, mailbox):
    page = console.post("/w/sofalineh/settings/members/", {"email": "bob@post.example", "role": "agent"}).content.decode()
    work_off()
    [letter] = mailbox.to("bob@post.example")
    assert letter["From"].addresses[0].addr_spec == "salam@sofalineh.example"
    link = re.search(r"/invitation/[a-z2-7]{32}/", letter.get_content())[0]
    assert link in page
    assert Client().get(link).status_code == 200


def test_a_refused_letter_of_an_invitation_is_tried_again(brand, console, mailbox):
    mailbox.refusals["bob@post.example"] = "451 come back later"
    console.post("/w/sofalineh/settings/members/", {"email": "bob@post.example", "role": "agent"})
    work_off()
    assert "451 come back later" in Job.objects.get(name=INVITATION_JOB).error
    mailbox.refusals.clear()
    Job.objects.update(due_at=clock.now())
    work_off()
    assert len(mailbox.to("bob@post.example")) == 1


def test_without_any_server_the_link_is_handed_over_and_no_letter_waits(brand, console):
    page = console.post("/w/sofalineh/settings/members/", {"email": "bob@post.example", "role": "agent"}).content.decode()
    assert re.search(r"/invitation/[a-z2-7]{32}/", page)
    assert not Job.objects.filter(name=INVITATION_JOB).exists()
