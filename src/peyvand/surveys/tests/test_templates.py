"""What people write is shown as they wrote it, whatever template languages there are; and no link opens that was not sent."""

import pytest
from django.test import Client
from django.utils.html import escape

from peyvand.core import clock
from peyvand.surveys.models import Invitation
from peyvand.surveys.services.answering import link_token
from peyvand.surveys.services.sending import compose
from peyvand.surveys.wording import always, callable_by, filled
from peyvand.workspaces.services import create_owner, invite

pytestmark = pytest.mark.django_db
TEMPLATES = ("{{ 7|add:7 }}", "{% debug %}", "${7*7}", "#{7*7}", "%(brand)s", "{0.__class__}", "{brand.__class__}", "<%= 7*7 %>", "{order}")


@pytest.mark.parametrize("text", TEMPLATES)
def test_no_text_or_name_is_a_template(invited, text):
    invited.customer.name = text
    invited.workspace.names = {"fa": text, "en": text}
    invited.survey.texts = {
        language: {"mail_body": "سلام {name}", "question": f"{{brand}} {text.replace('{order}', '')}"} for language in ("fa", "en")
    }
    mail = compose(invited)
    assert f"سلام {text}" in mail.text
    assert f"سلام {escape(text)}" in mail.html
    assert filled("{name}", {"name": text}) == text
    assert always("{name}", {"name": text}) == text


@pytest.mark.parametrize(
    "name", ["Win at https://evil.example/x", "www.evil.example now", "Call evil-shop.com", "me@evil.example", "You won! " * 20]
)
def test_no_mail_carries_what_a_stranger_put_in_the_place_of_a_name(invited, name):
    invited.customer.name = name
    invited.survey.texts = {language: {"mail_body": "{name}!\nHow was it?", "mail_subject": "{name}?"} for language in ("fa", "en")}
    mail = compose(invited)
    assert "How was it?" in mail.text
    assert [word for word in ("evil", "won") for told in (mail.subject, mail.text, mail.html) if word in told] == []


@pytest.mark.parametrize("name", ["نگار صبوری‌فر", "Dr. J.R. Smith", "Mohammad.Reza", "O’Neil-Sara", "آقای م. رضایی", "Sara (work)"])
def test_names_of_people_are_names(name):
    assert callable_by(name) == name


@pytest.mark.parametrize(
    "path", ["/s//", "/s/ /", "/s/None/", "/s/0/", "/u//", "/u/None/", "/invitation//", "/invitation/None/", "/invitation/0/"]
)
def test_no_blank_or_guessed_link_opens_anything(invited, path):
    create_owner(workspace=invited.workspace, email="me@sofalineh.example", password="a long enough password")
    assert Client().get(path).status_code == (410 if path.startswith("/invitation/") and path != "/invitation//" else 404)


def test_links_of_two_people_have_nothing_in_common_to_guess_by(invited):
    first = link_token(invited)
    Invitation.objects.filter(pk=invited.pk).update(nonce=clock.token(12))
    assert Client().get(f"/s/{first}/").status_code == 404
    owner = create_owner(workspace=invited.workspace, email="me@sofalineh.example", password="a long enough password").user
    tokens = {invite(workspace=invited.workspace, email=f"a{n}@post.example", role="agent", actor=owner)[1] for n in range(20)}
    assert len({token[:8] for token in tokens}) == 20
    assert min(map(len, tokens)) >= 27
