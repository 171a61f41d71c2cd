"""A few thousand of the inputs of `tests.bench.fuzz`, new ones each time."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.bench import fuzz

SOME = settings(
    max_examples=1_500,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
LEDGERS, RESULTS = st.deferred(fuzz.ledgers), st.deferred(fuzz.results)


@SOME
@given(LEDGERS)
def test_property_any_file_is_a_ledger_that_opens_or_a_sentence(content):
    fuzz.try_ledger(content, open_it=len(content) % fuzz.OPENED == 0)


@SOME
@given(RESULTS)
def test_property_any_file_is_a_device_or_a_sentence(content):
    fuzz.try_fio(content)
