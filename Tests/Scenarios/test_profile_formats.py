"""Files of profiles, opened by what reads such files: pprof and its schema, speedscope's schema, a browser.

The files are made up (Tests/ProfileFiles): `plain` has known shares, `hostile` has names that break things, `deep` a recursion
of ten thousand, `empty` nothing. Those that VIV_PROFILES names (a folder) are checked by the general tests as well.
"""

import collections
import json
import os
import pathlib
import re
import shutil
import subprocess
import xml.etree.ElementTree

import browser as chromium
import jsonschema
import pprof_schema
import pytest
from conftest import ROOT, find_binary

SVG = "{http://www.w3.org/2000/svg}"
# In `plain`: 1,100 samples at 100 Hz.
PLAIN = {
    ("<module>", "Service.hot_a", "Service.leaf_a"): 540,
    ("<module>", "Service.hot_b", "Service.leaf_b"): 180,
    ("<module>", "Service.hot_b", "Service.leaf_b", "memcpy"): 180,
    ("<module>", "Service.late"): 200,
}


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """A folder with the made-up profiles in all formats."""
    places = [pathlib.Path(find_binary()).parent / "ProfileFiles", ROOT / ".build/debug/ProfileFiles"]
    program = next((place for place in places if place.exists()), None)
    assert program, "build it first: swift build --product ProfileFiles"
    folder = tmp_path_factory.mktemp("profiles")
    subprocess.run([program, folder], check=True, timeout=120)
    return folder


@pytest.fixture(scope="session")
def files(folder):
    """All files with a suffix, the recorded ones included."""
    recorded = os.environ.get("VIV_PROFILES")
    return lambda suffix: sorted(folder.glob("*." + suffix)) + sorted(pathlib.Path(recorded).glob("*." + suffix) if recorded else [])


@pytest.fixture(scope="session")
def one_browser(tmp_path_factory):
    path = chromium.find()
    if path is None:
        pytest.skip("no Chromium (apt-get install chromium-headless-shell)")
    browser = chromium.Browser(path, tmp_path_factory.mktemp("browser"))
    yield browser
    browser.close()


@pytest.fixture
def browser(one_browser):
    """A browser; what a page did wrong while the test ran is the test's failure."""
    yield one_browser
    assert one_browser.complaints() == []
    assert [url for url in one_browser.requests() if not url.startswith("file:")] == []
    assert len([url for url in one_browser.requests()]) <= 1, "a file that needs others is not whole"


# Collapsed, pprof, speedscope, chrome


def collapsed(path):
    """Stacks by the rules of flamegraph.pl and speedscope: what does not end in a number is no stack."""
    found = {}
    for line in path.read_text(encoding="utf-8").split("\n"):
        match = re.fullmatch(r"(.*) (\d+)", line)
        if match:
            assert not line.startswith("#"), line
            found[tuple(match[1].split(";"))] = found.get(tuple(match[1].split(";")), 0) + int(match[2])
        else:
            assert line == "" or line.startswith("# "), line
    return found


def test_collapsed_stacks_are_what_readers_of_them_expect(files, folder):
    for path in files("collapsed.txt"):
        collapsed(path)
    found = {tuple(frame.split(" (")[0] for frame in stack): count for stack, count in collapsed(folder / "plain.collapsed.txt").items()}
    assert found == PLAIN
    assert sum(collapsed(folder / "hostile.collapsed.txt").values()) == 50
    assert {len(stack) for stack in collapsed(folder / "hostile.collapsed.txt")} == {3}
    assert {len(stack) for stack in collapsed(folder / "deep.collapsed.txt")} == {5001, 10001}


def check_pprof(path):
    profile = pprof_schema.read(path)
    comments = [profile.string_table[place] for place in profile.comment]
    assert any(comment.startswith("achieved rate: ") for comment in comments)
    assert any(comment.startswith("errors: ") for comment in comments)


def test_pprof_files_follow_its_schema(files, folder):
    for path in files("pb.gz"):
        check_pprof(path)
    profile = pprof_schema.read(folder / "plain.pb.gz")
    assert pprof_schema.stacks(profile) == PLAIN
    assert profile.duration_nanos == 10_000_000_000 and profile.period == 10_000_000
    assert sum(sample.value[1] for sample in profile.sample) == 11_000_000_000
    assert sum(pprof_schema.stacks(pprof_schema.read(folder / "deep.pb.gz")).values()) == 20


