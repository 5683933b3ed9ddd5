"""`peyvand import` as somebody at a terminal gives it: the map and the files beside are found, or it is said what is missing."""

import argparse
import json
import shutil
from pathlib import Path

import pytest

from peyvand.config.command import WRONG_USE, Abort
from peyvand.config.commands import analyze, import_
from peyvand.core.ids import public_id
from peyvand.imports.models import Import
from peyvand.imports.tests.conftest import FIXTURES
from peyvand.timeline.models import Era, Interaction
from peyvand.timeline.tests.settling import settle
from peyvand.workspaces.models import Workspace
from peyvand.workspaces.services import create_workspace

pytestmark = pytest.mark.django_db


@pytest.fixture
def brand() -> Workspace:
    return create_workspace(name="Olist", slug="olist", language="en")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for path in FIXTURES.glob("olist_*.csv"):
        shutil.copy(path, tmp_path)
    return tmp_path


def run(module: object, *words: object) -> int:
    parser = argparse.ArgumentParser()
    module.add_arguments(parser)  # type: ignore[attr-defined]
    found: int = module.run(parser.parse_args([str(word) for word in words]))  # type: ignore[attr-defined]
    return found


def test_a_map_that_fits_brings_the_files_beside_without_being_named(
    brand: Workspace, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(import_, folder / "olist_orders.csv", "--workspace", brand.slug) == 0
    said = capsys.readouterr().out
    assert "reviews: olist_order_reviews.csv" in said
    assert Import.objects.get().map_name == "olist"
    assert Interaction.objects.filter(external_id__startswith="review ").count() == 2


@pytest.mark.django_db(transaction=True)  # readers on PostgreSQL see what is committed
def test_what_was_imported_is_counted_at_once_also_without_a_worker(
    brand: Workspace, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Era.objects.get_or_create(number=1)  # the migration's row goes with each flush
    run(import_, folder / "olist_orders.csv", "--workspace", brand.slug)
    settle()
    capsys.readouterr()
    run(analyze, "rating", "--workspace", brand.slug, "--by", "order.delivered:late", "--json")
    found = json.loads(capsys.readouterr().out)
    assert (found["n"], found["value"]) == (2, 3.5)
    assert {group["group"]: group["value"] for group in found["groups"]} == {"false": 5.0, "true": 2.0}


@pytest.mark.django_db(transaction=True)  # what the lake holds is read by another connection
def test_an_import_is_taken_back_by_the_id_of_its_page_or_by_its_number(
    brand: Workspace, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Era.objects.get_or_create(number=1)
    for by_page in (True, False):
        assert run(import_, folder / "olist_orders.csv", "--workspace", brand.slug) == 0
        one = Import.objects.latest("pk")
        pid = public_id(bytes(brand.id_key), one.pk)
        assert f"`peyvand import --workspace olist --undo {pid}`" in capsys.readouterr().out
        assert run(import_, "--workspace", brand.slug, "--undo", pid if by_page else one.pk, "--json") == 0
        assert json.loads(capsys.readouterr().out) == {"id": pid, "import": one.pk, "state": "undone", "recorded": one.recorded}
        assert not Interaction.objects.exists()


def test_an_import_that_is_none_of_the_workspace_is_not_taken_back(brand: Workspace) -> None:
    other = Import.objects.create(workspace=create_workspace(name="Other", slug="other", language="en"), name="a.csv")
    for named in (other.pk, public_id(bytes(other.workspace.id_key), other.pk), "nothing", "9" * 40):
        with pytest.raises(Abort, match=f"workspace olist has no import {named}"):
            run(import_, "--workspace", brand.slug, "--undo", named)


def test_a_missing_or_doubtful_file_beside_is_said_before_anything_begins(brand: Workspace, folder: Path) -> None:
    shutil.copy(folder / "olist_order_items.csv", folder / "olist_order_items_new.csv")
    with pytest.raises(Abort, match=r"olist_order_items\.csv, olist_order_items_new\.csv may all be the items") as two:
        run(import_, folder / "olist_orders.csv", "--workspace", brand.slug)
    (folder / "olist_customers.csv").unlink()
    with pytest.raises(Abort, match="joins customers, and no file beside"):
        run(import_, folder / "olist_orders.csv", "--workspace", brand.slug)
    with pytest.raises(Abort, match="the map olist joins customers, items, payments, reviews"):
        run(import_, folder / "olist_orders.csv", "--workspace", brand.slug, "--join", f"other={folder / 'olist_orders.csv'}")
    assert two.value.code == WRONG_USE
    assert not Import.objects.exists()


def test_an_ambiguous_file_may_be_named(brand: Workspace, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copy(folder / "olist_order_items.csv", folder / "olist_order_items_new.csv")
    named = f"items={folder / 'olist_order_items.csv'}"
    assert run(import_, folder / "olist_orders.csv", "--workspace", brand.slug, "--join", named, "--json") == 0
    assert json.loads(capsys.readouterr().out)["rejected"] == 0


def test_a_file_no_map_fits_is_said_and_forgotten(brand: Workspace, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a,b\n1,2\n")
    with pytest.raises(Abort, match="no map that comes with Peyvand fits this file"):
        run(import_, tmp_path / "a.csv", "--workspace", brand.slug)
    assert not Import.objects.exists()
