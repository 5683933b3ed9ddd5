"""Brand, region, hours, holidays, keys, audit: what is saved, what is refused, what an attacker gets."""

import datetime as dt
import re
from io import BytesIO
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import translation
from PIL import Image

from peyvand.core import clock
from peyvand.core.reader import use_reader, usual_reader
from peyvand.workspaces import audit_words
from peyvand.workspaces.access import pid_of
from peyvand.workspaces.models import ApiKey, AuditEntry, Holiday
from peyvand.workspaces.services import audit, create_key, create_role, note_bulk_view, put_holiday, put_member, update_workspace
from peyvand.workspaces.types import Permission

pytestmark = pytest.mark.django_db
LOOK = {"name_fa": "نارنج", "name_en": "Narenj", "colour": "#b3261e"}


def picture(kind="PNG", size=(600, 300)) -> bytes:
    out = BytesIO()
    Image.new("RGB", size, "#b3261e").save(out, kind)
    return out.getvalue()


def upload(client, content, name="logo.png"):
    return client.post("/w/narenj/settings/brand/", {**LOOK, "logo": SimpleUploadedFile(name, content)})


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_logo_is_drawn_anew_and_served_without_a_cookie(window, alice, narenj, kind):
    assert upload(window(alice), picture(kind) + b"<script>alert(1)</script>").status_code == 302
    narenj.refresh_from_db()
    answer = Client().get(narenj.logo)
    assert (answer.status_code, answer["Content-Type"], answer["X-Content-Type-Options"]) == (200, "image/png", "nosniff")
    assert b"script" not in answer.content
    assert not answer.cookies
    assert Image.open(BytesIO(answer.content)).size == (512, 256)


@pytest.mark.parametrize(
    "content",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>",
        b"GIF89a",
        b"",
        picture()[:40],
        b"\x89PNG\r\n\x1a\n" + b"\0" * 50,
        b"x" * 2_200_000,
    ],
)
def test_what_is_no_picture_is_refused(window, alice, narenj, content):
    name = narenj.name
    answer = window(alice).post("/w/narenj/settings/brand/", {**LOOK, "name_fa": "لیمو", "logo": SimpleUploadedFile("logo.png", content)})
    assert answer.status_code == 200
    narenj.refresh_from_db()
    assert (narenj.logo, narenj.name) == ("", name), "the other changes of a refused form are not kept"


def test_a_picture_with_too_many_pixels_is_refused_before_it_is_unpacked(window, alice, narenj):
    assert "too many pixels" in upload(window(alice), picture(size=(9000, 9000))).content.decode()


@pytest.mark.parametrize(
    "path",
    ["/brand/narenj/logo/00000000000000000000.png", "/brand/narenj/logo/../../secret.key", "/brand/twin/logo/aaaaaaaaaaaaaaaaaaaa.png"],
)
def test_there_is_no_other_file_behind_the_logo_address(alice, path):
    assert Client().get(path).status_code == 404


def test_colours_tell_a_stranger_nothing_of_the_brands_there_are(narenj):
    known, unknown = (Client().get(f"/brand/{slug}/b4532f.css") for slug in ("narenj", "no-such-brand"))
    assert (known.status_code, known.content) == (unknown.status_code, unknown.content)
    assert "--pv-accent" in known.content.decode()
    assert {Client().get(f"/brand/narenj/{colour}.css").status_code for colour in ("zzz", "b4532f;}*{color:red", "b453")} == {404}


@pytest.mark.parametrize("path", ["/w/narenj/", "/w/narenj/customers/", "/w/narenj/settings/audit/", "/accounts/password/change/"])
def test_what_somebody_signed_in_is_shown_is_kept_in_no_cache(window, alice, path):
    assert "no-store" in window(alice).get(path)["Cache-Control"]
    assert "immutable" in window(alice).get("/brand/narenj/b4532f.css")["Cache-Control"]


