"""Bringing a database to an application whose tables can get no walls: refused before anything changes, with what to do."""

from peyvand.config.command import WRONG_SETTING
from peyvand.config.tests.running import Installation

UNSAID = "peyvand.config.tests.unsaid"
KEEPS = "SELECT count(*) FROM unsaid_secret"


def test_an_app_that_did_not_say_whose_its_rows_are_is_refused_where_walls_are_wanted(anywhere: Installation) -> None:
    anywhere.apps = UNSAID
    if anywhere.url:
        for words in (("migrate",), ("upgrade",), ("web",)):
            refused = anywhere.run(*words)
            assert (refused.returncode, refused.stdout) == (WRONG_SETTING, "")
            assert refused.stderr.startswith("peyvand: nobody said to which workspace rows of unsaid_secret belong")
            assert "PEYVAND_APPS" in refused.stderr
        tables = anywhere.ask("SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'")
        assert tables == [(0,)], "nothing was made"
    done = anywhere.run("migrate", PEYVAND_WALLS="no")
    assert done.returncode == 0, done.stderr
    assert anywhere.ask(KEEPS) == [(0,)]
    again = anywhere.run("migrate")
    assert again.returncode == (WRONG_SETTING if anywhere.url else 0), "SQLite has no walls to lay"
