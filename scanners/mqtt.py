"""Handhelds that publish what they read to an MQTT broker: an adapter over paho-mqtt.

Rules kept here:

* A message is acknowledged when the scans in it have been taken: what is in hand when the program
  ends is delivered again by the broker, which keeps the session for a day.
* What is delivered again (QoS 1) is delivered once: known by the device's own id, by its time and
  number, or by the broker's mark on it. Where the device gives an id, or time and number, the
  scan's `id` is the same even in another run of the program.
* One id with another content is a scan with a problem; so is a message that is no scan. The queue
  goes on.
* A broker that goes away is told once, and tried again after 1 s, 2 s and so on up to 30 s; when it
  is back, that is told too.
* A message of more than `messages.LARGEST` bytes is refused: the broker is told so (MQTT 5), and
  one that comes all the same is a problem.

MQTT 5.0 and 3.1.1 (OASIS). The thread that iterates does all the work.
"""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from scanners.errors import DeviceError, MessageError
from scanners.extras import extra
from scanners.messages import LARGEST, parse_message
from scanners.scan import Scan, Symbology

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from scanners.devices import MqttDevice

__all__ = ["MqttScanner", "Recent"]

_FIRST_PAUSE_S = 1.0
_LONGEST_PAUSE_S = 30.0
_WAIT_S = 0.5  # how long a loop listens, so that an interrupt is heard
_ANSWER_S = 10.0
_SESSION_S: Final = 24 * 3600
_REMEMBERED = 4096
_IN_FLIGHT = 100
_KEPT_BYTES = 1024  # of a message that is too large


class Recent:
    """The last messages by what they are known by: which came before, and with what content."""

    def __init__(self, most: int = _REMEMBERED) -> None:
        self._most = most
        self._seen: OrderedDict[tuple[str, ...], bytes] = OrderedDict()

    def before(self, key: tuple[str, ...], content: bytes) -> bytes | None:
        """The content that came under this key before; None for a key that is new."""
        known = self._seen.get(key)
        if known is None:
            self._seen[key] = content
            if len(self._seen) > self._most:
                self._seen.popitem(last=False)
        return known


