"""A result has its own time, or nobody knows it: never that of another service of the same code."""

from datetime import UTC, datetime, timedelta

import pytest

from chassis.clock import VIETNAM
from kcb.validate import validate
from services.records.model.clinical_history import Result, TimeBasis, derive_history
from tests.samples.files import File, sample, sum_up

# 14:00 of the 21st in Viet Nam: after all that the files tell.
NOW = datetime(2026, 11, 21, 7, 0, tzinfo=UTC)
X_RAY = "18.0067.0028"


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, 20, hour, minute, tzinfo=VIETNAM)


def file(services: list[dict[str, str]], results: list[dict[str, str]]) -> File:
    """Return the sample with these X-rays (XML3) and their results (XML4)."""
    given = sample()
    service, result = dict(given.tables["XML3"][1]), dict(given.tables["XML4"][0])
    picture = {"MA_DICH_VU": X_RAY, "TEN_DICH_VU": "Chụp X-quang ngực", "MA_NHOM": "2"}
    conclusion = {"MA_DICH_VU": X_RAY, "GIA_TRI": "", "NGAY_KQ": "", "KET_LUAN": "Bình thường"}
    given.tables["XML3"] = [
        list({**service, **picture, "STT": str(number), **more}.items())
        for number, more in enumerate(services, 1)
    ]
    given.tables["XML4"] = [
        list({**result, **conclusion, "STT": str(number), **more}.items())
        for number, more in enumerate(results, 1)
    ]
    return sum_up(given)


def derived(services: list[dict[str, str]], results: list[dict[str, str]]) -> list[Result]:
    report = validate(file(services, results).bytes(), now=NOW)
    assert report.refusals == ()
    return derive_history(report).results


def service(performed: str, given: str) -> dict[str, str]:
    return {
        "NGAY_TH_YL": f"20261120{performed}" if performed else "",
        "NGAY_KQ": f"20261120{given}" if given else "",
    }


MORNING, NOON = service("0815", "0830"), service("1000", "1020")


def test_the_only_service_of_the_code_tells_both_times():
    (result,) = derived([MORNING], [{}])

    assert (result.given_time, result.perform_time) == (at(8, 30), at(8, 15))
    assert (result.known_time, result.time_basis(NOW)) == (at(8, 15), TimeBasis.PERFORMED)


def test_two_x_rays_of_one_stay_without_a_time_of_their_own_have_none():
    results = derived([MORNING, NOON], [{}, {}])

    assert [(one.given_time, one.perform_time, one.known_time) for one in results] == [(None, None, None)] * 2
    assert [one.time_basis(NOW) for one in results] == [TimeBasis.UNKNOWN] * 2
    assert [one.result_time for one in results] == [at(8)] * 2


def test_two_x_rays_with_times_of_their_own_are_told_apart():
    results = derived([MORNING, NOON], [{"NGAY_KQ": "202611201020"}, {"NGAY_KQ": "202611200830"}])

    assert [(one.given_time, one.perform_time) for one in results] == [
        (at(10, 20), at(10)),
        (at(8, 30), at(8, 15)),
    ]


def test_an_own_time_that_no_service_has_stays_and_how_it_was_performed_is_not_known():
    (result,) = derived([MORNING, NOON], [{"NGAY_KQ": "202611200945"}])

    assert (result.given_time, result.perform_time) == (at(9, 45), None)
    assert result.time_basis(NOW) is TimeBasis.GIVEN


def test_services_that_agree_leave_no_choice():
    (result,) = derived([MORNING, MORNING], [{}])

    assert (result.given_time, result.perform_time) == (at(8, 30), at(8, 15))


@pytest.mark.parametrize("number", [1, 2])
def test_one_of_two_that_has_no_time_leaves_the_other_s_unknown(number: int):
    services = [MORNING, service("1000", "")]
    (result,) = derived(services if number == 1 else services[::-1], [{}])

    assert (result.given_time, result.perform_time) == (None, None)


def test_a_film_that_went_into_an_x_ray_leaves_its_time_known():
    film = {
        "MA_VAT_TU": "N07.02.010",
        "TEN_VAT_TU": "Phim X-quang",
        "TEN_DICH_VU": "",
        "TT_THAU": "1;G1;N1;2026",
    }
    (result,) = derived([MORNING, {**service("", ""), **film, "MA_NHOM": "10"}], [{}])

    assert (result.given_time, result.perform_time) == (at(8, 30), at(8, 15))


def test_a_code_is_the_same_code_with_what_nobody_sees_in_it():
    (result,) = derived([MORNING], [{"MA_DICH_VU": f"{X_RAY}\u200b", "MA_CHI_SO": "\ufeffXQ"}])

    assert result.perform_time == at(8, 15)
    assert (result.service_code, result.indicator_code) == (X_RAY, "XQ")


def test_without_a_service_only_the_own_time_is_known():
    alone, timed = derived(
        [MORNING], [{"MA_DICH_VU": "18.9999"}, {"MA_DICH_VU": "", "NGAY_KQ": "202611200900"}]
    )

    assert (alone.known_time, timed.known_time) == (None, at(9))
    assert (alone.service_name, timed.service_name) == ("", "")


def test_services_of_one_code_with_two_names_are_called_by_both():
    twice = [{**MORNING, "TEN_DICH_VU": name} for name in ("X-quang ngực", "X-QUANG  ngực", "X-quang phổi")]
    (result,) = derived(twice, [{}])

    assert result.service_name == "X-quang ngực / X-quang phổi"


def test_a_row_of_the_first_release_was_given_at_its_time_if_it_has_a_value():
    old = Result(1, "22.1", "", "WBC", "", "5.4", "", "", "", at(8))

    assert (old.known_time, old.time_basis(NOW)) == (at(8), TimeBasis.GIVEN)
    picture = Result(1, X_RAY, "", "", "", "", "", "", "Bình thường", at(8))
    assert (picture.known_time, picture.time_basis(NOW)) == (None, TimeBasis.UNKNOWN)


def test_a_time_in_the_future_is_not_known():
    ahead = Result(1, "22.1", "", "WBC", "", "5.4", "", "", "", NOW + timedelta(days=1))

    assert ahead.time_basis(NOW) is TimeBasis.UNKNOWN