def test_the_preview_says_when_a_colour_had_to_be_moved(window, alice):
    hers = window(alice)
    assert "darker shade" in hers.get("/w/narenj/settings/brand/preview/?colour=%23ffee00").content.decode()
    assert "is not a colour" in hers.get("/w/narenj/settings/brand/preview/?colour=%3Cscript%3E").content.decode()


def test_region_is_saved_and_noted(window, alice, narenj):
    given = {
        "languages": ["fa", "en"], "default_language": "fa", "calendar": "jalali", "time_zone": "Asia/Tehran", "currency": "IRR",
        "rial_shown_as": "rial", "phone_region": "ir",
    }  # fmt: skip
    assert window(alice).post("/w/narenj/settings/region/", given).status_code == 302
    narenj.refresh_from_db()
    assert (narenj.calendar, narenj.rial_shown_as, narenj.phone_region) == ("jalali", "rial", "IR")
    assert AuditEntry.objects.filter(action="workspace.changed").count() == 1


def test_hours_take_persian_digits_and_refuse_an_end_before_the_beginning(window, alice, narenj):
    hers = window(alice)
    assert (
        hers.post("/w/narenj/settings/hours/", {"d5_0_0": "۰۸:۳۰", "d5_0_1": "13:00", "d5_1_0": "15:00", "d5_1_1": "18:00"}).status_code
        == 302
    )
    narenj.refresh_from_db()
    assert narenj.business_hours == {"5": [["08:30", "13:00"], ["15:00", "18:00"]]}
    assert hers.post("/w/narenj/settings/hours/", {"d5_0_0": "18:00", "d5_0_1": "09:00"}).status_code == 200
    assert hers.post("/w/narenj/settings/hours/", {}).status_code == 200
    hers.cookies["django_language"] = "fa"
    assert 'value="۰۸:۳۰"' in hers.get("/w/narenj/settings/hours/").content.decode()


def test_iranian_holidays_are_taken_over_by_ticking_and_removed_again(window, alice, narenj):
    hers = window(alice)
    page = hers.get("/w/narenj/settings/holidays/").content.decode()
    days = [line.split('value="')[1][:10] for line in page.splitlines() if 'name="day"' in line]
    assert len(days) > 20
    hers.post("/w/narenj/settings/holidays/offered/", {"day": [*days[:2], "1999-01-01"]})
    assert Holiday.objects.filter(workspace=narenj).count() == 2
    hers.post("/w/narenj/settings/holidays/", {"date": "۱۴۰۶/۰۲/۰۳", "name": "Stocktaking", "off": "1"})
    own = Holiday.objects.get(names={"en": "Stocktaking"})
    assert own.date.isoformat() == "2027-04-23"
    hers.post(f"/w/narenj/settings/holidays/{pid_of(narenj, own)}/remove/")
    assert not Holiday.objects.filter(pk=own.pk).exists()


def test_a_key_is_shown_once_and_revoked_for_good(window, alice, narenj):
    hers = window(alice)
    page = hers.post("/w/narenj/settings/keys/", {"name": "Shop", "scopes": ["ingest"]}).content.decode()
    key = ApiKey.objects.get()
    secret = page.split("<code>")[1].split("</code>")[0]
    assert secret.startswith(key.prefix)
    assert "curl" in page
    assert '<h1 class="pv-finding">API keys</h1>' in page
    assert page.count("What each of these lets it do") == 1
    assert secret not in hers.get("/w/narenj/settings/keys/").content.decode()
    hers.post(f"/w/narenj/settings/keys/{pid_of(narenj, key)}/revoke/")
    key.refresh_from_db()
    assert key.revoked_at is not None


def test_a_key_for_web_pages_comes_with_its_snippet_and_no_other_scope(window, alice, narenj):
    hers = window(alice)
    assert "can do nothing else" in hers.post("/w/narenj/settings/keys/", {"name": "x", "scopes": ["snippet", "read"]}).content.decode()
    page = hers.post("/w/narenj/settings/keys/", {"name": "Site", "scopes": ["snippet"]}).content.decode()
    assert "/snippet.js" in page
    assert ApiKey.objects.get().public_key in page