def test_pprof_itself_reads_the_files(files, folder):
    if not shutil.which("go"):
        pytest.skip("no Go (apt-get install golang-go)")

    def pprof(*arguments):
        environment = dict(os.environ, HOME=str(folder), PPROF_TMPDIR=str(folder))
        result = subprocess.run(["go", "tool", "pprof", *map(str, arguments)], capture_output=True, text=True, timeout=120, env=environment)
        assert result.returncode == 0, result.stderr
        return result.stdout

    for path in files("pb.gz"):
        assert "Type:" in pprof("-top", path)
    rows = {row.split()[-1]: row.split() for row in pprof("-top", "-sample_index=samples", folder / "plain.pb.gz").splitlines()[-7:]}
    assert {name: (row[0], row[3]) for name, row in rows.items()} == {
        "Service.leaf_a": ("540", "540"), "Service.late": ("200", "200"), "Service.leaf_b": ("180", "360"), "memcpy": ("180", "180"),
        "<module>": ("0", "1100"), "Service.hot_a": ("0", "540"), "Service.hot_b": ("0", "360")}
    tags = pprof("-tags", folder / "plain.pb.gz")
    assert "MainThread" in tags and "Worker" in tags
    hostile = pprof("-raw", folder / "hostile.pb.gz")
    assert "\x1b" not in hostile and "\\x1b[31mred" in hostile


def check_speedscope(path):
    schema = json.loads((pathlib.Path(__file__).parent / "speedscope.schema.json").read_text())
    document = json.loads(path.read_bytes().decode("utf-8"))
    assert [error.message for error in jsonschema.Draft7Validator(schema).iter_errors(document)] == []
    for profile in document["profiles"]:
        assert len(profile["samples"]) == len(profile["weights"])
        assert all(frame < len(document["shared"]["frames"]) for stack in profile["samples"] for frame in stack)
        assert sum(profile["weights"]) == profile["endValue"] - profile["startValue"]
    assert {"achievedHz", "missedRounds", "retries", "stops", "errors"} <= document["statistics"].keys()


def test_speedscope_files_follow_its_schema(files, folder):
    for path in files("speedscope.json"):
        check_speedscope(path)
    plain = json.loads((folder / "plain.speedscope.json").read_text())
    found = collections.Counter()
    for profile in plain["profiles"]:
        for stack, weight in zip(profile["samples"], profile["weights"]):
            found[tuple(plain["shared"]["frames"][frame]["name"] for frame in stack)] += weight / 1e7
    # MainThread was away for one second, Worker for the first eight.
    assert found.pop(()) == 900
    assert found == PLAIN


def check_trace(path):
    document = json.loads(path.read_bytes().decode("utf-8"))
    open_calls, last = collections.defaultdict(list), collections.defaultdict(int)
    for event in document["traceEvents"]:
        thread = event["pid"], event["tid"]
        assert event["ph"] in ("B", "E", "M")
        if event["ph"] == "M":
            assert event["name"] in ("process_name", "thread_name") and isinstance(event["args"]["name"], str)
            continue
        assert event["ts"] >= last[thread], "events of a thread are in the order of time"
        last[thread] = event["ts"]
        if event["ph"] == "B":
            open_calls[thread].append((event["name"], event["ts"]))
        else:
            open_calls[thread].pop()
    assert not any(open_calls.values()), "every call ends"
    assert {"achieved rate", "missed", "retries", "stops", "errors"} <= document["otherData"].keys()


def test_a_trace_follows_the_trace_event_format(files, folder):
    for path in files("trace.json"):
        check_trace(path)
    begins = [event for event in json.loads((folder / "plain.trace.json").read_text())["traceEvents"]
              if event["ph"] == "B" and event["name"] == "Service.late"]
    assert [(event["tid"], event["ts"], event["args"]["line"]) for event in begins] == [(4322, 8_000_000, 50)]


# Flame graph


def boxes(browser):
    """Boxes that are seen, by name: from where to where, in percent."""
    return {name: (round(x, 1), round(x + width, 1)) for name, x, width in browser.value("""
        [...document.querySelectorAll('.f')].filter((box) => getComputedStyle(box).display !== 'none')
            .map((box) => [box.dataset.n.split(':')[0], parseFloat(box.getAttribute('x')), parseFloat(box.getAttribute('width'))])""")}


BOXES = {"all": (0, 100), "<module>": (0, 100), "Service.hot_a": (0, 49.1), "Service.leaf_a": (0, 49.1), "Service.hot_b": (49.1, 81.8),
         "Service.leaf_b": (49.1, 81.8), "memcpy": (49.1, 65.5), "Service.late": (81.8, 100)}


