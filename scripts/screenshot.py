"""Runs a small service under load, lets viv look at it, and writes viv's screen as SVG. Started by scripts/screenshot."""

import argparse
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from xml.sax.saxutils import escape

SHOP = pathlib.Path("/srv/shop")  # scripts/screenshot made it
ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "Tests/Scenarios"))
from pseudoterminal import PseudoTerminal  # noqa: E402

CLIENT = """
import sys, threading, urllib.request
def ask():
    while True:
        try: urllib.request.urlopen(sys.argv[1], timeout=5).read()
        except OSError: pass
for _ in range(12): threading.Thread(target=ask).start()
"""

FOREGROUND, BACKGROUND = "#d0d0d0", "#14161a"
PALETTE = {
    "black": "#24272e", "red": "#e05561", "green": "#8cc265", "brown": "#d18f52", "yellow": "#d18f52", "blue": "#4aa5f0",
    "magenta": "#c162de", "cyan": "#42b3c2", "white": "#d7dae0", "brightblack": "#6b717d", "brightred": "#ff616e",
    "brightgreen": "#a5e075", "brightbrown": "#f0a45d", "brightyellow": "#f0a45d", "brightblue": "#4dc4ff",
    "brightmagenta": "#de73ff", "bfightmagenta": "#de73ff", "brightcyan": "#4cd1e0", "brightwhite": "#ffffff",
}
CELL_WIDTH, CELL_HEIGHT, MARGIN = 8.4, 18, 12


def colour(name, default):
    if name == "default":
        return default
    return PALETTE.get(name) or f"#{name}"


def style(cell):
    foreground, background = colour(cell.fg, FOREGROUND), colour(cell.bg, BACKGROUND)
    if cell.reverse:
        foreground, background = background, foreground
    return foreground, background, cell.bold, cell.underscore


def forget_the_machine(screen):
    """Leaves the number of the kernel's release and takes away whose build it is."""
    release = os.uname().release
    public = re.match(r"[0-9.]*[0-9]", release)[0]
    line = "".join(cell.data for cell in (screen.buffer[0][column] for column in range(screen.columns)))
    if (start := line.find(release)) >= 0:
        for column in range(start + len(public), start + len(release)):
            screen.buffer[0][column] = screen.buffer[0][column]._replace(data=" ")


def runs(row, columns):
    """(column, width, text, style) of neighbouring cells that look alike. A wide glyph is a run of its own."""
    column = 0
    while column < columns:
        cell = row[column]
        look, start, text = style(cell), column, cell.data
        column += 1
        if column < columns and row[column].data == "":
            column += 1
        else:
            while column < columns and style(row[column]) == look and row[column].data != "" and \
                    not (column + 1 < columns and row[column + 1].data == ""):
                text += row[column].data
                column += 1
        yield start, column - start, text, look


def svg(screen):
    width, height = screen.columns * CELL_WIDTH + 2 * MARGIN, screen.lines * CELL_HEIGHT + 2 * MARGIN
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" height="{height:g}">',
             f'<rect width="100%" height="100%" rx="8" fill="{BACKGROUND}"/>',
             '<g font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,DejaVu Sans Mono,monospace" font-size="14" '
             'xml:space="preserve">']
    for y in range(screen.lines):
        top = MARGIN + y * CELL_HEIGHT
        for column, cells, text, (foreground, background, bold, underlined) in runs(screen.buffer[y], screen.columns):
            left, length = MARGIN + column * CELL_WIDTH, cells * CELL_WIDTH
            if background != BACKGROUND:
                parts.append(f'<rect x="{left:.1f}" y="{top}" width="{length:.1f}" height="{CELL_HEIGHT}" fill="{background}"/>')
            marks = (' font-weight="bold"' if bold else "") + (' text-decoration="underline"' if underlined else "")
            wide = cells != len(text)
            # Each stretch between gaps is placed by itself, so that another font's widths cannot move it.
            for stretch in re.finditer(r"\S+(?: \S+)*", text):
                begin = left + stretch.start() * CELL_WIDTH
                length = (cells if wide else len(stretch[0])) * CELL_WIDTH
                parts.append(f'<text x="{begin:.1f}" y="{top + 13.5}" textLength="{length:.1f}" '
                             f'lengthAdjust="spacingAndGlyphs" fill="{foreground}"{marks}>{escape(stretch[0])}</text>')
    return "\n".join([*parts, "</g>", "</svg>", ""])


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def start_service():
    """gunicorn with four workers and a client that keeps them busy; the address it answers on."""
    shutil.copy(ROOT / "scripts/screenshot-service.py", SHOP / "shop.py")
    (SHOP / "client.py").write_text(CLIENT)
    address = f"127.0.0.1:{free_port()}"
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": SHOP}
    (SHOP / "gunicorn.conf.py").write_text(f"bind = '{address}'\nworkers = 4\nthreads = 3\n")
    gunicorn = ["python3", "-m", "gunicorn", "shop:application"]
    processes = [subprocess.Popen(gunicorn, **quiet)]
    for _ in range(200):
        try:
            urllib.request.urlopen(f"http://{address}/", timeout=5).read()
            break
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    else:
        sys.exit("the service did not start")
    processes.append(subprocess.Popen(["python3", "client.py", f"http://{address}/"], **quiet))
    return processes


def worker_of(master):
    with open(f"/proc/{master}/task/{master}/children") as file:
        return file.read().split()[0]


def scroll_to_a_request(terminal):
    """Scrolls the stacks past the main thread to the first thread that serves a request."""
    for _ in range(40):
        lines = terminal.lines()
        title = next((number for number, line in enumerate(lines) if "4 Stacks" in line and number > 3), None)
        if title is None or "ThreadPoolExecutor" in lines[title + 1]:
            return
        terminal.send("j")
        terminal.pump(0.3)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", default="160x38")
    parser.add_argument("--keys", default="t4", help="sent one after another; without them, the tree and stacks of requests")
    parser.add_argument("--wait", type=float, default=90, help="seconds of history before the picture")
    parser.add_argument("--target", help="open viv on this instead of a worker; an empty text opens the table alone")
    parser.add_argument("--text", action="store_true")
    parser.add_argument("file", nargs="?", default=str(ROOT / "docs/screen.svg"))
    options = parser.parse_args()
    columns, rows = map(int, options.size.split("x"))

    picture = pathlib.Path(os.environ["STARTED_IN"], options.file)
    processes = start_service()
    time.sleep(1)
    target = worker_of(processes[0].pid) if options.target is None else options.target
    argv = ["viv", *([target] if target else [])]
    with PseudoTerminal(argv, columns=columns, rows=rows) as terminal:
        if not terminal.pump_until(lambda t: "PID" in t.text(), 20):
            sys.exit(f"viv showed no table:\n{terminal.text()}")
        terminal.pump(options.wait)
        for key in options.keys.encode().decode("unicode_escape"):
            terminal.send(key)
            terminal.pump(0.7)
        terminal.pump(1.2)
        if options.keys == parser.get_default("keys"):
            scroll_to_a_request(terminal)
        if options.text:
            print(terminal.text())
        else:
            terminal.paint()
            forget_the_machine(terminal.screen)
            picture.write_text(svg(terminal.screen))
            print(f"wrote {picture}")
        terminal.send("q")
        terminal.wait(5)
    for process in processes:
        process.terminate()


if __name__ == "__main__":
    main()
