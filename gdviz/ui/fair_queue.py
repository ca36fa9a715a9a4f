"""A bounded queue that is fair: addresses are served in turn, and so are the sessions of one.

An address may be one script or a lecture hall. So it counts once among addresses, and its sessions
share what it gets. Whoever asks twice waits behind everybody else's first. Not thread-safe: who
uses it has a lock of its own.
"""

from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from typing import Generic, NamedTuple, TypeVar

Item = TypeVar("Item")


class Client(NamedTuple):
    """Who asks: the network address, and the session within it."""

    address: str
    session: str


class Full(Exception):
    """The queue, or the part of it that one client or one address may fill, is full."""


class FairQueue(Generic[Item]):
    """A queue of items of clients, with bounds for all, for one address and for one client."""

    def __init__(self, most: int, of_address: int, of_client: int) -> None:
        self.most, self.of_address, self.of_client = most, of_address, of_client
        self._sessions: OrderedDict[str, OrderedDict[str, deque[Item]]] = OrderedDict()
        self._length = 0

    def push(self, client: Client, item: Item) -> None:
        """Append an item of a client; raise `Full` if there are too many."""
        sessions = self._sessions.get(client.address, OrderedDict[str, deque[Item]]())
        own = sessions.get(client.session, deque[Item]())
        of_address = sum(map(len, sessions.values())) if self._length >= self.of_address else 0
        if self._length >= self.most or of_address >= self.of_address or len(own) >= self.of_client:
            raise Full
        own.append(item)
        sessions[client.session] = own
        self._sessions[client.address] = sessions
        self._length += 1

    def pop(self, allowed: Callable[[Client], bool] = lambda client: True) -> Item | None:
        """Remove and return the next item whose client is allowed, None if there is none."""
        for client in self._clients():
            if allowed(client):
                item = self._sessions[client.address][client.session][0]
                self.remove(client, item)
                self._go_behind(client)
                return item
        return None

    def remove(self, client: Client, item: Item) -> bool:
        """Remove an item; tell whether it was there."""
        sessions = self._sessions.get(client.address, OrderedDict[str, deque[Item]]())
        own = sessions.get(client.session, deque())
        if item not in own:
            return False
        own.remove(item)
        self._length -= 1
        if not own:
            del sessions[client.session]
        if not sessions:
            del self._sessions[client.address]
        return True

    def place(self, client: Client, item: Item) -> int:
        """Return how many items are served before this one, if all clients are allowed."""
        sessions = self._sessions[client.address]
        own = sessions[client.session].index(item)
        rank = _before(sessions, client.session, own, len)
        return _before(
            self._sessions, client.address, rank, lambda some: sum(map(len, some.values()))
        )

    def __len__(self) -> int:
        return self._length

    def _clients(self) -> Iterator[Client]:
        """Give the clients in the order in which they are served next."""
        for address, sessions in self._sessions.items():
            for session in sessions:
                yield Client(address, session)

    def _go_behind(self, client: Client) -> None:
        """Let all other addresses, and all other sessions of this one, be served before."""
        if sessions := self._sessions.get(client.address):
            self._sessions.move_to_end(client.address)
            if client.session in sessions:
                sessions.move_to_end(client.session)


def _before(
    lines: OrderedDict[str, Item], name: str, own: int, length: Callable[[Item], int]
) -> int:
    """Return how many of all lines, served in turn, come before item number `own` of one."""
    total, passed = own, False
    for other, line in lines.items():
        if other == name:
            passed = True
        else:
            total += min(length(line), own if passed else own + 1)
    return total
