"""The client finds the services it should call, or says what to do."""

import json
import os
from pathlib import Path

import pytest

from lientuyen_client.running_stack import NoStack, collector_url, find_stack


def test_addresses_of_the_environment_win(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("LIENTUYEN_IDENTITY", "identity.example:50051")
    monkeypatch.setenv("LIENTUYEN_TLS", str(tmp_path))

    stack = find_stack()

    assert stack.addresses["identity"] == "identity.example:50051"
    assert stack.tls_folder("facility/01999") == tmp_path


def test_a_running_stack_is_found_by_its_state_file(tmp_path: Path):
    state = {"pid": os.getpid(), "addresses": {"identity": "127.0.0.1:1"}, "collector": "127.0.0.1:2"}
    (tmp_path / "stack.json").write_text(json.dumps(state))

    stack = find_stack(tmp_path)

    assert stack.addresses == {"identity": "127.0.0.1:1"}
    assert stack.tls_folder("pharmacy/NT00001") == tmp_path / "tls/pharmacy-NT00001"
    assert collector_url(tmp_path) == "http://127.0.0.1:2"


def test_without_a_stack_the_error_says_what_to_do(tmp_path: Path):
    with pytest.raises(NoStack, match="lientuyen up"):
        find_stack(tmp_path)
