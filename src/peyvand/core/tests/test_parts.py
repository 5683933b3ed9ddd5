"""Tests of the shell and the parts every page is made of, drawn through the real templates."""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from django import forms
from django.contrib.messages import ERROR
from django.contrib.messages.storage.base import Message
from django.template.loader import render_to_string
from django.utils import translation

from peyvand.core.forms import PartsRenderer
from peyvand.core.pictures import Change, Ends, Figure, range_on
from peyvand.core.reader import ENGLISH, PERSIAN, Reader, use_reader

SOURCE = Path(__file__).resolve().parents[2]
SPRITE = (SOURCE.parents[1] / "frontend" / "public" / "icons.svg").read_text(encoding="utf-8")
STATUSES = (400, 403, 404, 429, 500, 503)


class SurveyForm(forms.Form):
    default_renderer = PartsRenderer
    name = forms.CharField(label="Name", help_text="Customers do not see it.")
    days = forms.IntegerField(label="Days", min_value=1)
    result = forms.ChoiceField(label="Result", choices=[("a", "spoke"), ("b", "no answer")], widget=forms.RadioSelect)
    why = forms.MultipleChoiceField(label="Why", choices=[("a", "late")], widget=forms.CheckboxSelectMultiple, required=False)
    agreed = forms.BooleanField(label="Agreed", required=False)
    token = forms.CharField(widget=forms.HiddenInput, initial="t1")


def drawn(template: str, reader: Reader = ENGLISH, **context: object) -> str:
    with use_reader(reader):
        return re.sub(r"\s+", " ", render_to_string(template, context))


def shell(reader: Reader = ENGLISH, **changes: object) -> str:
    places = [
        {"key": "pulse", "label": "Pulse", "url": "/p/", "icon": "pulse", "count": 0, "current": True},
        {"key": "inbox", "label": "Inbox", "url": "/i/", "icon": "inbox", "count": 1200, "current": False},
        {"key": "settings", "label": "Settings", "url": "/s/", "icon": "settings", "count": 0, "current": False},
    ]
    person = SimpleNamespace(user=SimpleNamespace(name="Alice Berg", email="alice@brand.example", theme=""))
    given = {"navigation": places, "navigation_bar": places[:2], "workspace": SimpleNamespace(name="Sofalineh"), "member": person}
    return drawn("base.html", reader, **{**given, **changes})


def test_the_shell_turns_with_the_language() -> None:
    assert '<html lang="fa" dir="rtl"' in shell(PERSIAN)
    assert "console-rtl.css" in shell(PERSIAN)
    assert '<html lang="en" dir="ltr"' in shell()
    assert "console-ltr.css" in shell()


def test_the_shell_shows_places_as_given_settings_at_the_foot_and_counts_in_the_readers_digits() -> None:
    page = shell(PERSIAN)
    rail = page[page.index('class="pv-rail"') : page.index("</nav>", page.index('class="pv-rail"'))]
    assert rail.index("/p/") < rail.index("/i/") < rail.index("pv-rail-foot") < rail.index("/s/")
    assert '<span class="pv-count now">۱٬۲۰۰</span>' in rail
    assert rail.count('aria-current="page"') == 1


def test_the_shell_offers_no_command_box_account_or_way_out_that_does_not_exist() -> None:
    bare = shell()
    whole = shell(find_url="/find/", account_url="/me/", sign_out_url="/out/")
    for what in ("data-command-open", "Your account", "Sign out"):
        assert what not in bare
        assert what in whole


@pytest.mark.parametrize(("chosen", "said"), [("dark", 'data-bs-theme="dark"'), ("light", 'data-bs-theme="light"')])
def test_a_chosen_theme_is_on_the_page_from_the_start(chosen: str, said: str) -> None:
    assert said in shell(theme=chosen)


