"""Each alarm of the mailboxes is on a figure that there is, and its section says what to do."""

import re

from tests.telemetry_tables import metric_rows

from .contract import ROOT

PAGE = (ROOT / "docs/howto/mailbox-alarms.md").read_text(encoding="utf8")
ALARMS = re.findall(r"^\| \[[^\]]+\]\(#([a-z-]+)\) \| (.+?) \|", PAGE, re.MULTILINE)
SECTIONS = {
    title.lower().replace(" ", "-"): text
    for title, text in re.findall(r"^## (.+?)\n(.+?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
}


def test_every_alarm_is_on_a_metric_of_the_code():
    named = [re.findall(r"`(lientuyen\.[a-z_.]+)`", condition) for _, condition in ALARMS]

    assert len(ALARMS) >= 6
    assert all(named)
    assert {name for names in named for name in names} <= set(metric_rows())


def test_every_alarm_leads_to_what_to_look_at_and_what_to_do():
    for section, _ in ALARMS:
        assert "**Look**" in SECTIONS[section], section
        assert "**Do**" in SECTIONS[section], section