def check_flame_graph(path):
    root = xml.etree.ElementTree.parse(path).getroot()
    words = " ".join(root.itertext())
    for part in ("achieved rate: ", "missed: ", "retries: ", "stops: ", "errors: "):
        assert part in words
    for box in root.iter(SVG + "svg"):
        if box.get("class") == "f":
            title = box.find(SVG + "title").text
            assert re.search(r"total [\d.]+ % .*\nown [\d.]+ %", title), title
            # Dark words on every colour, by the measure of WCAG.
            light = [int(box.find(SVG + "rect").get("fill")[place:place + 2], 16) / 255 for place in (1, 3, 5)]
            light = sum(part * (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4)
                        for part, c in zip((0.2126, 0.7152, 0.0722), light))
            assert (light + 0.05) / (0.0091 + 0.05) > 4.5


def test_a_flame_graph_says_its_piece_without_scripts(files):
    for path in files("svg"):
        check_flame_graph(path)


def test_a_flame_graph_zooms_and_comes_back(browser, folder):
    browser.open(folder / "plain.svg")
    assert boxes(browser) == BOXES
    browser.click('.f[data-n^="Service.hot_b"]')
    assert boxes(browser) == {"all": (0, 100), "<module>": (0, 100), "Service.hot_b": (0, 100), "Service.leaf_b": (0, 100), "memcpy": (0, 50)}
    assert "total 32.73 % (360 samples, 3.600 s)" in browser.value("document.getElementById('details').textContent")
    browser.click("#reset")
    assert boxes(browser) == BOXES


def test_a_flame_graph_is_walked_by_keys(browser, folder):
    browser.open(folder / "plain.svg")
    browser.press("ArrowDown")
    browser.press("ArrowDown")
    assert browser.value("document.activeElement.dataset.n") == "Service.hot_a:10"
    browser.press("ArrowRight")
    browser.press("Enter")
    assert "Service.hot_a" not in boxes(browser) and boxes(browser)["Service.hot_b"] == (0, 100)
    browser.press("Backspace")
    assert boxes(browser)["Service.late"] == (81.8, 100)
    colours = "[...new Set([...document.querySelectorAll('.f rect')].map((box) => box.getAttribute('fill')))].length"
    browser.press("c")
    assert browser.value(colours) == 3, "one colour for each of group, Python and native"
    top = browser.value("Number(document.querySelector('.f').getAttribute('y'))")
    browser.press("i")
    assert browser.value("Number(document.querySelector('.f').getAttribute('y'))") > top
    browser.press("Escape")
    assert boxes(browser) == BOXES


def test_a_flame_graph_is_searched(browser, folder):
    browser.open(folder / "plain.svg")
    browser.press("/")
    browser.type("LEAF_B")
    assert browser.value("document.getElementById('found').textContent") == "32.73 % matched"
    assert browser.value("[...document.querySelectorAll('.match')].map((box) => box.dataset.n)") == ["Service.leaf_b:40"]
    browser.press("Escape")
    assert browser.value("document.querySelectorAll('.match').length") == 0
    browser.press("/")
    browser.type("/hot_[ab]|leaf/")
    assert browser.value("document.getElementById('found').textContent") == "81.82 % matched"


@pytest.mark.parametrize("name", ["hostile", "empty", "deep"])
def test_a_flame_graph_opens_whatever_is_in_it(browser, folder, name):
    browser.open(folder / f"{name}.svg")
    count = browser.value("document.querySelectorAll('.f').length")
    assert count == {"hostile": 76, "empty": 1, "deep": 10_003}[name]
    assert browser.value("document.querySelectorAll('script').length") == 1
    browser.press("ArrowDown")
    browser.press("Enter")
    browser.press("Escape")
    if name == "hostile":
        names = browser.value("[...document.querySelectorAll('.f')].map((box) => box.dataset.n)")
        assert "</script><script>alert(1)</script>:2" in names and "]]><x/>:3" in names and "\\x1b[31mred\\x07:5" in names


# The page


def table(browser):
    """Rows of the table: own % and total % by function."""
    return {row[4]: (row[0], row[1]) for row in browser.value(
        "[...document.querySelectorAll('#table tbody tr')].map((row) => [...row.cells].map((cell) => cell.textContent))")}


def calls(browser):
    return browser.value("[...document.querySelectorAll('.call')].map((call) => call.textContent)")


def text(browser, name):
    return browser.value(f"document.getElementById('{name}').textContent")


def test_the_page_shows_calls_and_functions(browser, folder):
    browser.open(folder / "plain.html")
    assert table(browser) == {
        "Service.leaf_a": ("49.09", "49.09"), "Service.late": ("18.18", "18.18"), "Service.leaf_b": ("16.36", "32.73"),
        "memcpy": ("16.36", "16.36"), "<module>": ("0.00", "100.00"), "Service.hot_a": ("0.00", "49.09"), "Service.hot_b": ("0.00", "32.73")}
    assert calls(browser) == ["all", "<module>:3", "Service.hot_a:10", "Service.hot_b:30", "Service.late:50", "Service.leaf_a:20",
                              "Service.leaf_b:40", "memcpy"]
    for part in ("achieved rate: 100.0 Hz", "missed: 7 rounds", "retries: 13 reads", "stops: 3 stops", "errors: 5 reads"):
        assert part in text(browser, "heading")


