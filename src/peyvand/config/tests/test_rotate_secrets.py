"""A new secret key: everything sealed is put under it, also when it is killed half-way; what the old one signed holds until the end."""

import signal
import subprocess
import sys
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings as django_settings
from django.test import override_settings
from tests.architecture.source import PACKAGE
from tests.moulds import cast, laid

from peyvand.channels.models import Channel
from peyvand.channels.services.setting_up import set_channel
from peyvand.config import command
from peyvand.config.tests.running import Installation
from peyvand.core import beats, clock, jobs, rekeying, vault
from peyvand.core.ids import read_token, sign_token
from peyvand.core.models import Heartbeat, Job
from peyvand.workspaces.models import AuditEntry, User, Workspace

OLD, NEW = "old" * 20, "new" * 20


def test_every_app_that_seals_says_where() -> None:
    sealing = {
        path.relative_to(PACKAGE).parts[0]
        for path in PACKAGE.rglob("*.py")
        if "tests" not in path.parts and "core" not in path.parts and ("vault.seal(" in (text := path.read_text()) or " seal(" in text)
    }
    assert {place for app in sealing for place in (PACKAGE / app / "sealed.py",) if not place.exists()} == set()
    for place in rekeying.places():
        apps.get_model(place.model)._meta.get_field(place.column)


@pytest.mark.django_db
def test_sealed_texts_of_every_place_are_put_under_the_new_key() -> None:
    workspace = Workspace.objects.create(slug="narenj", names={"fa": "نارنج"})
    user = User.objects.create(email="sara@example.ir")
    with override_settings(SECRET_KEY=OLD):
        set_channel(workspace=workspace, kind="email", name="n", values={"host": "smtp.example.ir", "password": "گذرواژه"})
        jobs.enqueue(name="workspaces.invitation_mail", payload={"invitation": 7, "sealed": vault.seal({"token": "t"})})
        factor = apps.get_model("mfa.Authenticator").objects.create(
            user=user,
            type="totp",
            data={"secret": vault.seal({"secret": "s"}), "migrated_codes": [vault.seal({"secret": "c"})], "used_mask": 3},
        )
    broken = Channel.objects.create(workspace=workspace, kind="woocommerce", name="w", sealed="of another house", address_token="a" * 32)
    counts = {place.model: count for place, count in rekeying.everywhere([NEW, OLD])}
    assert {model: (count.renewed, count.broken) for model, count in counts.items() if model != "webhooks.Endpoint"} == {
        "channels.Channel": (1, 1),
        "mfa.Authenticator": (2, 0),
        "core.Job": (1, 0),
        "workspaces.SingleSignOn": (0, 0),
    }
    factor.refresh_from_db()
    broken.refresh_from_db()
    with override_settings(SECRET_KEY=NEW, SECRET_KEY_FALLBACKS=[]):
        assert vault.unseal(Channel.objects.get(kind="email").sealed) == {"password": "گذرواژه"}
        assert vault.unseal(Job.objects.get().payload["sealed"]) == {"token": "t"}
        assert vault.unseal(factor.data["secret"]) == {"secret": "s"}
        assert vault.unseal(factor.data["migrated_codes"][0]) == {"secret": "c"}
    assert (factor.data["used_mask"], broken.sealed) == (3, "of another house")
    again = [count for _place, count in rekeying.everywhere([NEW, OLD])]
    assert sum(count.renewed for count in again) == 0, "what is under the new key is left"


def test_what_the_old_key_signed_holds_until_it_is_forgotten() -> None:
    with override_settings(SECRET_KEY=OLD, SECRET_KEY_FALLBACKS=[]):
        token = sign_token("survey", (1, "a"))
    with override_settings(SECRET_KEY=NEW, SECRET_KEY_FALLBACKS=[OLD]):
        assert read_token("survey", token) == (1, "a")
    with override_settings(SECRET_KEY=NEW, SECRET_KEY_FALLBACKS=[]):
        assert read_token("survey", token) is None


def test_a_process_that_began_before_reads_what_was_sealed_since(settings: Any) -> None:
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = OLD, []
    vault.key_file().write_text(f"{NEW}\n{OLD}\n")
    with override_settings(SECRET_KEY=NEW):
        sealed = vault.seal({"password": "x"})
    assert vault.unseal(sealed) == {"password": "x"}


