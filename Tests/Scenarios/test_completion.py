"""What real shells offer when somebody presses Tab, with the scripts that viv generates."""

import os
import re
import shutil
import subprocess

import pytest
from pseudoterminal import PseudoTerminal

LOAD = {
    "bash": (["bash", "--norc", "--noprofile", "-i"],
             "bind 'set show-all-if-ambiguous on' 'set page-completions off' 'set bell-style none'"
             " 'set completion-query-items 0'; source <(viv --generate-completion-script bash)"),
    "zsh": (["zsh", "-f", "-i"],
            "autoload -U compinit; compinit -u -D; LISTMAX=0; setopt no_beep; source <(viv --generate-completion-script zsh)"),
    "fish": (["fish", "--no-config", "-i"], "viv --generate-completion-script fish | source"),
}


class Shell:
    """An interactive shell that knows viv's completions."""

    def __init__(self, name, viv):
        argv, self.setup = LOAD[name]
        path = os.path.dirname(viv.path) + ":" + os.environ["PATH"]
        self.terminal = PseudoTerminal(argv, columns=200, rows=100, term="xterm",
                                       env={"PATH": path, "PS1": "$ ", "HISTFILE": "/dev/null"})
        self.run(self.setup)

    def run(self, line):
        """Runs a line and waits for its end; leaves an empty screen."""
        self.terminal.send(f"{line}; clear; echo do''ne\r")
        assert self.terminal.pump_until(lambda t: re.search(r"^done", t.text(), re.MULTILINE), 20), self.terminal.text()

    def offers(self, line, *expected):
        """Presses Tab behind a line; whether all expected words stand on the screen then, and the screen."""
        self.run("true")
        self.terminal.send(line)
        assert self.terminal.pump_until(lambda t: line.strip() in t.text(), 10), self.terminal.text()
        self.terminal.send("\t")

        def words(terminal):
            return set(re.split(r"[\s…=]+", terminal.text()))

        found = self.terminal.pump_until(lambda t: set(expected) <= words(t), 10)
        text = self.terminal.text()
        self.terminal.send("\x03")
        return found, text


@pytest.fixture(scope="module", params=["bash", "zsh", "fish"])
def shell(request, viv):
    if not shutil.which(request.param):
        pytest.skip(f"{request.param} is not installed (scripts/test installs it)")
    if os.path.basename(viv.path) != "viv":
        pytest.skip("the scripts complete a command called viv")
    opened = Shell(request.param, viv)
    yield opened
    opened.terminal.close()


@pytest.mark.parametrize("line, expected", [
    ("viv ", ["ps", "tree", "stat", "dump", "signal", "doctor"]),
    ("viv doc", ["doctor"]),
    ("viv --the", ["--theme"]),
    ("viv --theme h", ["high-contrast"]),
    ("viv ps --fil", ["--filter"]),
    ("viv ps --sort majf", ["majflt", "majflt/s"]),
    ("viv ps --sort=majf", ["majflt", "majflt/s"]),
    ("viv ps --columns majf", ["majflt", "majflt/s"]),
    ("viv ps --sort rss", ["rss", "rssize"]),
    ("viv dashboard --keys h", ["htop"]),
    ("viv signal TER", ["TERM"]),
], ids=lambda value: value if isinstance(value, str) else "")
def test_tab_offers(shell, line, expected):
    if "zsh" in shell.setup and expected[-1] == "majflt/s":
        # It types what all have in common and lists at the second Tab.
        expected, line = expected[1:], line + "lt/"
    found, text = shell.offers(line, *expected)
    assert found, text


@pytest.mark.parametrize("line", ["viv ps --columns pid,ppi", "viv ps --columns=pid,ppi"])
def test_tab_goes_on_with_a_list_of_columns(shell, line):
    found, text = shell.offers(line, "pid,ppid")
    assert found, text


@pytest.fixture
def sleeper(spawn, tmp_path):
    """A process whose name no other has."""
    path = tmp_path / f"vivtab{os.getpid()}"
    shutil.copy2(shutil.which("sleep"), path)
    return path.name, spawn([str(path), "600"])


@pytest.mark.parametrize("line", ["viv ", "viv --readonly ", "viv dump ", "viv tree --json ", "viv stat ", "viv signal TERM "])
def test_tab_knows_the_processes_that_run(shell, sleeper, line):
    name, process = sleeper
    found, text = shell.offers(line + name[:-1], name)
    assert found, text
    # The pid is ended by a space where it is the only one that begins so.
    found, text = shell.offers(line + str(process.pid)[:-1], str(process.pid))
    assert found, text


def test_a_folder_called_like_a_command_is_none(shell, tmp_path):
    os.mkdir(tmp_path / "doctor")
    shell.run(f"cd {tmp_path}")
    found, text = shell.offers("viv doc", "doctor")
    shell.run("cd /")
    assert found and "doctor/" not in text, text


def test_what_a_file_sets_after_a_completion_in_bash_stays_set(viv, tmp_path):
    """ArgumentParser's function leaves a RETURN trap that takes every option back."""
    (tmp_path / "options").write_text("set -o noglob\n")
    script = """
        PATH=$(dirname "$0"):$PATH
        source <("$0" --generate-completion-script bash)
        COMP_WORDS=(viv p) COMP_CWORD=1 COMP_LINE="viv p" COMP_POINT=5
        _viv_or_dashboard viv p viv
        source "$1"
        echo "${COMPREPLY[*]} $-"
    """
    result = subprocess.run(["bash", "-c", script, viv.path, tmp_path / "options"], capture_output=True, text=True, timeout=60)
    words = result.stdout.split()
    assert "ps" in words and "f" in words[-1], result


def test_completions_of_an_unknown_shell_are_refused(viv):
    result = viv.run("--generate-completion-script", "tcsh")
    assert result.returncode == 2 and b"tcsh" in result.stderr and not result.stdout


def test_completions_are_for_the_shell_of_the_user_where_none_is_named(viv):
    for shell in LOAD:
        script = viv.run("--generate-completion-script", env={"SHELL": f"/usr/bin/{shell}"}).stdout
        assert script == viv.run("--generate-completion-script", shell).stdout and b"viv's own" in script
