"""The three engines that students' browsers are made of, each behind the same few words.

An engine gives readers, one after the other, each with nothing kept from the last. A reader can
`open` and `reload` a page, `evaluate` an expression in it, `press` keys and `type` a text. It says
what went `wrong` in its pages.
"""

import contextlib
import json
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from selenium.common.exceptions import WebDriverException
from selenium.webdriver import ActionChains, Keys, Remote
from selenium.webdriver.remote.client_config import ClientConfig
from selenium.webdriver.remote.remote_connection import RemoteConnection
from selenium.webdriver.remote.websocket_connection import WebSocketConnection
from selenium.webdriver.webkitgtk.options import Options
from selenium.webdriver.webkitgtk.service import Service
from urllib3.exceptions import HTTPError, ReadTimeoutError

from tests.browser import site
from tests.test_offline import offline

KEYS = {"ArrowDown": Keys.DOWN, "ArrowRight": Keys.RIGHT, "ArrowUp": Keys.UP}
KEYS |= {"Enter": Keys.ENTER, "Home": Keys.HOME, "Space": Keys.SPACE, "Tab": Keys.TAB}
WIDTH, HEIGHT = 1280, 900
PATIENCE = 180  # seconds
STARTS = 2  # of WebKit's driver
QUIET = subprocess.DEVNULL
# A proxy that is not there: what Firefox itself would like to ask for does not leave this machine.
NOBODY = {"network.proxy.type": 1}
for kind in ("http", "ssl"):
    NOBODY |= {f"network.proxy.{kind}": "127.0.0.1", f"network.proxy.{kind}_port": 9}


class Missing(Exception):
    """This machine has no such browser, and none may be installed."""


def installed(names, *packages):
    """A program's path, from Debian's packages if it is not there."""
    if path := next(filter(None, map(shutil.which, names)), None):
        return path
    if not site.apt_get(*packages):
        raise Missing(f"not installed: {' or '.join(names)} (Debian: {' '.join(packages)})")
    return installed(names)


@contextlib.contextmanager
def running(command, **options):
    """A program, ended in the end."""
    process = subprocess.Popen(command, **options)
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


class Reader:
    """Someone with a browser; `home` is the only place that their pages may ask."""

    def __init__(self, home):
        self.home, self._wrong = home, []

    def wrong(self):
        """What went wrong so far."""
        return self._wrong

    def downloaded(self, act):
        """The text of the file that comes of an act, where the driver can tell."""

    def chooses(self, act, file):
        """Answer what an act asks with a file; whether the driver can."""
        return False

    def _asks(self, url):
        origin = "/".join(self.home.split("/")[:3])
        if not url.startswith((self.home, "data:", "about:", f"blob:{origin}")):
            self._wrong.append(f"request elsewhere: {url}")


# ---- Chromium, through Playwright ---------------------------------------------------------------


class ChromiumReader(Reader):
    def __init__(self, home, context):
        super().__init__(home)
        context.on("request", lambda request: self._asks(request.url))
        context.on("console", self._said)
        context.on("weberror", lambda error: self._wrong.append(f"exception: {error.error}"))
        self._page = context.new_page()

    def wrong(self):
        self._page.evaluate("0")  # Playwright listens only while it is spoken to
        return self._wrong

    def _said(self, message):
        if message.type == "error":
            self._wrong.append(f"console: {message.text}")

    def open(self, path):
        self._page.goto(self.home + path)

    def reload(self):
        self._page.reload()

    def evaluate(self, expression):
        return self._page.evaluate(expression)

    def press(self, *keys):
        for key in keys:
            self._page.keyboard.press(key)

    def type(self, text):
        self._page.keyboard.type(text)

    def downloaded(self, act):
        with self._page.expect_download() as download:
            act()
        return download.value.path().read_text(encoding="utf-8")

    def chooses(self, act, file):
        with self._page.expect_file_chooser() as chooser:
            act()
        chooser.value.set_files(file)
        return True


