"""The network that tests may use."""

import socket

import pytest
from pytest_socket import SocketConnectBlockedError


def test_connection_to_another_machine_fails() -> None:
    with pytest.raises(SocketConnectBlockedError), pytest.warns(match="192.0.2.1"):
        socket.create_connection(("192.0.2.1", 443), timeout=0.1)
