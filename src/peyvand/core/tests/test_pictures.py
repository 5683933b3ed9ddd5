"""Tests of what the drawn parts are given."""

from peyvand.core.pictures import Chart, Ends, Figure, Mark, Range, Series, range_on
from peyvand.core.reader import ENGLISH, PERSIAN, use_reader


def chart(**changes: object) -> Chart:
    given: dict[str, object] = {
        "id": "nps",
        "title": "NPS rose",
        "x": ["۷ شهریور", "۱۴"],
        "full": ["۷ شهریور", "۱۴ شهریور"],
        "series": [
            Series(name="NPS", values=[41.6, None], low=[38, None], high=[45.2, None], n=[1240, 0], urls=["/week/1", None]),
            Series(name="last year", values=[40, 43], ghost=True),
        ],
    }
    return Chart(**{**given, **changes})


def test_a_range_stands_in_percent_of_its_track() -> None:
    assert range_on(Ends(-100, 100), 42, (38, 46), 43) == Range(lo=69.0, hi=73.0, at=71.0, was=71.5)


def test_a_range_without_comparison_has_no_ring() -> None:
    assert range_on(Ends(1, 7), 5.6, (5.5, 5.7)).was is None


def test_an_interval_beyond_the_scale_ends_at_the_scale() -> None:
    drawn = range_on(Ends(0, 100), 99, (93, 104), -3)
    assert (drawn.lo, drawn.hi, drawn.was) == (93.0, 100.0, 0.0)


def test_a_figure_of_29_answers_is_few_and_of_30_is_not() -> None:
    assert [Figure(label="NPS", value="1", n=n).few for n in (29, 30, None)] == [True, False, False]


def test_a_chart_tells_the_browser_how_the_reader_reads() -> None:
    with use_reader(PERSIAN):
        persian = chart(unit="٪", decimals=1).spec
    with use_reader(ENGLISH):
        english = chart().spec
    assert (persian["direction"], persian["numbers"]) == ("rtl", {"persian": True, "decimals": 1, "unit": "٪"})
    assert (english["direction"], english["words"]["interval"]) == ("ltr", "95% interval: {low} to {high}")


def test_a_chart_names_its_places_in_full_beside_the_short_ones() -> None:
    spec = chart(marks=[Mark(1, "carrier changed")]).spec
    assert (spec["x"], spec["full"]) == (["۷ شهریور", "۱۴"], ["۷ شهریور", "۱۴ شهریور"])
    assert spec["marks"] == [{"at": 1, "text": "carrier changed"}]
    assert [set(one) for one in spec["series"]] == [{"name", "values", "low", "high", "n", "href", "ghost"}, {"name", "values", "ghost"}]


def test_the_table_behind_a_chart_says_the_same_with_interval_and_answers() -> None:
    with use_reader(ENGLISH):
        table = chart().table
    assert table.head == ["When", "NPS", "95% interval", "Answers", "last year"]
    assert table.rows[0].cells == ["۷ شهریور", "42", "38 to 45", "1,240", "40"]
    assert table.rows[0].url == "/week/1"
    assert table.rows[1].cells == ["۱۴ شهریور", "–", "–", "0", "43"]
    assert table.rows[1].url == ""