def test_the_page_sorts_its_functions(browser, folder):
    browser.open(folder / "plain.html")
    browser.click("th[data-key=total]")
    assert list(table(browser))[:2] == ["<module>", "Service.hot_a"]
    browser.click("th[data-key=name]")
    assert list(table(browser))[0] == "<module>"
    browser.click("th[data-key=name]")
    assert list(table(browser))[0] == "memcpy"


def test_the_page_is_about_the_window_that_was_picked(browser, folder):
    browser.open(folder / "plain.html")
    x, y, width, height = browser.value("(() => { const box = document.getElementById('map').getBoundingClientRect();"
                                        " return [box.left, box.top, box.width, box.height]; })()")
    # The fourth second: MainThread was not there, nor was Worker yet.
    browser.drag((x + width * 0.305, y + 8), (x + width * 0.395, y + 8))
    assert "· 0 samples ·" in text(browser, "window")
    assert text(browser, "details") == "no samples in this window"
    # The last second: a hundred samples of each.
    browser.drag((x + width * 0.9005, y + 8), (x + width - 1, y + 8))
    assert text(browser, "window").startswith("9.000–10.000 s · 200 samples"), text(browser, "window")
    assert table(browser)["Service.late"] == ("50.00", "50.00")
    browser.press("ArrowLeft")
    assert text(browser, "window").startswith("8.980–9.980 s · 200 samples"), text(browser, "window")
    browser.press("ArrowRight", shift=True)
    assert text(browser, "window").startswith("8.980–10.000 s · 204 samples"), text(browser, "window")
    browser.click("#wholeTime")
    assert text(browser, "window").startswith("0.000–10.000 s, all of it · 1100 samples")


def test_the_page_tells_threads_apart(browser, folder):
    browser.open(folder / "plain.html")
    browser.click("#byThread")
    assert calls(browser)[:3] == ["all", "MainThread (4321)", "Worker (4322)"]
    browser.click("input[data-thread='0']")
    assert table(browser) == {"<module>": ("0.00", "100.00"), "Service.late": ("100.00", "100.00")}
    assert "1 of 2 threads" in text(browser, "window")
    browser.click("#allThreads")
    assert len(table(browser)) == 7


def test_the_page_zooms_searches_and_turns_over(browser, folder):
    browser.open(folder / "plain.html")
    browser.click(".call[data-node='0'] ~ .call[title^='Service.hot_b']")
    assert calls(browser) == ["all", "<module>:3", "Service.hot_b:30", "Service.leaf_b:40", "memcpy"]
    browser.press("ArrowDown")
    browser.press("Enter")
    assert browser.value("document.querySelectorAll('.call.above').length") == 3
    browser.press("Backspace")
    browser.press("Escape")
    assert len(calls(browser)) == 8
    browser.press("/")
    browser.type("leaf")
    assert text(browser, "found") == "81.82 % matched"
    assert list(table(browser)) == ["Service.leaf_a", "Service.leaf_b"]
    browser.press("Escape")
    browser.click("#inverted")
    assert calls(browser)[:5] == ["all", "Service.late:50", "Service.leaf_a:20", "Service.leaf_b:40", "memcpy"]
    browser.click("#pythonOnly")
    assert "memcpy" not in calls(browser) and table(browser)["Service.leaf_b"] == ("32.73", "32.73")


@pytest.mark.parametrize("name", ["hostile", "empty", "deep"])
def test_the_page_opens_whatever_is_in_it(browser, folder, name):
    browser.open(folder / f"{name}.html")
    assert browser.value("document.querySelectorAll('script').length") == 2
    assert browser.value("document.querySelectorAll('b, x').length") == 0
    if name == "hostile":
        names = browser.value("[...document.querySelectorAll('#table tbody tr')].map((row) => row.cells[4].textContent)")
        assert "</script><script>alert(1)</script>" in names and "__proto__" in names and "\\u202eabc" in names
    if name == "deep":
        assert table(browser) == {"again": ("0.00", "100.00"), "leaf": ("100.00", "100.00")}


def test_every_recorded_page_and_flame_graph_opens(browser, files):
    for path in files("svg") + files("html"):
        browser.open(path)
        assert browser.complaints() == [] and len(browser.requests()) == 1, path
