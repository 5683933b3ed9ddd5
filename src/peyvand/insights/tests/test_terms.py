"""Terms are asked of the records once in a question, whatever it is filtered by, and merged ones stay one."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from peyvand.catalogue.models import Term
from peyvand.insights.asking import question
from peyvand.insights.queries import answer
from peyvand.insights.questions import UnknownCodeError
from peyvand.insights.terms import Named, integers_of, look_up, named, remembering
from peyvand.insights.tests.conftest import answer_item

pytestmark = pytest.mark.django_db(transaction=True)
FILTERS = (("channel", "sms"), ("branch", "vanak"), ("branch", "karaj"), ("product", "sku-1"))


@pytest.fixture
def numbers(brand, kept):
    kept([answer_item(9, channel="sms", branch=branch, product="sku-1", who=branch) for branch in ("vanak", "karaj")])
    return {(term.dimension, term.code): term.pk for term in Term.objects.filter(workspace=brand)}


def counted(do):
    with CaptureQueriesContext(connection) as asked:
        found = do()
    return found, [one["sql"] for one in asked if '"catalogue_term"' in one["sql"]]


def test_a_question_with_many_filters_asks_for_its_terms_as_often_as_one_with_none(brand, numbers):
    def figure(filters):
        with remembering():
            return answer(question(brand, "nps", filters=filters)).now.total.n

    (all_of_them, many), (without, few) = counted(lambda: figure(FILTERS)), counted(lambda: figure(()))
    assert (all_of_them, without) == (2, 2)
    assert len(many) == len(few)


def test_codes_that_were_looked_up_are_not_asked_for_again_and_unknown_ones_neither(brand, numbers):
    with remembering():
        look_up(brand.pk, {"branch": ["vanak", "karaj", "nowhere"], "channel": ["sms", "a\x00b"]})
        found, asked = counted(lambda: [integers_of(brand.pk, "branch", codes) for codes in (["vanak"], ["nowhere"], ["karaj", "vanak"])])
    assert (found, asked) == (
        [(numbers["branch", "vanak"],), (), tuple(sorted(numbers["branch", code] for code in ("vanak", "karaj")))],
        [],
    )


def test_a_code_of_one_workspace_is_not_taken_for_that_of_another(brand, numbers):
    with remembering():
        assert integers_of(brand.pk, "branch", ["vanak"])
        assert integers_of(brand.pk + 1, "branch", ["vanak"]) == ()


def test_whatever_is_merged_counts_under_each_of_its_codes_and_is_named_by_the_kept_one(brand, numbers):
    kept, gone = numbers["branch", "vanak"], numbers["branch", "karaj"]
    Term.objects.filter(pk=kept).update(names={"fa": "ونک"})
    Term.objects.filter(pk=gone).update(merged_into=kept)
    both = tuple(sorted((kept, gone)))
    assert [integers_of(brand.pk, "branch", [code]) for code in ("vanak", "karaj")] == [both, both]
    with override("fa"):
        assert named(brand.pk, [kept, gone, 10**9]) == {kept: Named(kept, "vanak", "ونک"), gone: Named(kept, "vanak", "ونک")}


def test_a_code_nobody_knows_is_refused(brand, numbers):
    with pytest.raises(UnknownCodeError, match="there is no channel 'fax'"):
        question(brand, "nps", filters=[("channel", "fax")])
