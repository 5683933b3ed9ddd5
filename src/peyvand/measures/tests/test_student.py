"""Student's t against SciPy, which is too heavy to import in the product but not here."""

import pytest
from scipy import stats

from peyvand.measures.student import t_p_value, two_sided_t

DEGREES = [0.5, 1, 1.3, 2, 3.7, 9, 29, 99, 100, 199, 201, 1e3, 1e5, 1e8]


@pytest.mark.parametrize("df", DEGREES)
@pytest.mark.parametrize("level", [0.5, 0.8, 0.9, 0.95, 0.99, 0.999])
def test_quantiles_agree_with_scipy(level, df):
    assert two_sided_t(level, df) == pytest.approx(stats.t.ppf((1 + level) / 2, df), rel=1e-8)


@pytest.mark.parametrize("df", DEGREES)
@pytest.mark.parametrize("statistic", [-40, -2, -0.01, 0, 0.5, 1.96, 5, 200])
def test_p_values_agree_with_scipy(statistic, df):
    assert t_p_value(statistic, df) == pytest.approx(2 * stats.t.sf(abs(statistic), df), rel=1e-7, abs=1e-300)


def test_the_tabled_value_for_nine_degrees():
    assert two_sided_t(0.95, 9) == pytest.approx(2.262157, abs=1e-6)
