"""What is wrong with the configuration file is said, and the rest of it counts."""

import os

import pytest


def trouble(viv, folder, text=None):
    """What `viv doctor` says of the configuration file under a folder, which has this text."""
    path = folder / "viv" / "config.toml"
    path.parent.mkdir(exist_ok=True)
    if text is not None:
        path.write_text(text)
    lines = viv.run("doctor", env={"XDG_CONFIG_HOME": str(folder)}, timeout=20).stdout.decode().splitlines()
    return " ".join(line for line in lines if "config.toml" in line or "`" in line)


@pytest.mark.parametrize("text, expected", [
    ("refresh = 'soon'", "`refresh` takes 100"), ("refresh = 5", "`refresh` takes 100"), ("mouse = 1", "`mouse` is true or false"),
    ("theme = 3", "`theme` is default"), ("table = 3", "`table` is a table"), ("bindings = []", "`bindings` is a table"),
    ("[table]\ncolumns = 3", "`table.columns` is a list"), ("[table]\ncolumns = ['pid', 3]", "`table.columns` is a list"),
    ("[table]\nsort = 5", "`table.sort` is the name"), ("[table]\ntree = 'yes'", "`table.tree` is true or false"),
    ("[table]\nsort = 'nothing'", "`table.sort` names no column 'nothing'"), ("colour = 'red'", "`colour` is no setting"),
    ("[table]\ncolour = 'red'", "`table.colour` is no setting"), ("[bindings]\nquit = 5", "`bindings.quit` is a key"),
    ("[bindings]\nquit = ['q', 5]", "`bindings.quit` is a key"), ("refresh = = 3", "config.toml:1:"),
])
def test_each_mistake_is_named(viv, tmp_path, text, expected):
    assert expected in trouble(viv, tmp_path, text)


def test_several_mistakes_are_all_named_and_a_right_file_has_none(viv, tmp_path):
    said = trouble(viv, tmp_path, "mouse = 1\ncolour = 2\n[table]\nsort = 5\n")
    assert all(key in said for key in ("`mouse`", "`colour`", "`table.sort`"))
    right = "refresh = 500\nmouse = true\n[table]\ncolumns = ['pid', 'user']\ntree = true\n[bindings]\nquit = ['q', 'x']\nhelp = '?'\n"
    assert "`" not in trouble(viv, tmp_path, right)


@pytest.mark.parametrize("text, place", [
    ("# mouse\n\nmouse = 1 # mouse\n# mouse\n", "line 3: `mouse`"), ("keys = 'htop'\r\nmouse = 1", "line 2: `mouse`"),
    ("sort = 1\n[table]\ntree = true\n  'sort' = 5\n[bindings]\nsort = 'x'", "line 4: `table.sort`"),
    ("table = { tree = true, sort = 5 }", "line 1: `table.sort`"), ("\ntable.sort = 5", "line 2: `table.sort`"),
    ("[table]\ncolumns = [\n  'pid',\n  'columns',\n]\n", "line 2: `table.columns` names no column"),
    ("[bindings]\nhelp = \"\"\"\nquit = 5\"\"\"\nquit = 5", "line 4: `bindings.quit`"), ("[table]\n\n[colour]", "line 3: `colour`"),
    # Written otherwise than it is called: no line rather than the wrong one.
    ("# mouse\n'keys' = 'viv'\n\"mo\\u0075se\" = 1", "config.toml: `mouse`"),
])
def test_a_mistake_is_named_with_the_line_of_its_key(viv, tmp_path, text, place):
    assert place in trouble(viv, tmp_path, text)


@pytest.mark.parametrize("make", [os.mkdir, os.mkfifo], ids=["directory", "fifo"])
def test_what_is_no_file_in_its_place_is_named_and_nobody_waits_for_it(viv, tmp_path, make):
    (tmp_path / "viv").mkdir()
    make(tmp_path / "viv" / "config.toml")
    assert "config.toml is not a regular file" in trouble(viv, tmp_path)