@pytest.mark.parametrize("chosen", ["auto", "", 'x" onload="alert(1)'])
def test_any_other_theme_leaves_it_to_the_system(chosen: str) -> None:
    page = shell(theme=chosen)
    assert "data-bs-theme" not in page
    assert "onload" not in page


def test_no_template_of_the_core_has_a_script_or_style_inside_it() -> None:
    for path in (SOURCE / "core" / "templates").rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"<style|<script(?![^>]*\b(?:src=|type=.application/json))|\son\w+=", text), path.name


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("language", ["fa", "en"])
def test_an_error_page_needs_neither_request_nor_database_and_speaks_both_languages(status: int, language: str) -> None:
    with translation.override(language):
        page = render_to_string(f"{status}.html")
    assert f'<html lang="{language}"' in page
    assert bool(re.search(r"<h1>[^<]*[\u0600-\u06ff]", page)) == (language == "fa")
    assert "<script" not in page


def test_a_figure_colours_only_a_change_that_leaves_the_noise() -> None:
    figure = Figure(
        label="NPS",
        value="42",
        n=1240,
        change=Change(text="1 lower, within noise"),
        low="38",
        high="46",
        range=range_on(Ends(0, 80), 42, (38, 46)),
    )
    calm = drawn("parts/figure.html", figure=figure)
    assert "1,240 answers" in calm
    assert "95% interval: <bdi>38</bdi> to <bdi>46</bdi>" in calm
    assert '<p class="pv-change">' in calm
    assert '<span class="pv-range"' in calm
    assert "<u></u>" not in calm


def test_a_figure_of_few_answers_says_so_instead_of_its_interval() -> None:
    page = drawn("parts/figure.html", figure=Figure(label="NPS", value="42", n=12, low="-10", high="80"))
    assert "pv-few" in page
    assert "Too few answers to conclude from" in page
    assert "95% interval" not in page


def test_a_range_is_written_for_css_whatever_the_language() -> None:
    page = drawn("parts/range.html", PERSIAN, range=range_on(Ends(0, 80), 42, (38, 46), 43))
    assert [number in page for number in ("--lo:47.5", "--hi:57.5", "--at:52.5", "--was:53.8")] == [True] * 4


def test_a_form_draws_labels_hints_and_errors_that_belong_to_their_fields() -> None:
    page = re.sub(r"\s+", " ", str(SurveyForm({"name": "", "days": "0"})))
    assert 'aria-describedby="id_name_helptext id_name_error"' in page
    assert '<small id="id_name_helptext">' in page
    assert '<div id="id_name_error">' in page
    assert 'class="pv-field wrong"' in page
    assert page.count('class="pv-pick"') == 2
    assert page.count('class="pv-pick box"') == 1
    assert '<label class="pv-check">' in page
    assert '<input type="hidden" name="token"' in page


def test_a_message_of_an_error_stays_and_others_can_be_closed() -> None:
    page = drawn("parts/messages.html", messages=[Message(ERROR, "<b>not sent</b>")])
    assert 'role="alert"' in page
    assert "&lt;b&gt;not sent" in page
    assert "data-close" not in page


def test_every_icon_a_template_names_is_in_the_sprite() -> None:
    drawn_icons = set(re.findall(r'<symbol id="i-([\w-]+)"', SPRITE))
    for path in SOURCE.rglob("templates/**/*.html"):
        named = set(re.findall(r'{%\s*icon\s+"([\w-]+)"', path.read_text(encoding="utf-8")))
        assert named <= drawn_icons, f"{path}: {named - drawn_icons}"


@pytest.mark.parametrize(("n", "drawn_as"), [(8, 'class="pv-picks"'), (9, 'class="pv-picks many"')])
def test_more_than_eight_boxes_are_a_plain_list(n: int, drawn_as: str) -> None:
    class Boxes(forms.Form):
        kinds = forms.MultipleChoiceField(choices=[(str(i), str(i)) for i in range(n)], widget=forms.CheckboxSelectMultiple)

    assert drawn_as in str(Boxes())
