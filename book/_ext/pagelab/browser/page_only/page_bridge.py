"""Python's end of the wire between a lab and the page it is drawn in.

ipywidgets speaks through the ``comm`` package, which leaves open who carries its messages. In a
notebook that is the Jupyter kernel; here it is ``postMessage`` of the worker that runs Python:
messages go as JSON text, with arrays and files beside it as binary buffers.
"""

import asyncio
import json
import os
import pkgutil
import sys
import traceback
from urllib.parse import parse_qsl

import comm
import page_worker
from comm.base_comm import BaseComm
from pyodide.ffi import to_js

# Nobody else changes a widget of this page, so its own changes need not be told back to it.
os.environ["JUPYTER_WIDGETS_ECHO"] = "0"

NOT_THE_LABS = ("embed", "highlight")  # words in an address for the page itself, and its search

_handling = None  # the comm whose message is being handled: an exception belongs to its lab


def send(kind, *, buffers=(), **message):
    """Send one message to the page script."""
    # Copies, because the page takes possession of what it is sent.
    copies = to_js([memoryview(buffer).tobytes() for buffer in buffers])
    page_worker.send(_to_json({"kind": kind, **message}), copies)


def _to_json(message):
    """JSON for JavaScript: not-a-number and infinity become null, NumPy's scalars numbers."""
    try:
        return json.dumps(message, default=_scalar, allow_nan=False)
    except ValueError:
        finite = json.loads(json.dumps(message, default=_scalar), parse_constant=lambda _: None)
        return json.dumps(finite)


def _scalar(value):
    if hasattr(value, "item"):
        return value.item()
    raise TypeError(f"a widget's state cannot hold {value!r}: it has no form in JSON")


class PageComm(BaseComm):
    """The line between one widget and its model in the page."""

    def publish_msg(self, msg_type, data=None, metadata=None, buffers=None, **_):
        """Send a ``comm_open``, ``comm_msg`` or ``comm_close``."""
        content = {"comm_id": self.comm_id, "data": data or {}}
        send(msg_type, content=content, metadata=metadata or {}, buffers=buffers or ())


comm.create_comm = PageComm


def open_lab(name, key, query, kept=None):
    """Build a lab, at the settings in the page's address; tell the page its root widget."""
    try:
        words = parse_qsl(query.removeprefix("?"), keep_blank_values=True)
        settings = {word: value for word, value in words if word not in NOT_THE_LABS}
        if kept is not None:
            settings["kept"] = kept
        lab = pkgutil.resolve_name(page_worker.opens)(name, **settings)
        send("opened", key=key, model_id=lab.model_id)
    except Exception as error:
        _report("unopened", error, key=key)


def receive(text, buffers):
    """Handle one message of a widget in the page."""
    global _handling
    content = json.loads(text)
    _handling = content["comm_id"]
    line = comm.get_comm_manager().comms.get(_handling)
    if line is None:  # closed while the message was under way
        return
    try:
        line.handle_msg({"content": content, "buffers": buffers.to_py()})
    except Exception as error:
        show_exception(error)
    finally:
        _handling = None


def show_exception(error):
    """Show an exception of a running lab in that lab, which goes on."""
    _report("exception", error, comm_id=_handling)


def _report(kind, error, **where):
    name, detail = type(error).__name__, "".join(traceback.format_exception(error))
    said = f"{name}: {error}" if str(error) else name
    if isinstance(error, MemoryError):
        said = "the browser has no memory left for it: close other tabs"
    send(kind, error=said, detail=detail, **where)


def _exception_in_a_task(loop, context):
    if error := context.get("exception"):
        show_exception(error)
    else:
        print(context["message"], file=sys.stderr)


asyncio.get_event_loop().set_exception_handler(_exception_in_a_task)