def test_a_foreign_key_cannot_be_revoked(window, alice, narenj, twin):
    foreign, _secret = create_key(workspace=twin, name="Theirs", scopes=["read"])
    assert window(alice).post(f"/w/narenj/settings/keys/{pid_of(twin, foreign)}/revoke/").status_code == 404
    foreign.refresh_from_db()
    assert foreign.revoked_at is None


def test_the_audit_trail_is_exported_without_formulas_and_the_export_is_noted(window, alice, narenj):
    create_key(workspace=narenj, name="=HYPERLINK(1)", scopes=["read"], actor=alice)
    answer = window(alice).post("/w/narenj/settings/audit/export/")
    text = answer.content.decode("utf-8-sig")
    assert answer["Content-Disposition"].startswith("attachment")
    assert "'=HYPERLINK(1)" in text
    assert ",=HYPERLINK" not in text
    assert AuditEntry.objects.filter(action="audit.exported", actor=alice).count() == 1


def test_the_audit_trail_shows_only_this_brand_and_only_the_person_asked_for(window, alice, bob, narenj, twin):
    create_key(workspace=twin, name="CANARY", scopes=["read"])
    create_key(workspace=narenj, name="Hers", scopes=["read"], actor=alice)
    hers = window(alice)
    page = hers.get("/w/narenj/settings/audit/").content.decode()
    assert "Hers" in page
    assert "CANARY" not in page
    of_bob = pid_of(narenj, bob.memberships.get())
    assert "Hers" not in hers.get(f"/w/narenj/settings/audit/?person={of_bob}").content.decode()


def test_the_account_page_changes_language_and_digits(window, bob):
    his = window(bob)
    his.post("/w/narenj/settings/account/", {"name": "Bob", "language": "fa", "digits": "latin", "theme": "dark"})
    bob.refresh_from_db()
    assert (bob.language, bob.digits, bob.theme) == ("fa", "latin", "dark")
    assert 'lang="fa"' in his.get("/w/narenj/settings/account/").content.decode()


def test_the_audit_trail_hides_numbers_and_addresses_from_whoever_sees_none(window, alice, narenj):
    role = create_role(workspace=narenj, names={"en": "Auditor"}, permissions={Permission.AUDIT_READ}, actor=alice)
    auditor = put_member(workspace=narenj, email="eve@example.com", name="Eve", role=role).user
    entry = audit(workspace=narenj, actor=alice, action="conflict.apart", detail={"other": 7, "with": "negar@post.example"})
    AuditEntry.objects.filter(pk=entry.pk).update(target_label="Sara 09121234567")
    for person, whole in ((alice, True), (auditor, False)):
        page = window(person).get("/w/narenj/settings/audit/").content.decode()
        file = window(person).post("/w/narenj/settings/audit/export/").content.decode()
        scopes = ["audit.read", *(["contacts.see"] if whole else [])]
        secret = create_key(workspace=narenj, name="trail", scopes=scopes, actor=alice)[1]
        program = Client().get("/api/v1/audit", headers={"authorization": f"Bearer {secret}"}).content.decode()
        assert [word in told for told in (page, file, program) for word in ("09121234567", "negar@post")] == [whole] * 6


def test_every_action_of_the_audit_trail_has_words():
    source = Path(audit_words.__file__).parents[1]
    code = "\n".join(path.read_text() for path in source.rglob("*.py") if "tests" not in path.parts)
    written = set(re.findall(r'(?:action=|note_audit\([^"]*|_recorded\([^"]*|ACTION: Final = )"([a-z]+\.[a-z_]+)"', code))
    assert len(written) > 30
    assert [action for action in sorted(written) if audit_words.action_words(action) == action] == []
    with translation.override("fa"):
        assert [one for one in sorted(written) if audit_words.noun_word(one.partition(".")[0]).isascii()] == []


