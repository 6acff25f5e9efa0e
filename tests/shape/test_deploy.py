"""The manifests agree with one another and with the code: what a schema cannot see."""

import subprocess
import sys
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml

from .contract import ROOT, SERVICES

Manifest = dict[str, Any]


@cache
def rendered(overlay: str = "base") -> tuple[Manifest, ...]:
    kubectl = Path(sys.executable).with_name("kubectl")
    outcome = subprocess.run(
        [kubectl, "kustomize", f"deploy/k8s/{overlay}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return tuple(yaml.safe_load_all(outcome.stdout))


def one(kind: str, name: str, overlay: str = "base") -> Manifest:
    items = rendered(overlay)
    return next(item for item in items if (item["kind"], item["metadata"]["name"]) == (kind, name))


def container(service: str, overlay: str = "base") -> Manifest:
    found: Manifest = one("Deployment", service, overlay)["spec"]["template"]["spec"]["containers"][0]
    return found


@pytest.mark.parametrize("service", SERVICES)
def test_every_selector_finds_the_pods(service: str):
    labels = one("Deployment", service)["spec"]["template"]["metadata"]["labels"].items()

    for kind, path in [
        ("Deployment", ("selector", "matchLabels")),
        ("Service", ("selector",)),
        ("PodDisruptionBudget", ("selector", "matchLabels")),
        ("NetworkPolicy", ("podSelector", "matchLabels")),
    ]:
        selector = one(kind, service)["spec"]
        for step in path:
            selector = selector[step]
        assert selector.items() <= labels, kind


@pytest.mark.parametrize("service", SERVICES)
def test_ports_and_probes_name_what_the_container_opens(service: str):
    ports = {port["name"]: port["containerPort"] for port in container(service)["ports"]}
    served = one("Service", service)["spec"]["ports"][0]
    probes = [
        container(service)[f"{kind}Probe"]["grpc"]["port"] for kind in ("startup", "readiness", "liveness")
    ]

    assert (served["targetPort"], served["port"]) == ("grpc", ports["grpc"])
    assert set(probes) == {ports["health"]}


@pytest.mark.parametrize("overlay", ["base", "node"])
@pytest.mark.parametrize("service", SERVICES)
def test_the_environment_is_what_the_settings_read(service: str, overlay: str):
    settings = import_module(f"services.{service}.settings").Settings
    known = {f"{settings.model_config['env_prefix']}{name}".upper() for name in settings.model_fields}

    assert {variable["name"] for variable in container(service, overlay)["env"]} <= known


def test_the_port_for_other_nodes_is_of_a_node_and_no_other_way_in():
    ports = {port["name"]: port["containerPort"] for port in container("routing", "node")["ports"]}
    served = one("Service", "routing-federation", "node")["spec"]
    policy = one("NetworkPolicy", "routing-federation", "node")["spec"]
    settings = {each["name"]: each.get("value", "") for each in container("routing", "node")["env"]}
    labels = one("Deployment", "routing", "node")["spec"]["template"]["metadata"]["labels"].items()

    assert settings["ROUTING_FEDERATION_ADDRESS"] == f"0.0.0.0:{ports['federation']}"
    assert [port["targetPort"] for port in served["ports"]] == ["federation"]
    assert [port["port"] for port in policy["ingress"][0]["ports"]] == ["federation"]
    assert served["selector"].items() <= labels
    assert policy["podSelector"]["matchLabels"].items() <= labels
    assert "federation" not in {port["name"] for port in container("routing")["ports"]}


def test_the_accounts_at_provincial_axes_are_a_secret_that_need_not_be_there():
    pod = one("Deployment", "routing", "node")["spec"]["template"]["spec"]
    settings = {each["name"]: each.get("value", "") for each in container("routing", "node")["env"]}
    mounts = {mount["name"]: mount for mount in container("routing", "node")["volumeMounts"]}
    secrets = {volume["name"]: volume["secret"] for volume in pod["volumes"]}

    assert mounts["adapters"]["mountPath"] == settings["ROUTING_ADAPTERS_DIR"]
    assert mounts["adapters"]["readOnly"]
    assert secrets["adapters"]["optional"]
    assert mounts.keys() == secrets.keys()
    assert [secret for name, secret in secrets.items() if name != "adapters" and secret.get("optional")] == []


def test_a_node_may_go_out_to_other_nodes_and_to_axes():
    policy = one("NetworkPolicy", "routing-egress", "node")["spec"]
    ports = {port["port"] for rule in policy["egress"] for port in rule["ports"]}
    pods = {
        peer["podSelector"]["matchLabels"]["app.kubernetes.io/name"]
        for rule in policy["egress"]
        for peer in rule.get("to", ())
        if "podSelector" in peer
    }

    assert policy["policyTypes"] == ["Egress"]
    assert ports == {53, 5432, 4317, "grpc", 7443, 443}
    assert pods == {"identity", "records"}


@pytest.mark.parametrize("service", SERVICES)
def test_secrets_are_named_and_never_held(service: str):
    volumes = one("Deployment", service)["spec"]["template"]["spec"]["volumes"]
    mounted = {mount["name"] for mount in container(service)["volumeMounts"]}

    assert {volume["name"] for volume in volumes} == mounted
    assert all("secret" in volume for volume in volumes)
    assert [item for item in rendered() if item["kind"] == "Secret"] == []


@pytest.mark.parametrize("service", SERVICES)
def test_only_the_peers_of_the_access_table_may_connect(service: str):
    rules = import_module(f"services.{service}.access").RULES
    callers = {
        who.removeprefix("service/")
        for rule in rules.values()
        for who in rule.callers
        if who.startswith("service/")
    }
    sources = one("NetworkPolicy", service)["spec"]["ingress"][0]["from"]
    pods = {
        source["podSelector"]["matchLabels"]["app.kubernetes.io/name"]
        for source in sources
        if "podSelector" in source
    }

    assert pods == callers


def test_every_service_has_its_migration_job():
    jobs = {
        item["metadata"]["name"]: item["spec"]["template"]["spec"]["containers"][0]["command"]
        for item in rendered()
        if item["kind"] == "Job"
    }

    assert jobs == {
        f"{name}-migrate": ["python", "-m", "chassis.migrate", f"services.{name}", "--phase", "pre"]
        for name in SERVICES
    }