def chromium(browser):
    """Readers in a browser that Playwright has started."""

    @contextlib.contextmanager
    def reader(home):
        with contextlib.closing(
            browser.new_context(viewport={"width": WIDTH, "height": HEIGHT})
        ) as context:
            yield ChromiumReader(home, context)

    return contextlib.nullcontext(reader)


# ---- Firefox, over WebDriver BiDi ---------------------------------------------------------------


class FirefoxReader(Reader):
    def __init__(self, home, ask, context):
        super().__init__(home)
        self._ask, self._context = ask, context
        size = {"width": WIDTH, "height": HEIGHT}
        ask("browsingContext.setViewport", context=context, viewport=size)

    def heard(self, event):
        """An event of the browser."""
        if "request" in event:
            self._asks(event["request"]["url"])
        elif event["level"] == "error":
            self._wrong.append(f"{event['type']}: {event['text']}")

    def open(self, path):
        url = self.home + path
        self._ask("browsingContext.navigate", context=self._context, url=url, wait="complete")

    def reload(self):
        self._ask("browsingContext.reload", context=self._context, wait="complete")

    def evaluate(self, expression):
        answer = self._ask(
            "script.evaluate",
            target={"context": self._context},
            expression=f"JSON.stringify({expression})",
            awaitPromise=False,
        )
        if answer["type"] == "exception":
            raise RuntimeError(answer["exceptionDetails"]["text"])
        return json.loads(answer["result"].get("value", "null"))

    def press(self, *keys):
        self.type("".join(KEYS[key] for key in keys))

    def type(self, text):
        strokes = [{"type": kind, "value": key} for key in text for kind in ("keyDown", "keyUp")]
        keyboard = {"type": "key", "id": "keyboard", "actions": strokes}
        self._ask("input.performActions", context=self._context, actions=[keyboard])


@contextlib.contextmanager
def firefox(preferences=()):
    """Readers in Firefox."""
    program = installed(["firefox-esr", "firefox"], "firefox-esr")
    lines = (
        f"user_pref({json.dumps(name)}, {json.dumps(value)});\n"
        for name, value in (NOBODY | dict(preferences)).items()
    )
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        Path(profile, "user.js").write_text("".join(lines), encoding="utf-8")
        command = [program, "--headless", "--no-remote", "--remote-debugging-port=0"]
        with running([*command, "--profile", profile], stdout=QUIET, stderr=QUIET):
            yield _firefox_readers(Path(profile))


def _firefox_readers(profile):
    where = json.loads(_awaited(profile / "WebDriverBiDiServer.json"))
    url = f"ws://{where['ws_host']}:{where['ws_port']}/session"
    connection = WebSocketConnection(url, timeout=PATIENCE, interval=0.005)

    def ask(method, **parameters):
        answer = connection.send_cmd(method, parameters)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}: {answer['message']}")
        return answer["result"]

    ask("session.new", capabilities={})
    events = ["log.entryAdded", "network.beforeRequestSent"]
    ask("session.subscribe", events=events)

    @contextlib.contextmanager
    def reader(home):
        user = ask("browser.createUserContext")["userContext"]
        context = ask("browsingContext.create", type="tab", userContext=user)["context"]
        one = FirefoxReader(home, ask, context)
        connection.callbacks = dict.fromkeys(events, [one.heard])
        try:
            yield one
        finally:
            connection.callbacks = {}
            ask("browser.removeUserContext", userContext=user)

    return reader


def _awaited(file):
    """A file's text, as soon as there is some."""
    end = time.monotonic() + PATIENCE
    while not (file.exists() and file.read_text(encoding="utf-8")):
        if time.monotonic() > end:
            raise RuntimeError(f"{file.name} does not come")
        time.sleep(0.05)
    return file.read_text(encoding="utf-8")


# ---- WebKit, over WebDriver ---------------------------------------------------------------------

