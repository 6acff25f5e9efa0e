"""Dossiers: each is there once, with its slips; a referral is where it was brought, and its parties know."""

from collections import Counter, defaultdict

from .story import Findings, Operation, Story

# What becomes of a referral by each change, and where it may have gone from there.
LEADS_TO = {
    "accept": ("STATE_ACCEPTED", "STATE_COMPLETED"),
    "decline": ("STATE_DECLINED",),
    "complete": ("STATE_COMPLETED",),
    "cancel": ("STATE_CANCELLED",),
}

# The change that alone leads to a state, and the notice of each.
BY_CHANGE = {
    "STATE_ACCEPTED": "accept",
    "STATE_DECLINED": "decline",
    "STATE_COMPLETED": "complete",
    "STATE_CANCELLED": "cancel",
}
NOTICE_OF = {
    "accept": "EVENT_REFERRAL_ACCEPTED",
    "decline": "EVENT_REFERRAL_DECLINED",
    "complete": "EVENT_REFERRAL_COMPLETED",
    "cancel": "EVENT_REFERRAL_CANCELLED",
}

# What a notice is about that `mailbox_checks` judges.
MESSAGES = "//routing.lientuyen/messages/"

# The referral, the event, and who was told.
Notice = tuple[str, str, str]


def check_dossiers(story: Story, findings: Findings) -> None:
    asked = {submit.value["mark"]: submit for submit in story.operations["submit"]}
    kinds = {
        "dossier": Counter(read["link_key"] for read in story.reads["dossier"]),
        "referral": Counter(read["slip_number"] for read in story.reads["referral"]),
        "appointment": Counter(read["slip_number"] for read in story.reads["appointment"]),
    }
    for kind, counted in kinds.items():
        check_counts(findings, kind, asked, counted)
    names = {read["name"] for read in story.reads["dossier"]}
    for submit in story.acknowledged("submit"):
        if submit.reply["dossier"] not in names:
            findings.lost.append(f"{submit.reply['dossier']} was accepted, and has another name now")
    check_slips(story, findings)
    check_referrals(story, findings)


def check_counts(findings: Findings, kind: str, asked: dict[str, Operation], counted: Counter[str]) -> None:
    for mark, submit in asked.items():
        if submit.is_acknowledged and not counted[mark]:
            findings.lost.append(f"{mark} was accepted, and its {kind} is not there")
    for mark, count in counted.items():
        if count > 1 or mark not in asked or asked[mark].is_refused:
            findings.doubled.append(f"{mark}: its {kind} is there {count} times, {outcome(asked.get(mark))}")


def outcome(submit: Operation | None) -> str:
    return f"its dossier: {submit.outcome}" if submit else "and nobody asked for it"


def check_slips(story: Story, findings: Findings) -> None:
    """The slip of each referral reached its recipient, in one message."""
    carried: defaultdict[str, set[str]] = defaultdict(set)
    for event in story.deliveries:
        if event["value"]["kind"] == "KIND_REFERRAL":
            carried[event["value"]["about"]].add(event["value"]["message"])
    for referral in story.reads["referral"]:
        count = len(carried[referral["name"]])
        if not count:
            findings.lost.append(f"the slip of {referral['name']} did not arrive")
        elif count > 1:
            findings.doubled.append(f"the slip of {referral['name']} came in {count} messages")


def check_referrals(story: Story, findings: Findings) -> None:
    states = {read["name"]: read["state"] for read in story.reads["referral"]}
    changes: defaultdict[str, list[Operation]] = defaultdict(list)
    for action in LEADS_TO:
        for change in story.operations[action]:
            changes[change.value["referral"]].append(change)
    notices = noticed(story)
    for name in states.keys() | changes.keys():
        check_state(findings, name, states.get(name, "nowhere"), changes[name])
        check_notices(findings, name, changes[name], notices)
    for about, event, recipient in notices:
        if about not in states and not about.startswith(MESSAGES):
            findings.unexplained.append(f"{recipient} was told of {event} of {about}")


def check_state(findings: Findings, name: str, state: str, changes: list[Operation]) -> None:
    done = [change.action for change in changes if change.is_acknowledged]
    for action in done:
        if state not in LEADS_TO[action]:
            findings.lost.append(f"{name}: {action} was acknowledged, and it is {state} at the end")
    for action, count in Counter(done).items():
        if count > 1:
            findings.doubled.append(f"{name}: {action} was acknowledged {count} times")
    by = BY_CHANGE.get(state)
    if by and not any(change.action == by and not change.is_refused for change in changes):
        findings.doubled.append(f"{name} is {state}, and nobody made it so")


def noticed(story: Story) -> Counter[Notice]:
    """Return in how many messages each event was told."""
    messages: dict[str, Notice] = {}
    for event in story.deliveries:
        value = event["value"]
        if value["kind"] == "KIND_NOTICE":
            messages[value["message"]] = (value["about"], value["event"], value["recipient"])
    return Counter(messages.values())


def check_notices(findings: Findings, name: str, changes: list[Operation], notices: Counter[Notice]) -> None:
    """Each change was told once, to the other party, and nothing else was told."""
    made: defaultdict[tuple[str, str], bool] = defaultdict(bool)
    for change in changes:
        if not change.is_refused:
            made[NOTICE_OF[change.action], change.value["other"]] |= change.is_acknowledged
    for (event, other), is_acknowledged in made.items():
        if is_acknowledged and not notices[name, event, other]:
            findings.lost.append(f"{name}: {other} was not told of {event}")
    for (about, event, recipient), count in notices.items():
        if about == name and (count > 1 or (event, recipient) not in made):
            findings.doubled.append(f"{name}: {recipient} was told {count} times of {event}")
