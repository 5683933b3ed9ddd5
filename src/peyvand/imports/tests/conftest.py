"""A workspace that imports, the worker's hands, and small files of the shapes that people bring."""

from collections.abc import Callable
from pathlib import Path

import pytest

from peyvand.catalogue.services import lay_defaults
from peyvand.core.tests.working import work_off
from peyvand.imports import services
from peyvand.imports.mapping.shipped import shipped_maps
from peyvand.imports.models import Import
from peyvand.timeline.lake.flushing import flush_once
from peyvand.workspaces.models import Workspace
from peyvand.workspaces.services import create_workspace

FIXTURES = Path(__file__).parent / "fixtures"
REAL = Path(__file__).resolve().parents[5] / "shared" / "data"
OLIST = {
    "main": "olist_orders_sample",
    "customers": "olist_customers_sample",
    "items": "olist_order_items_sample",
    "payments": "olist_order_payments_sample",
    "reviews": "olist_order_reviews_sample",
}

Bring = Callable[..., Import]


def real(name: str) -> Path:
    path = REAL / f"{name}.parquet"
    if not path.exists():
        pytest.skip(f"the real data set {name} is not here")
    return path


@pytest.fixture
def shop(db: None) -> Workspace:
    workspace = create_workspace(name="سفالینه", slug="sofal", language="fa")
    lay_defaults(workspace=workspace)
    return workspace


@pytest.fixture
def bring(shop: Workspace) -> Bring:
    """Store files and give the import its map: a shipped one by name, or TOML."""

    def made(files: dict[str, Path | bytes] | Path | bytes, wanted: str, name: str = "file.csv") -> Import:
        given = files if isinstance(files, dict) else {"main": files}
        pieces = {
            role: (file.name, [file.read_bytes()]) if isinstance(file, Path) else (f"{role}-{name}", [file]) for role, file in given.items()
        }
        one = services.store(workspace=shop, name=name, files=pieces, actor=None)
        shipped = shipped_maps().get(wanted)
        services.set_map(one=one, text=shipped.text if shipped else wanted, name=shipped.name if shipped else "")
        return one

    return made


def recorded(one: Import) -> Import:
    services.start(one=one, actor=None, here=True)
    return services.run(one.pk)


def undone(one: Import) -> None:
    services.undo(one=one, actor=None)
    while flush_once():
        pass
    work_off()
