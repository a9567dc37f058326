"""What the proofs of docs/SEED.md share: how they are named, and ways into the servers that clients do not offer."""
import collections
import contextlib
import hashlib
import socket
import struct
import subprocess
import threading

from hgfix import payloads, proc

Proof = collections.namedtuple("Proof", "name kind body")
PROOFS = {}
ELSEWHERE = "127.0.0.9"     # an address of this machine that no fixture names


def proof(kind):
    """A function that proves one claim on servers of KIND. Its name, with hyphens, is the claim's in docs/seed.yaml."""
    def register(body):
        name = body.__name__.replace("_", "-")
        PROOFS[name] = Proof(name, kind, body)
        return body
    return register


def run(argv, text=None, env=None):
    """(it worked, what it printed) of a client program."""
    done = subprocess.run([str(a) for a in argv], input=text, stdin=subprocess.DEVNULL if text is None else None,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60, check=False, env=env)
    return done.returncode == 0, done.stdout


@contextlib.contextmanager
def relay(port, address=ELSEWHERE):
    """A port whose connections reach PORT from another ADDRESS."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=_accept, args=(listening, port, address), daemon=True).start()
        yield listening.getsockname()[1]


def _accept(listening, port, address):
    with contextlib.suppress(OSError):
        while True:
            near, _ = listening.accept()
            far = socket.create_connection(("127.0.0.1", port), timeout=30, source_address=(address, 0))
            for a, b in ((near, far), (far, near)):
                threading.Thread(target=_copy, args=(a, b), daemon=True).start()


def _copy(source, sink):
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    for end in (source, sink):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
