"""What a slip of a new version becomes beside that of the version before."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from common.faults import Fault
from services.records.model.slips import (
    STANDING,
    UNDELIVERED,
    Slip,
    SlipState,
    SlipVerdict,
    is_news,
    judge,
    left_out,
    slip_digest,
    slip_id,
)

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
OLD, NEW = uuid4(), uuid4()
REFERRAL = "//routing.lientuyen/referrals/5b0e3d0e-4f6e-4c55-8f7a-2a7b8f1c0d11"
GOOD = SlipVerdict()
PUBLISHED = {UUID(int=1)}


def fault(rule: str) -> Fault:
    return Fault("XML13", rule, "en", "vi", refuses=False)


BAD = SlipVerdict(fault("slip-recipient-unknown"), refuses=True)


def slip(state: SlipState = SlipState.PENDING, digest: str = "a", **fields: object) -> Slip:
    return replace(
        Slip(dossier=OLD, table_code="XML13", id=UUID(int=1), digest=digest, state=state, update_time=NOW),
        **fields,
    )


def new_slip(digest: str = "a") -> Slip:
    return slip(digest=digest, dossier=NEW)


def test_a_new_slip_is_sent_unless_routing_would_refuse_it():
    sent, refused = judge(new_slip(), GOOD, None), judge(new_slip(), BAD, None)

    assert (sent.state, sent.event_id is not None) == (SlipState.PENDING, True)
    assert (refused.state, refused.event_id, refused.finding) == (SlipState.NOT_SENT, None, BAD.fault)


@pytest.mark.parametrize("state", sorted(STANDING))
def test_the_same_slip_stays_what_it_became_whatever_routing_says_of_it_now(state: SlipState):
    kept = judge(new_slip(), BAD, slip(state, resource=REFERRAL))

    assert (kept.state, kept.resource, kept.event_id) == (SlipState.UNCHANGED, REFERRAL, None)
    assert kept.dossier == NEW


def test_the_same_slip_that_is_on_its_way_goes_on_under_its_event():
    event_id = uuid4()

    assert judge(new_slip(), GOOD, slip(event_id=event_id)).event_id == event_id


@pytest.mark.parametrize("state", [SlipState.NOT_SENT, SlipState.CANCELLED])
def test_the_same_slip_that_became_nothing_is_tried_anew(state: SlipState):
    assert judge(new_slip(), GOOD, slip(state)).event_id is not None


@pytest.mark.parametrize("state", sorted(SlipState))
def test_a_changed_slip_is_always_sent_anew(state: SlipState):
    before = slip(state, resource=REFERRAL, event_id=uuid4())
    sent = judge(new_slip("b"), GOOD, before)

    assert sent.state is SlipState.PENDING
    assert sent.event_id not in (None, before.event_id)


def test_a_changed_slip_that_is_refused_names_what_still_stands():
    assert judge(new_slip("b"), BAD, slip(SlipState.ISSUED, resource=REFERRAL)).resource == REFERRAL


@pytest.mark.parametrize(
    ("before", "published", "cancels"),
    [
        (slip(SlipState.ISSUED, resource=REFERRAL), PUBLISHED, True),
        (slip(SlipState.PENDING), PUBLISHED, True),
        (slip(SlipState.NOT_SENT, resource=REFERRAL), set(), True),
        (slip(SlipState.NOT_SENT, finding=fault(UNDELIVERED)), PUBLISHED, True),
        (slip(SlipState.NOT_SENT, finding=fault("slip-to-self")), PUBLISHED, True),
        (slip(SlipState.NOT_SENT, finding=fault("slip-to-self")), set(), False),
        (slip(SlipState.UNCHANGED), set(), False),
        (slip(SlipState.CANCELLED, resource=REFERRAL), PUBLISHED, False),
    ],
)
def test_a_slip_that_is_left_out_is_cancelled_if_it_became_something_or_still_may(
    before: Slip, published: set[UUID], cancels: bool
):
    gone = left_out([before], set(), new_slip(""), published)

    assert [slip.event_id is not None for slip in gone] == [True] * cancels
    assert [slip.resource for slip in gone] == [before.resource] * cancels


def test_a_slip_that_is_present_or_could_not_be_cancelled_before_is_not_cancelled_again():
    stuck = slip(SlipState.NOT_SENT, "", resource=REFERRAL, finding=fault("slip-taken"))

    assert left_out([slip(SlipState.ISSUED, resource=REFERRAL)], {UUID(int=1)}, new_slip(), PUBLISHED) == []
    assert left_out([stuck], set(), new_slip(""), PUBLISHED) == [replace(stuck, dossier=NEW)]


def test_the_same_trouble_with_the_same_slip_is_no_news():
    before = slip(SlipState.NOT_SENT, finding=BAD.fault)

    assert is_news(judge(new_slip(), BAD, None), None)
    assert is_news(judge(new_slip("b"), BAD, before), before)
    assert not is_news(judge(new_slip(), BAD, before), before)
    assert not is_news(judge(new_slip(), GOOD, before), before)


def test_a_slip_is_its_encounters_and_its_tables_and_its_digest_knows_the_person():
    ids = {
        slip_id(*key) for key in [("01999", "1", "XML13"), ("01999", "1", "XML14"), ("79999", "1", "XML13")]
    }

    assert len(ids) == 3
    assert slip_id("01999", "1", "XML13") in ids
    assert slip_digest("row", UUID(int=1)) != slip_digest("row", UUID(int=2))
