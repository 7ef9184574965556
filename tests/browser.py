"""Knows how a test looks at HTML as a mail program shows it: headless Chromium, spoken to over a pipe.

Nothing is ever fetched: every request is counted and refused.
"""

import base64
import fcntl
import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PROGRAM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
_HIGH = 20  # above what a shell and Chromium use themselves
_FLAGS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"),
    *("--no-first-run", "--disable-extensions", "--disable-background-networking", "--disable-sync"),
    *("--disable-component-update", "--disable-default-apps", "--host-resolver-rules=MAP * ~NOTFOUND"),
    *("--force-color-profile=srgb", "--lang=en", "--remote-debugging-pipe"),
)


class Browser:
    """One page of one browser.

    Args:
        requests: the address of everything that the shown mails asked for.
    """

    def __init__(self, reading: int, writing: int) -> None:
        self._reading = reading
        self._writing = writing
        self._number = 0
        self._rest = b""
        self._session = ""
        self.requests: list[str] = []
        target = self._ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self._ask("Page.enable")
        self._ask("Fetch.enable", patterns=[{"urlPattern": "*"}])
        self._frame = self._ask("Page.getFrameTree")["frameTree"]["frame"]["id"]

    def show(self, html: str, width: int, *, dark: bool) -> None:
        """Shows a mail in a window of so many pixels, to a reader who likes it dark or light."""
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self._ask("Emulation.setEmulatedMedia", features=[scheme])
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 480}
        self._ask("Emulation.setDeviceMetricsOverride", **size)
        self._ask("Page.setDocumentContent", frameId=self._frame, html=html)

    def ask(self, script: str) -> Any:
        """What a script in the page gives."""
        answer = self._ask("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def invert(self, *, forced: bool) -> None:
        """Whether the browser turns light pages dark by itself, as some mail programs do."""
        self._ask("Emulation.setAutoDarkModeOverride", **({"enabled": True} if forced else {}))

    def picture(self, file: Path) -> None:
        """Writes the whole page as a PNG file."""
        answer = self._ask("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        file.write_bytes(base64.b64decode(answer["data"]))

    def _ask(self, method: str, **parameters: object) -> Mapping[str, Any]:
        number = self._tell(method, parameters)
        for message in self._messages():
            if message.get("method") == "Fetch.requestPaused":
                self._refuse(message["params"])
            if message.get("id") == number:
                assert "error" not in message, (method, message["error"])
                result: Mapping[str, Any] = message["result"]
                return result
        raise AssertionError("the browser has ended")

    def _refuse(self, paused: Mapping[str, Any]) -> None:
        self.requests.append(paused["request"]["url"])
        self._tell("Fetch.failRequest", {"requestId": paused["requestId"], "errorReason": "AccessDenied"})

    def _tell(self, method: str, parameters: Mapping[str, object]) -> int:
        self._number += 1
        message: dict[str, object] = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._writing, json.dumps(message).encode() + b"\0")
        return self._number

    def _messages(self) -> Iterator[dict[str, Any]]:
        while True:
            while b"\0" not in self._rest:
                octets = os.read(self._reading, 1 << 20)
                if not octets:
                    return
                self._rest += octets
            line, _, self._rest = self._rest.partition(b"\0")
            yield json.loads(line)


@contextmanager
def browser(folder: Path) -> Iterator[Browser]:
    """A browser of its own, with its files in the folder, until the block ends."""
    assert PROGRAM is not None
    theirs, writing = os.pipe()
    reading, theirs_too = os.pipe()
    # Chromium reads file descriptor 3 and writes 4; a shell puts them there, from where neither stands.
    high = [fcntl.fcntl(one, fcntl.F_DUPFD, _HIGH) for one in (theirs, theirs_too)]
    command = f'exec "$0" "$@" 3<&{high[0]} 4>&{high[1]} 2>/dev/null'
    process = subprocess.Popen(
        ["bash", "-c", command, PROGRAM, *_FLAGS, f"--user-data-dir={folder}", "about:blank"],
        pass_fds=high,
        stdout=subprocess.DEVNULL,
    )
    for one in (theirs, theirs_too, *high):
        os.close(one)
    try:
        yield Browser(reading, writing)
    finally:
        process.terminate()
        process.wait(30)
        os.close(reading)
        os.close(writing)
