"""A browser in a test: headless Chromium through chromedriver's WebDriver protocol, with the standard library alone."""

import base64
import json
import subprocess
import time
import urllib.error
import urllib.request

from testbed import free_port, wait_until

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # WebDriver, 12.1
# Keys without a character (WebDriver, 17.4.2).
KEYS = {"Tab": "\ue004", "Enter": "\ue007", "Space": " "}


class Browser:
    def __init__(self, folder, width=1080, height=1920):
        port = free_port()
        self.base = f"http://127.0.0.1:{port}"
        self.log = open(f"{folder}/chromedriver.log", "ab")
        self.driver = subprocess.Popen(
            ["chromedriver", f"--port={port}"], stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        wait_until("chromedriver", 20, self._is_ready)
        arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
                     "--lang=zh-CN"]
        answer = self._call("POST", "/session", {"capabilities": {"alwaysMatch": {
            "goog:chromeOptions": {"args": arguments}, "goog:loggingPrefs": {"browser": "ALL"}}}})
        self.session = f"/session/{answer['sessionId']}"
        self._command("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": False})

    def _is_ready(self):
        try:
            return self._call("GET", "/status")["ready"]
        except OSError:
            return False

    def _call(self, method, path, body=None):
        content = json.dumps(body).encode() if body is not None else (b"{}" if method == "POST" else None)
        request = urllib.request.Request(
            self.base + path, data=content, method=method, headers={"content-type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{path}: {json.load(error)['value']['message'].splitlines()[0]}") from None

    def _command(self, name, parameters):
        return self._call("POST", self.session + "/goog/cdp/execute", {"cmd": name, "params": parameters})

    def run_before_every_page(self, text):
        self._command("Page.addScriptToEvaluateOnNewDocument", {"source": text})

    def open(self, address):
        self._call("POST", self.session + "/url", {"url": address})

    def back(self):
        self._call("POST", self.session + "/back")

    def script(self, text, *arguments):
        return self._call("POST", self.session + "/execute/sync", {"script": text, "args": list(arguments)})

    def _find(self, selector):
        return self._call("POST", self.session + "/element", {"using": "css selector", "value": selector})[ELEMENT]

    def click(self, selector):
        """A real pointer press on an element that can be seen."""
        self._call("POST", f"{self.session}/element/{self._find(selector)}/click")

    def tap(self, selector, times=1):
        """A finger on the middle of an element."""
        self._tap({ELEMENT: self._find(selector)}, 0, 0, times)

    def tap_at(self, x, y):
        """A finger on a place of the screen, whatever is there."""
        self._tap("viewport", x, y, 1)

    def middle(self, selector):
        """Where an element that is seen has its middle, in CSS pixels."""
        return self.script(
            "const box = document.querySelector(arguments[0]).getBoundingClientRect();"
            "return [Math.round(box.left + box.width / 2), Math.round(box.top + box.height / 2)]", selector)

    def _tap(self, origin, x, y, times):
        place = {"type": "pointerMove", "duration": 0, "origin": origin, "x": x, "y": y}
        press = [{"type": "pointerDown", "button": 0}, {"type": "pause", "duration": 20},
                 {"type": "pointerUp", "button": 0}, {"type": "pause", "duration": 60}]
        self._act({"type": "pointer", "id": "finger", "parameters": {"pointerType": "touch"},
                   "actions": [place, *press * times]})

    def press(self, *keys):
        """Keys of the keyboard, one after the other, wherever the focus is: characters or names of KEYS."""
        actions = []
        for key in keys:
            value = KEYS.get(key, key)
            actions += [{"type": "keyDown", "value": value}, {"type": "keyUp", "value": value}]
        self._act({"type": "key", "id": "keyboard", "actions": actions})

    def _act(self, source):
        self._call("POST", self.session + "/actions", {"actions": [source]})

    def type(self, selector, text):
        self._call("POST", f"{self.session}/element/{self._find(selector)}/value", {"text": text})

    def text(self, selector="body"):
        """What a person can read, and what the fields hold."""
        return self.script(
            "const place = document.querySelector(arguments[0]);"
            "return place.innerText + ' ' + [...place.querySelectorAll('input')].map((input) => input.value).join(' ')",
            selector)

    def screenshot(self, path):
        with open(path, "wb") as file:
            file.write(base64.b64decode(self._call("GET", self.session + "/screenshot")))

    def errors(self):
        """What the page's console complained about."""
        entries = self._call("POST", self.session + "/se/log", {"type": "browser"})
        return [entry["message"] for entry in entries if entry["level"] == "SEVERE"]

    def close(self):
        try:
            self._call("DELETE", self.session)
        finally:
            self.driver.terminate()
            self.driver.wait(timeout=10)
            time.sleep(0.1)