@pytest.mark.django_db
def test_the_end_waits_for_a_restart_and_is_noted(settings: Any, capsys: pytest.CaptureFixture[str]) -> None:
    Workspace.objects.create(slug="narenj", names={"fa": "نارنج"})
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = OLD, []
    vault.key_file().write_text(OLD)
    assert command.main(["rotate-secrets", "--finish"]) == 1
    assert "no rotation is under way" in capsys.readouterr().err
    beats.beat("machine:7:abc", "worker")
    assert command.main(["rotate-secrets"]) == 0
    new, old = vault.kept_keys()
    assert (old, new != OLD, vault.key_file().stat().st_mode & 0o777) == (OLD, True, 0o600)
    assert command.main(["rotate-secrets"]) == 0
    assert vault.kept_keys() == [new, OLD], "a second run makes no third key"
    Heartbeat.objects.update(started_at=clock.now().replace(year=2020))
    assert command.main(["rotate-secrets", "--finish"]) == 1
    assert "Restart it, then finish" in capsys.readouterr().err
    Heartbeat.objects.all().delete()
    assert command.main(["rotate-secrets", "--finish"]) == 0
    assert vault.kept_keys() == [new]
    assert [entry.detail for entry in AuditEntry.objects.filter(action="secrets.rotated").order_by("pk")] == [
        {"finished": False},
        {"finished": False},
        {"finished": True},
    ]


@pytest.mark.django_db
def test_a_key_of_the_environment_is_changed_there(settings: Any, capsys: pytest.CaptureFixture[str]) -> None:
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, []
    assert command.main(["rotate-secrets"]) == 1
    assert "PEYVAND_SECRET_KEY_FALLBACKS" in capsys.readouterr().err
    assert not vault.key_file().exists()
    settings.SECRET_KEY_FALLBACKS = [OLD]
    assert command.main(["rotate-secrets"]) == 0


@pytest.mark.slow
def test_a_rotation_killed_in_the_middle_is_run_again_and_loses_nothing(anywhere: Installation) -> None:
    cast(anywhere, laid)
    old = (anywhere.data / "secret.key").read_text().split()[0]
    with override_settings(SECRET_KEY=old, SECRET_KEY_FALLBACKS=[]):
        rows = [(f'{{"sealed": "{vault.seal({"token": str(n)})}"}}',) for n in range(600)]
    columns = "name, payload, state, due_at, attempts, lease, error, created_at"
    anywhere.write(f"INSERT INTO core_job ({columns}) VALUES ('x', ?, 0, '2099-01-01', 0, '', '', '2026-01-01')", rows)

    def kept() -> list[str]:
        return [sealed for (sealed,) in anywhere.ask("SELECT payload ->> 'sealed' FROM core_job ORDER BY id")]

    def under(key: str) -> int:
        with override_settings(SECRET_KEY=key, SECRET_KEY_FALLBACKS=[], PEYVAND_DATA=django_settings.PEYVAND_DATA / "none"):
            return sum(_opens(sealed, str(n)) for n, sealed in enumerate(kept()))

    killed = subprocess.run([sys.executable, "-c", KILLED], env=anywhere.environ, check=False)
    assert killed.returncode == -signal.SIGKILL
    new = (anywhere.data / "secret.key").read_text().split()[0]
    assert (under(new), under(old)) == (300, 300)
    again = anywhere.run("rotate-secrets", "--json")
    assert '"renewed": 300' in again.stdout
    assert anywhere.run("rotate-secrets", "--finish").returncode == 0
    (key,) = (anywhere.data / "secret.key").read_text().split()
    assert key != old
    with override_settings(SECRET_KEY=key, SECRET_KEY_FALLBACKS=[]):
        assert all(_opens(sealed, str(n)) for n, sealed in enumerate(kept()))


KILLED = """
import os, signal
from peyvand.config import command
from peyvand.core import rekeying
renew, pages = rekeying._page, []
def some(*given):
    if len(pages) == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    found = renew(*given)
    pages.extend([found] if found else [])
    return found
rekeying._page = some
command.main(["rotate-secrets"])
"""  # killed after three pages of a hundred


def _opens(sealed: str, token: str) -> bool:
    try:
        return vault.unseal(sealed) == {"token": token}
    except vault.SealBroken:
        return False