class MqttScanner:
    """A `ScannerAdapter` over the messages of a topic; iterates until the caller stops."""

    def __init__(
        self,
        profile: MqttDevice,
        *,
        device: str,
        now: Callable[[], int],
        tell: Callable[[str], None],
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        """Prepare the adapter.

        Args:
            profile: Where the broker is, and which topic.
            device: The name that scans bear, before what a handheld calls itself.
            now: The clock: microseconds since 1970 UTC.
            tell: Hears, in a sentence, that the broker went away or came back.
            pause: Waits so many seconds.
        """
        self._profile = profile
        self._device = device
        self._now = now
        self._tell = tell
        self._pause = pause
        self._messages: deque[Any] = deque()
        self._recent = Recent()
        self._sequence = 0
        self._refusal = ""
        self._is_subscribed = False
        self._client: Any = None

    def __enter__(self) -> Self:
        """Connect to the broker.

        Raises:
            DeviceError: paho-mqtt isn't installed, or the broker can't be reached or refuses us.
        """
        self._client = self._made()
        try:
            self._connect()
            self._subscribe()
        except (OSError, ValueError) as error:
            raise DeviceError(
                self._device,
                f"the broker {self._profile.host} port {self._profile.port} can't be used"
                f" ({getattr(error, 'strerror', None) or error})",
                "start it, or mend host, port, tls, username or password_file in the profile",
            ) from None
        return self

    def __exit__(self, *exc_info: object) -> None:
        """Leave the broker, which keeps what comes meanwhile."""
        client, self._client = self._client, None
        if client is not None:
            client.disconnect()

    def __iter__(self) -> Iterator[Scan]:
        """Deliver each scan once, and acknowledge its message behind it."""
        while self._client is not None:
            if self._messages:
                message = self._messages.popleft()
                yield from self._taken(message)
                if message.qos:
                    self._client.ack(message.mid, message.qos)
            elif self._client.loop(_WAIT_S):
                self._come_back()

    def _taken(self, message: Any) -> Iterator[Scan]:
        payload = bytes(message.payload)
        content = sha256(payload).digest()
        now = self._now()
        mark = ("mark", message.topic, str(message.mid), content.hex())
        if message.qos and self._recent.before(mark, content) is not None and message.dup:
            return
        try:
            found = parse_message(
                payload,
                device=self._device,
                received_at=now,
                sequence=self._sequence,
                engine="mqtt",
            )
        except MessageError as error:
            yield self._refused(payload, error, now)
            return
        for one in found:
            key = one.key
            known = None if key is None else self._recent.before(key, one.scan.raw)
            if known is None:
                self._sequence += 1
                yield one.scan
            elif known != one.scan.raw:
                yield self._refused(
                    payload,
                    MessageError(
                        self._device,
                        f"the id {one.scan.delivery!r} came before with another code",
                        "set the handheld to give each scan an id of its own",
                    ),
                    now,
                )

    def _refused(self, payload: bytes, error: MessageError, now: int) -> Scan:
        self._sequence += 1
        return Scan(
            raw=payload[:_KEPT_BYTES],
            text="",
            symbology=Symbology.UNKNOWN,
            symbology_identifier="",
            engine="mqtt",
            device=self._device,
            captured_at=now,
            sequence=self._sequence - 1,
            problem=f"{error.found[:1].upper()}{error.found[1:]}: {error.fix}.",
        )

    def _come_back(self) -> None:
        """Wait until the broker is there again, and subscribe anew."""
        self._messages.clear()  # not acknowledged: they come again
        self._tell(f"{self._device}: the broker is gone; waiting for it to come back.")
        pause = _FIRST_PAUSE_S
        while True:
            self._pause(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_S)
            self._refusal, self._is_subscribed = "", False
            try:
                self._client.reconnect()
                self._subscribe()
            except OSError:
                continue
            self._tell(f"{self._device}: the broker is back.")
            return

    def _subscribe(self) -> None:
        """Wait until the broker has taken connection and subscription.

        Raises:
            OSError: It refuses one of them, or says nothing.
        """
        deadline = time.monotonic() + _ANSWER_S
        while not self._is_subscribed:
            if self._client.loop(_WAIT_S) or self._refusal or time.monotonic() > deadline:
                raise OSError(self._refusal or "it does not answer as a broker does")

    def _made(self) -> Any:
        profile = self._profile
        mqtt = extra("paho.mqtt.client", name="mqtt", device=self._device)
        is_5 = profile.version == "5"
        # A name that stays the same is what the broker keeps the session by.
        name = profile.client or "suyuan-" + sha256(self._device.encode()).hexdigest()[:16]
        client = mqtt.Client(
            mqtt.CallbackAPIVersion.VERSION2,
            client_id=name,
            clean_session=None if is_5 else False,
            protocol=mqtt.MQTTv5 if is_5 else mqtt.MQTTv311,
            manual_ack=True,
        )
        client.max_inflight_messages_set(_IN_FLIGHT)
        client.on_connect = self._connected
        client.on_subscribe = self._subscribed
        client.on_message = self._arrived
        if profile.username:
            client.username_pw_set(profile.username, self._password())
        if profile.tls:
            client.tls_set()
        return client

    def _password(self) -> str | None:
        file = self._profile.password_file
        if not file:
            return None
        try:
            with Path(file).open(encoding="utf-8") as stream:
                return stream.readline(1024).rstrip("\r\n")
        except (OSError, UnicodeDecodeError):
            raise DeviceError(
                self._device, f"the password can't be read from {file}", "check the file"
            ) from None

    def _connect(self) -> None:
        profile = self._profile
        if profile.version != "5":
            self._client.connect(profile.host, profile.port)
            return
        properties = extra("paho.mqtt.properties", name="mqtt", device=self._device)
        types = extra("paho.mqtt.packettypes", name="mqtt", device=self._device)
        wishes = properties.Properties(types.PacketTypes.CONNECT)
        wishes.SessionExpiryInterval = _SESSION_S
        wishes.MaximumPacketSize = LARGEST + 2 * 1024  # a topic and properties besides
        wishes.ReceiveMaximum = _IN_FLIGHT
        self._client.connect(profile.host, profile.port, clean_start=False, properties=wishes)

    def _connected(
        self, client: Any, _userdata: object, _flags: object, reason: Any, _properties: object
    ) -> None:
        if reason.is_failure:
            self._refusal = str(reason)
            return
        client.subscribe(self._profile.topic, qos=1)

    def _subscribed(
        self, _client: object, _userdata: object, _mid: int, reasons: Any, _properties: object
    ) -> None:
        refused = [str(reason) for reason in reasons if reason.is_failure]
        self._refusal = "".join(refused[:1])
        self._is_subscribed = not refused

    def _arrived(self, _client: object, _userdata: object, message: Any) -> None:
        self._messages.append(message)