def test_the_audit_trail_speaks_the_readers_language(window, alice, narenj):
    audit(workspace=narenj, actor=alice, action="case.closed", detail={"outcome": "could_not"})
    audit(
        workspace=narenj,
        actor=alice,
        action="workspace.changed",
        detail={"before": {"calendar": "jalali"}, "after": {"calendar": "gregorian"}},
    )
    alice.language = "fa"
    alice.save()
    page = window(alice).get("/w/narenj/settings/audit/").content.decode()
    for words in ("پرونده را بست", "نتیجه: حل نشد", "تقویم: هجری خورشیدی ← میلادی"):
        assert words in page
    assert "case.closed" not in page


def test_a_holiday_is_moved_and_renamed_in_the_readers_language_alone(window, alice, narenj, twin):
    eid = put_holiday(workspace=narenj, date=dt.date(2027, 3, 10), names={"fa": "عید فطر", "en": "Eid"}, off=True, actor=alice)
    hers, where = window(alice), f"/w/narenj/settings/holidays/?day={pid_of(narenj, eid)}"
    page = hers.get(where).content.decode()
    assert 'value="2027/03/10"' in page
    assert 'value="Eid"' in page
    assert "Change “Eid”" in page
    hers.post(where, {"date": "2027-03-11", "name": "Eid al-Fitr", "off": "1"})
    moved = Holiday.objects.get(workspace=narenj)
    assert (moved.date, moved.names) == (dt.date(2027, 3, 11), {"fa": "عید فطر", "en": "Eid al-Fitr"})
    theirs = put_holiday(workspace=twin, date=dt.date(2027, 3, 10), names={"en": "Theirs"}, off=True, actor=None)
    assert hers.get(f"/w/narenj/settings/holidays/?day={pid_of(twin, theirs)}").status_code == 404
    assert hers.get("/w/narenj/settings/holidays/?day=nonsense").status_code == 404


def test_holidays_stand_in_the_audit_trail_by_their_day_and_name(window, alice, narenj):
    for name in ("Xmas", "Christmas"):
        put_holiday(workspace=narenj, date=dt.date(2026, 12, 25), names={"en": name}, off=True, actor=alice)
    page = window(alice).get("/w/narenj/settings/audit/").content.decode()
    assert "name: Xmas → Christmas" in page
    assert "25 December 2026" in page


def test_hours_colours_and_logos_are_told_as_people_say_them(narenj, alice):
    with use_reader(usual_reader("fa")), translation.override("fa"):
        update_workspace(
            workspace=narenj,
            changes={"business_hours": {"5": [["09:00", "13:00"]]}, "colour": "#a01f5b", "logo": "/brand/narenj/logo/x.png"},
            actor=alice,
        )
        told = audit_words.detail_words(AuditEntry.objects.latest("pk"))
        assert audit_words.detail_words(AuditEntry(action="case.assigned", detail={"owner": ""})) == "مسئول: هیچ‌کس"
    for words in ("شنبه ۰۹:۰۰–۱۳:۰۰", "#a01f5b", "یک تصویر"):
        assert words in told
    assert "/brand/" not in told


def test_a_bulk_view_is_noted_once_an_hour_and_again_when_more_is_seen(narenj, alice):
    member = alice.memberships.get()
    for contacts in (False, False, True):
        note_bulk_view(member=member, action="customers.listed", detail={"contacts": contacts})
    noted = AuditEntry.objects.filter(action="customers.listed")
    assert [entry.detail for entry in noted.order_by("pk")] == [{"contacts": False}, {"contacts": True}]
    noted.update(at=clock.now() - dt.timedelta(minutes=61))
    note_bulk_view(member=member, action="customers.listed", detail={"contacts": True})
    assert noted.count() == 3


def test_a_time_zone_from_before_is_kept_until_another_is_chosen(window, alice, narenj):
    update_workspace(workspace=narenj, changes={"time_zone": "Asia/Calcutta"}, actor=None)
    page = window(alice).get("/w/narenj/settings/region/").content.decode()
    assert '<option value="Asia/Calcutta" selected>' in page
    assert 'value="Europe/Kiev"' not in page