# WebKit's driver tells neither errors nor requests, so its pages carry this script (`watched`).
# What stays unseen: the console of a worker, and what a worker asks for.
WATCH = """
window.wrong = [];
addEventListener("error", ({ message, target }) => {
  wrong.push(message ? `exception: ${message}` : `missing: ${target.src ?? target.href}`);
}, true);
addEventListener("unhandledrejection", ({ reason }) => wrong.push(`exception: ${reason}`));
addEventListener("securitypolicyviolation", (event) => wrong.push(`refused: ${event.blockedURI}`));
console.error = (...words) => wrong.push(`console: ${words.join(" ")}`);
window.Worker = class extends Worker {
  constructor(...given) {
    super(...given);
    this.addEventListener("error", ({ message }) => wrong.push(`worker: ${message}`));
  }
};
performance.setResourceTimingBufferSize(10_000);
"""
# Without its last compiler and without layers, which here cost more than they save, WebKit starts
# Python in a third of the time on two busy cores.
THRIFT = {"JSC_useOMGJIT": "0", "WEBKIT_DISABLE_COMPOSITING_MODE": "1"}
POLICY = '<meta http-equiv="Content-Security-Policy"'
LOOK = """(() => {
  const asked = performance.getEntriesByType("resource").map((entry) => entry.name);
  performance.clearResourceTimings();
  return { wrong: window.wrong?.splice(0) ?? [], asked };
})()"""


def watched(html, folder):
    """A copy of the site whose pages watch themselves, before their policy and other scripts."""
    shutil.copytree(html, folder)
    for page in folder.glob("book/*.html"):
        before, policy, after = page.read_text(encoding="utf-8").partition(POLICY)
        assert policy
        text = f"{before}<script>{WATCH}</script>{policy}{after}"
        page.write_text(text, encoding="utf-8")
    offline.publish(folder, "iowall")  # which lists each file by its content
    return folder


class WebKitReader(Reader):
    def __init__(self, home, driver):
        super().__init__(home)
        self._driver = driver
        driver.set_window_size(WIDTH, HEIGHT)

    def wrong(self):
        seen = self.evaluate(LOOK)
        self._wrong += seen["wrong"]
        for url in seen["asked"]:
            self._asks(url)
        return self._wrong

    def open(self, path):
        self.wrong()
        self._driver.get(self.home + path)

    def reload(self):
        self.wrong()
        self._driver.refresh()

    def evaluate(self, expression):
        return self._driver.execute_script(f"return {expression}")

    def press(self, *keys):
        self.type("".join(KEYS[key] for key in keys))

    def type(self, text):
        ActionChains(self._driver).send_keys(text).perform()


@contextlib.contextmanager
def webkit():
    """Readers in WebKitGTK's small browser, on a screen that nobody sees."""
    program = installed(["WebKitWebDriver"], "webkit2gtk-driver")
    with screen() as display:

        @contextlib.contextmanager
        def reader(home):
            with _webkit_session(program, os.environ | THRIFT | {"DISPLAY": display}) as driver:
                yield WebKitReader(home, driver)

        yield reader


@contextlib.contextmanager
def _webkit_session(program, environment):
    with contextlib.ExitStack() as stack:
        for left in reversed(range(STARTS)):
            service = Service(program, env=environment)
            stack.callback(service.stop)
            service.start()
            config = ClientConfig(service.service_url, timeout=PATIENCE)
            try:
                driver = Remote(RemoteConnection(client_config=config), options=Options())
                break
            except ReadTimeoutError:  # now and then the driver waits for a browser that has ended
                if not left:
                    raise
        try:
            yield driver
        finally:
            with contextlib.suppress(WebDriverException, HTTPError):  # it may have ended by itself
                driver.quit()


@contextlib.contextmanager
def screen():
    """A screen in memory; its name."""
    program = installed(["Xvfb"], "xvfb")
    out, into = os.pipe()
    command = [program, "-displayfd", str(into), "-screen", "0", "1400x1000x24"]
    with open(out) as told, running(command, pass_fds=[into], stderr=QUIET):
        os.close(into)
        yield f":{told.readline().strip()}"
