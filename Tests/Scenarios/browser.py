"""A headless Chromium, spoken to over a pair of pipes: real clicks, real keys, and what the page has become.

The DevTools protocol needs no library that way: messages are JSON with a zero byte after each.
"""

import base64
import fcntl
import json
import os
import select
import shutil
import subprocess
import time

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
KEYS = {"Enter": 13, "Escape": 27, "Backspace": 8, "ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40}


def find():
    """Path of a Chromium, or None."""
    return next((path for path in map(shutil.which, NAMES) if path), None)


class Browser:
    """One browser with one page."""

    def __init__(self, path, folder):
        into, self._write = os.pipe()
        self._read, out = os.pipe()
        # Without a sandbox of its own: it opens our files only, and containers often allow none.
        options = ["--headless", "--remote-debugging-pipe", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                   f"--user-data-dir={folder}", "--window-size=1200,900", "about:blank"]
        # The protocol's descriptors are 3 and 4: away from there with ours, so that neither is lost on the way.
        ours = into, out
        into, out = (fcntl.fcntl(descriptor, fcntl.F_DUPFD, 10) for descriptor in ours)
        self.process = subprocess.Popen(["bash", "-c", f'exec "$@" 3<&{into} 4>&{out}', "bash", path, *options],
                                        pass_fds=(into, out), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        for descriptor in (*ours, into, out):
            os.close(descriptor)
        self._buffer = b""
        self._number = 0
        self._events = []
        self._session = None
        target = self.call("Target.createTarget", url="about:blank", width=1200, height=900)["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(domain + ".enable")

    def close(self):
        for descriptor in (self._write, self._read):
            os.close(descriptor)
        self.process.kill()
        self.process.wait()

    def _message(self, end):
        while b"\0" not in self._buffer:
            if not select.select([self._read], [], [], max(0, end - time.monotonic()))[0]:
                raise TimeoutError("the browser says nothing")
            piece = os.read(self._read, 1 << 20)
            if not piece:
                raise EOFError("the browser ended")
            self._buffer += piece
        text, self._buffer = self._buffer.split(b"\0", 1)
        return json.loads(text)

    def call(self, method, timeout=60, **parameters):
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self._write, data):]
        end = time.monotonic() + timeout
        while True:
            answer = self._message(end)
            if answer.get("id") == self._number:
                assert "error" not in answer, f"{method}: {answer['error']}"
                return answer["result"]
            self._events.append(answer)

    def open(self, path):
        """Opens a file and waits until its scripts have run."""
        self._events.clear()
        self.call("Page.navigate", url=f"file://{path}")
        end = time.monotonic() + 60
        while self.value("document.readyState") != "complete" or "about:blank" in self.value("location.href"):
            assert time.monotonic() < end, f"{path} does not load"
            time.sleep(0.05)

    def value(self, expression):
        """What an expression is in the page."""
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in result, result
        return result["result"].get("value")

    def complaints(self):
        """Exceptions, refused actions and console errors since the page was opened."""
        self.value("1")
        return [event for event in self._events
                if event["method"] == "Runtime.exceptionThrown"
                or event["method"] == "Log.entryAdded" and event["params"]["entry"]["level"] == "error"
                or event["method"] == "Page.javascriptDialogOpening"]

    def requests(self):
        """Addresses that were asked for since the page was opened."""
        self.value("1")
        return [event["params"]["request"]["url"] for event in self._events
                if event["method"] == "Network.requestWillBeSent"]

    def centre(self, selector):
        box = self.value(f"""(() => {{
            const element = document.querySelector({json.dumps(selector)});
            element.scrollIntoView({{ block: 'center' }});
            const box = element.getBoundingClientRect();
            return [box.left, box.top, box.width, box.height];
        }})()""")
        return box[0] + box[2] / 2, box[1] + box[3] / 2

    def mouse(self, kind, x, y, clicks=1):
        self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=clicks,
                  buttons=0 if kind == "mouseReleased" else 1)

    def click(self, selector):
        self.click_at(*self.centre(selector))

    def click_at(self, x, y):
        self.mouse("mousePressed", x, y)
        self.mouse("mouseReleased", x, y)

    def drag(self, start, end):
        self.mouse("mousePressed", *start)
        for part in (0.5, 1):
            self.mouse("mouseMoved", start[0] + (end[0] - start[0]) * part, start[1] + (end[1] - start[1]) * part)
        self.mouse("mouseReleased", *end)

    def press(self, key, shift=False):
        text = {"Enter": "\r"}.get(key, key if len(key) == 1 else "")
        options = {"key": key, "windowsVirtualKeyCode": KEYS.get(key, 0), "modifiers": 8 if shift else 0}
        self.call("Input.dispatchKeyEvent", type="keyDown" if text else "rawKeyDown", text=text, **options)
        self.call("Input.dispatchKeyEvent", type="keyUp", **options)

    def type(self, text):
        self.call("Input.insertText", text=text)

    def picture(self, path):
        """Saves what is seen, for whoever has to find out why a test fails."""
        with open(path, "wb") as file:
            file.write(base64.b64decode(self.call("Page.captureScreenshot")["data"]))
