"""What `viv doctor` says, seen from the places where less works: every line true, every remedy one that helps there."""

import json
import os
import re
import shutil
import subprocess
import tempfile

import pytest
import reference

CONNECTOR = "births and deaths (process connector)"
TASKSTATS = "task accounting (taskstats)"
MEMORY = "other processes' memory (Python stacks)"
FILES = "other processes' files and I/O"
SIGNALS = "signals and priorities"
NOBODY = ["setpriv", "--reuid", "nobody", "--regid", "nogroup", "--clear-groups"]


def examined(viv, *prefix, **options):
    """The findings by name, with viv started by other commands."""
    command = [*map(str, prefix), viv.path, "doctor", "--json"]
    result = subprocess.run(command, capture_output=True, timeout=60, **options)
    if result.returncode != 0 and b"unshare" in result.stderr:
        pytest.skip(result.stderr.decode().strip())
    assert result.returncode == 0 and not result.stderr, result
    return {finding["name"]: finding for finding in json.loads(result.stdout)["findings"]}


@pytest.fixture
def nobody(unprivileged, spawn):
    """viv where nobody can reach it, and a process of nobody's own, which runs meanwhile."""
    viv, identity = unprivileged
    return viv, spawn(["sleep", "600"], **identity)


@pytest.fixture
def root():
    if os.getuid() != 0 or not shutil.which("unshare"):
        pytest.skip("needs root and unshare")


@pytest.mark.parametrize("flags, namespaces, options", [
    (["-n"], "host's network namespace", "--net=host"),
    (["-n", "-p", "--fork"], "host's network and pid namespaces", "--net=host --pid=host"),
    (["-p", "--fork"], "host's pid namespace", "--pid=host"),
    (["-U", "-r"], "host's user namespace", "--userns=host"),
    (["-U", "-n"], "host's network and user namespaces", "--net=host --userns=host"),
], ids=lambda value: " ".join(value) if isinstance(value, list) else "")
def test_the_namespace_that_hides_births_and_deaths_is_named(viv, root, flags, namespaces, options):
    if "needs CONFIG" in (examined(viv)[CONNECTOR]["remedy"] or ""):
        pytest.skip("this kernel has no process events")
    finding = examined(viv, "unshare", *flags)[CONNECTOR]
    assert not finding["works"]
    assert namespaces in finding["remedy"] and finding["remedy"].endswith(options), finding


def test_root_of_a_user_namespace_is_not_told_to_become_root(viv, root):
    finding = examined(viv, "unshare", "-U", "-r")[TASKSTATS]
    assert not finding["works"] and "host's user namespace" in finding["remedy"] and "root" not in finding["remedy"], finding


def refusal_of_others(finding):
    """Own processes allowed and tried, those of others likewise; None where the sentence is about less."""
    found = re.search(r"(\d+) of (\d+) own processes, (\d+) of (\d+) of other users; refused: ", finding["detail"])
    return found and tuple(map(int, found.groups()))


def test_nobody_reads_its_own_processes_and_is_refused_by_others(nobody):
    viv, sleeper = nobody
    findings = examined(viv, *NOBODY, env={"HOME": "/nonexistent", "PATH": os.environ["PATH"]})
    for name in (MEMORY, FILES, SIGNALS):
        own_allowed, own, others_allowed, others = refusal_of_others(findings[name])
        if name != MEMORY or "ptrace_scope" not in findings[name]["detail"]:
            assert own_allowed == own >= 1, findings[name]
        assert others_allowed == 0 < others, findings[name]
        assert not findings[name]["works"]
    assert "no CAP_SYS_PTRACE" in findings[MEMORY]["detail"] and "CAP_SYS_PTRACE" in findings[MEMORY]["remedy"]
    assert "CAP_KILL and CAP_SYS_NICE" in findings[SIGNALS]["remedy"]
    assert findings["settings"]["works"], findings["settings"]


def test_an_own_process_that_wants_no_readers_is_counted_as_refused(nobody, unprivileged, spawn):
    viv, identity = unprivileged
    script = "import ctypes, time; ctypes.CDLL(None).prctl(4, 0); print('ready', flush=True); time.sleep(600)"
    spawn(["/usr/bin/python3", "-c", script], ready="ready", **identity)
    own_allowed, own, _, _ = refusal_of_others(examined(viv, *NOBODY)[MEMORY])
    assert own_allowed < own


