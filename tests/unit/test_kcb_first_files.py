"""The first files after a start come at once, in several threads: each is judged as any later one."""

import subprocess
import sys

import pytest

from tests.samples.files import DOSSIER

# Threads that change places all the time begin together in a process that has read no table yet.
FIRST = """
import sys, threading
from kcb.validate import validate

sys.setswitchinterval(1e-6)
content, barrier, verdicts = sys.stdin.buffer.read(), threading.Barrier(4), []

def judge():
    barrier.wait()
    try:
        verdicts.append(validate(content).accepted)
    except Exception as error:
        verdicts.append(repr(error))

threads = [threading.Thread(target=judge) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
judge_later = validate(content).accepted
assert [*verdicts, judge_later] == [True] * 5, (verdicts, judge_later)
"""


@pytest.mark.parametrize("turn", range(3))
def test_the_first_files_are_judged_alike_in_every_thread(turn: int):
    outcome = subprocess.run([sys.executable, "-c", FIRST], input=DOSSIER, capture_output=True, check=False)

    assert (outcome.returncode, outcome.stderr.decode()) == (0, "")
