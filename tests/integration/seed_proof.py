"""What the proofs of docs/SEED.md share: how they are named, and ways into the servers that clients do not offer."""
import collections
import contextlib
import hashlib
import socket
import struct
import subprocess
import threading

from hgfix import payloads

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


class Relay:
    """A port whose connections reach another one from ADDRESS, and what clients sent through it."""

    def __init__(self, listening, port, address):
        self.listening, self.target, self.address = listening, port, address
        self.port, self.seen = listening.getsockname()[1], bytearray()
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                near, _ = self.listening.accept()
                far = socket.create_connection(("127.0.0.1", self.target), timeout=30, source_address=(self.address, 0))
                far.settimeout(None)
                threading.Thread(target=self.copy, args=(near, far, self.seen), daemon=True).start()
                threading.Thread(target=self.copy, args=(far, near, bytearray()), daemon=True).start()

    @staticmethod
    def copy(source, sink, seen):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                seen += data
                sink.sendall(data)
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def relay(port, address=ELSEWHERE):
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield Relay(listening, port, address)


# ---- MySQL's and PostgreSQL's first packets: what a server asks for without TLS, which clients do not tell


def _exactly(sock, count):
    data = b""
    while len(data) < count:
        more = sock.recv(count - len(data))
        if not more:
            raise EOFError("the server closed the connection")
        data += more
    return data


def _mysql_packet(sock):
    header = _exactly(sock, 4)
    return header[3], _exactly(sock, int.from_bytes(header[:3], "little"))


def mysql_plain_login(port, user, password):
    """How a login without TLS goes on: `ok`, `cached` (the server has the password in its memory), `full` (it wants the
    password itself, and there is no TLS to carry it), or `error NUMBER`."""
    def sha(data):
        return hashlib.sha256(data).digest()
    with socket.create_connection(("127.0.0.1", port), timeout=10) as sock:
        _, hello = _mysql_packet(sock)
        at = hello.index(b"\0", 1) + 5
        nonce = hello[at:at + 8] + hello[at + 27:at + 39]
        once = sha(password.encode())
        answer = bytes(a ^ b for a, b in zip(once, sha(sha(once) + nonce)))
        body = (struct.pack("<IIB23x", 0x80000 | 0x8000 | 0x200 | 1, 1 << 24, 45) + user.encode() + b"\0"
                + bytes([len(answer)]) + answer + b"caching_sha2_password\0")
        sock.sendall(struct.pack("<I", len(body))[:3] + b"\1" + body)
        number, reply = _mysql_packet(sock)
        if reply[:2] == b"\1\4":
            sock.sendall(b"\1\0\0" + bytes([number + 1]) + b"\2")      # "give me your RSA key instead"
            return "full, RSA key given" if b"BEGIN PUBLIC KEY" in _mysql_packet(sock)[1] else "full"
        if reply[:2] == b"\1\3":
            _, reply = _mysql_packet(sock)
            return "cached" if reply[:1] == b"\0" else f"error {int.from_bytes(reply[1:3], 'little')}"
        return f"error {int.from_bytes(reply[1:3], 'little')}" if reply[:1] == b"\xff" else "ok"


def _postgres_message(sock):
    kind, size = _exactly(sock, 1), int.from_bytes(_exactly(sock, 4), "big")
    return kind, _exactly(sock, size - 4)


def postgres_plain_login(port, more, stored=None):
    """What the server says to a connection without TLS as the account under review: `SCRAM`, `md5`, or its error.

    With STORED, an md5 hash as the server stores it, an md5 question is answered from the hash alone: `let in`.
    """
    words = {"user": payloads.USER, **more}
    body = struct.pack("!I", 196608) + b"".join(f"{k}\0{v}\0".encode() for k, v in words.items()) + b"\0"
    with socket.create_connection(("127.0.0.1", port), timeout=10) as sock:
        sock.sendall(struct.pack("!I", len(body) + 4) + body)
        kind, data = _postgres_message(sock)
        if kind == b"R" and data[:4] == struct.pack("!I", 5) and stored:
            answer = b"md5" + hashlib.md5(stored[3:].encode() + data[4:8]).hexdigest().encode() + b"\0"
            sock.sendall(b"p" + struct.pack("!I", len(answer) + 4) + answer)
            kind, data = _postgres_message(sock)
            return "let in" if kind == b"R" and data == bytes(4) else data.decode()
        if kind == b"R":
            return {5: "md5", 10: "SCRAM"}.get(int.from_bytes(data[:4], "big"), "another question")
        return data.replace(b"\0", b" ").decode()