def test_root_without_the_capability_is_told_the_truth(viv, root, spawn):
    child = spawn(["sleep", "600"])
    finding = examined(viv, "setpriv", "--bounding-set", "-sys_ptrace")[MEMORY]
    assert not finding["works"] and finding["remedy"].startswith("grant CAP_SYS_PTRACE"), finding
    assert str(child.pid) in finding["detail"] or "more" in finding["detail"]


def test_root_reads_all_but_what_the_kernel_refuses_it(viv, root):
    """Counted from outside: process_vm_readv is the same for everybody."""
    finding = examined(viv)[MEMORY]
    assert finding["works"]
    for pid, _ in re.findall(r"(\d+) \(([^)]*)\)", finding["detail"].partition("refused: ")[2]):
        with pytest.raises(PermissionError):
            open(f"/proc/{pid}/mem", "rb").close()
    assert ("refused" in finding["detail"]) == bool(finding["remedy"])


def test_a_refused_dump_as_root_does_not_say_sudo(viv, root, spawn):
    child = spawn([reference.python(), "-c", "print('ready', flush=True); import time; time.sleep(600)"],
                  ready="ready")
    result = subprocess.run(["unshare", "-U", "-r", viv.path, "dump", str(child.pid)], capture_output=True)
    if b"unshare" in result.stderr:
        pytest.skip(result.stderr.decode())
    assert result.returncode == 3 and b"host's user namespace" in result.stderr and b"sudo" not in result.stderr, result


def in_mounts(script, *command, **options):
    """Runs a command behind mounts that nobody else sees."""
    return ["unshare", "-m", "--propagation", "private", "sh", "-c", script + ' && exec "$@"', "sh", *command]


@pytest.mark.parametrize("option, said", [("hidepid=2", "are hidden"), ("hidepid=1", "only the pids")])
def test_hidden_processes_are_said_to_be_hidden(nobody, root, option, said):
    viv, _ = nobody
    behind = in_mounts(f"mount -t proc -o {option} proc /proc", *NOBODY)
    findings = examined(viv, *behind)
    table = findings["process table"]
    assert said in table["detail"] and "run as root" in table["remedy"], table
    # The sleeper is seen, and is the only one that anything can be tried on.
    assert findings[SIGNALS]["detail"].startswith("signals to the one other process"), findings[SIGNALS]
    result = subprocess.run([*behind, viv.path, "stat", "1", "0.1", "1"], capture_output=True)
    assert result.returncode == 3 and b"hidden" in result.stderr, result


def test_nothing_is_concluded_from_a_proc_that_is_not_there(viv, root):
    """Behind an empty /proc; viv learns its own command line from there too."""
    result = subprocess.run([*in_mounts("mount -t tmpfs none /proc"), viv.path, "doctor"], capture_output=True)
    assert result.returncode == 1 and b"/proc is not mounted" in result.stderr and not result.stdout, result


def test_without_sys_only_what_needs_the_types_of_the_kernel_is_missing(viv, root):
    before = examined(viv)
    after = examined(viv, *in_mounts("mount -t tmpfs none /sys"))
    missing = ("stacks by thread clocks (BPF)", "system calls (BPF)", "process table by task iterator (BPF)")
    assert not any(after[name]["works"] for name in missing) and "/sys/kernel/btf/vmlinux" in after[missing[0]]["remedy"]
    assert {name: finding["works"] for name, finding in after.items() if name not in missing} == \
        {name: finding["works"] for name, finding in before.items() if name not in missing}


def test_settings_of_another_users_home_are_named_as_such(nobody, root):
    viv, _ = nobody
    with tempfile.TemporaryDirectory() as home:  # for its owner alone
        finding = examined(viv, *NOBODY, env={"HOME": home, "PATH": os.environ["PATH"]})["settings"]
    assert not finding["works"] and "may not be read" in finding["detail"] and "HOME" in finding["remedy"], finding
