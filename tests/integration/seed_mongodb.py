"""What docs/SEED.md claims of MongoDB, done on a real server."""
import contextlib

import pymongo
from pymongo.errors import InvalidURI, OperationFailure, PyMongoError, ServerSelectionTimeoutError

from hgfix import payloads, variants

from seed_proof import proof, relay

DATABASE = "programops_db"
READ = {"role": "read", "db": DATABASE}
NOT_THERE = {"role": "changeStreamPreAndPostImages", "db": DATABASE}


def seed_string(server, login=True, options="?replicaSet=rs0"):
    """The connection string in the seed's form."""
    who = f"{payloads.USER}:{server.passwords['user']}@" if login else ""
    return f"mongodb://{who}127.0.0.1:{server.port}/{DATABASE}{options}"


def connect(string, **more):
    return pymongo.MongoClient(string, serverSelectionTimeoutMS=2000, **more)


def refused(call):
    """The server's code for its refusal of CALL; 0 when it did not refuse."""
    try:
        call()
    except OperationFailure as error:
        return error.code
    return 0


@contextlib.contextmanager
def seed_account(server, *roles):
    """The account that the seed means, with roles that exist."""
    with server.client() as admin:
        admin[DATABASE].command("createUser", payloads.USER, pwd=server.passwords["user"], roles=list(roles or [READ]))
        try:
            yield admin
        finally:
            admin[DATABASE].command("dropUser", payloads.USER)


@proof("seed-literal")
def mongodb_role_does_not_exist(check, fleet):
    """The seed's createUser is refused: RoleNotFound (31), and the account is not there afterwards; the server's built-in
    roles have none of that name. Without it the same statement makes the account."""
    server = fleet["mongodb"]
    refusals = [r for r in server.refusals if "changeStreamPreAndPostImages" in r["statement"]]
    check("refused when the fixture ran it", [r["code"] for r in refusals] == [31], refusals)
    with server.client() as admin:
        database = admin[DATABASE]
        code = refused(lambda: database.command("createUser", payloads.USER, pwd="hgfix-x", roles=[READ, NOT_THERE]))
        check("refused now", code == 31, code)
        check("no account", database.command("usersInfo", payloads.USER)["users"] == [])
        roles = {r["role"] for r in database.command("rolesInfo", 1, showBuiltinRoles=True)["roles"]}
        check("no such role", "read" in roles and NOT_THERE["role"] not in roles, roles)
    with seed_account(server) as admin:
        check("an account", len(admin[DATABASE].command("usersInfo", payloads.USER)["users"]) == 1)


@proof("seed-literal")
def mongodb_string_logs_in(check, fleet):
    """With an account made in programops_db, the seed's connection string logs in as it is (the database in it is also where
    the account is looked for); with another authSource it does not."""
    server = fleet["mongodb"]
    with seed_account(server):
        with connect(seed_string(server)) as client:
            names = client[DATABASE].list_collection_names()
            check("it reads", "programs" in names, names)
        with connect(seed_string(server) + "&authSource=admin") as client:
            code = refused(lambda: client[DATABASE].list_collection_names())
            check("another authSource", code == 18, code)


@proof("seed-literal")
def mongodb_string_has_no_tls(check, fleet):
    """A server that takes both lets a client with the seed's connection string in without TLS: a relay in between reads
    what is asked. With tls=true in the string it does not."""
    server = fleet["mongodb"]

    def readable(string, **more):
        """Does whoever carries the bytes read the name of the collection that is asked for?"""
        with relay(server.port) as carrier:
            string = string.replace(f":{server.port}/", f":{carrier.port}/")
            with connect(string, directConnection=True, **more) as client:
                client[DATABASE].command("count", "hgfix_marker")
        return b"hgfix_marker" in carrier.seen
    with seed_account(server):
        check("the seed's string", readable(seed_string(server)))
        check("with tls=true", not readable(seed_string(server) + "&tls=true", tlsCAFile=str(fleet.ca)))


@proof("ready")
def mongodb_require_tls_keeps_clear_text_out(check, fleet):
    """As headgate proposes (requireTLS), the seed's connection string finds no server, and with tls=true it does."""
    server = fleet["mongodb"]
    with connect(seed_string(server)) as client:
        try:
            client[DATABASE].list_collection_names()
            check("refused", False)
        except ServerSelectionTimeoutError:
            check("refused", True)
    with connect(seed_string(server) + "&tls=true", tlsCAFile=str(fleet.ca)) as client:
        check("with TLS", "programs" in client[DATABASE].list_collection_names())


@proof("seed-literal")
def mongodb_set_name_must_be_the_sets(check, fleet):
    """The server calls its set rs0; with replicaSet=rs1 in the string the client finds no server."""
    server = fleet["mongodb"]
    with server.client() as admin:
        check("the name", admin.admin.command("hello")["setName"] == "rs0")
    with connect(seed_string(server, login=False, options="?replicaSet=rs0")) as client:
        check("rs0", client.admin.command("ping")["ok"] == 1)
    with connect(seed_string(server, login=False, options="?replicaSet=rs1")) as client:
        try:
            client.admin.command("ping")
            check("rs1", False)
        except ServerSelectionTimeoutError as error:
            check("rs1", True, error)


@proof("seed-literal")
def mongodb_password_in_a_string_is_encoded(check, fleet):
    """A password with a slash in it does not work in a connection string as it is, and does percent-encoded; the field of
    the secret holds it as it is."""
    server = fleet["mongodb"]
    with seed_account(server) as admin:
        server_password = server.passwords["user"]
        admin[DATABASE].command("updateUser", payloads.USER, pwd=server_password + "/@")
        raw = seed_string(server).replace(server_password, server_password + "/@")
        try:
            connect(raw).close()
            check("as it is", False)
        except (InvalidURI, ValueError) as error:       # which of the two is the driver's affair
            check("as it is", True, error)
        with connect(raw.replace(server_password + "/@", server_password + "%2F%40")) as client:
            check("encoded", "programs" in client[DATABASE].list_collection_names())


@proof("seed-literal")
def mongodb_read_opens_a_change_stream(check, fleet):
    """An account with the role read on programops_db and no other reads it, opens a change stream on it, and receives what
    is inserted. It may not watch the whole server, nor read the oplog in local."""
    server = fleet["mongodb"]
    with seed_account(server) as admin, connect(seed_string(server)) as client:
        check("it reads", client[DATABASE].programs.count_documents({}) == 2)
        with client[DATABASE].watch(max_await_time_ms=2000) as stream:
            admin[DATABASE].programs.insert_one({"_id": 99})
            change = stream.next()
            check("a change", change["operationType"] == "insert" and change["documentKey"] == {"_id": 99}, change)
        admin[DATABASE].programs.delete_one({"_id": 99})
        code = refused(lambda: client.watch().close())
        check("not the whole server", code == 13, code)
        code = refused(lambda: client.local["oplog.rs"].find_one())
        check("not the oplog", code == 13, code)


@proof("seed-literal")
def mongodb_pre_images_are_an_option_of_a_collection(check, fleet):
    """With read alone the account gets the document as it was before a deletion once the collection's option is on, and
    not before; no role is asked for."""
    server = fleet["mongodb"]

    def image(client, admin, number):
        database, programs = client[DATABASE], admin[DATABASE].programs
        programs.insert_one({"_id": number, "title": "Z"})
        cursor = database.command("aggregate", 1, cursor={}, pipeline=[
            {"$changeStream": {"fullDocumentBeforeChange": "whenAvailable"}}])["cursor"]
        programs.delete_one({"_id": number})
        batch = database.command("getMore", cursor["id"], collection="$cmd.aggregate", maxTimeMS=5000)["cursor"]
        database.command("killCursors", "$cmd.aggregate", cursors=[cursor["id"]])
        return batch["nextBatch"][0].get("fullDocumentBeforeChange")
    with seed_account(server) as admin, connect(seed_string(server)) as client:
        said = image(client, admin, 101)
        check("off", said is None, said)
        admin[DATABASE].command("collMod", "programs", changeStreamPreAndPostImages={"enabled": True})
        said = image(client, admin, 102)
        check("on", said == {"_id": 102, "title": "Z"}, said)
        admin[DATABASE].command("collMod", "programs", changeStreamPreAndPostImages={"enabled": False})


@proof("seed-literal")
def mongodb_watch_forgets_without_a_token(check, fleet):
    """What happens between two of the seed's db.watch() loops is never delivered to the second one; with resume_after and
    the token of the last change it is."""
    server = fleet["mongodb"]
    with seed_account(server) as admin, connect(seed_string(server)) as client:
        database, programs = client[DATABASE], admin[DATABASE].programs
        with database.watch(max_await_time_ms=2000) as stream:
            programs.insert_one({"_id": 201})
            token = stream.next()["_id"]
        programs.insert_one({"_id": 202})
        with database.watch(max_await_time_ms=200) as stream:
            change = stream.try_next()
            check("a new loop", change is None, change)
        with database.watch(resume_after=token, max_await_time_ms=2000) as stream:
            change = stream.next()
            check("with the token", change["documentKey"] == {"_id": 202}, change)
        programs.delete_many({"_id": {"$gt": 200}})


@proof("seed-literal")
def mongodb_command_without_credentials_reads_nothing(check, fleet):
    """With the address of the seed's mongo command (no user, no password), the server answers hello, so the command
    connects; find, count and the list of collections are refused: Unauthorized (13)."""
    server = fleet["mongodb"]
    with connect(seed_string(server, login=False, options=""), directConnection=True) as client:
        check("it connects", client.admin.command("hello")["ok"] == 1)
        database = client[DATABASE]
        for name, call in (("find", lambda: database.programs.find_one()), ("list", database.list_collection_names),
                           ("count", lambda: database.command("count", "programs"))):
            code = refused(call)
            check(name, code == 13, code)


@proof("ready")
def mongodb_standalone_has_no_change_streams(check, fleet):
    """The same server started without a replica set refuses a change stream (40573); with it, one opens."""
    server, variant = fleet["mongodb"], variants.find("mongodb/standalone")

    def watch():
        with server.client() as admin:
            admin[DATABASE].watch().close()
    check("a replica set", refused(watch) == 0)
    variant.apply(server)
    try:
        code = refused(watch)
        check("alone", code == 40573, code)
    finally:
        variant.undo(server)


@proof("seed-literal")
def mongodb_oplog_is_there_with_no_least_age(check, fleet):
    """The seed's replica set has its oplog without any setting, capped by size, and no least age; replSetResizeOplog gives
    it one on the running server."""
    with fleet["mongodb"].client() as admin:
        options = admin.local.command("listCollections", filter={"name": "oplog.rs"})["cursor"]["firstBatch"][0]["options"]
        check("capped", options["capped"] and options["size"] > 0, options)

        def least():
            return admin.admin.command("serverStatus")["oplogTruncation"].get("oplogMinRetentionHours", 0)
        check("no least age", least() == 0, least())
        admin.admin.command({"replSetResizeOplog": 1, "minRetentionHours": 24.0})
        check("a day", least() == 24, least())
        admin.admin.command({"replSetResizeOplog": 1, "minRetentionHours": 0.0})


@proof("seed-literal")
def mongodb_placeholder_host_is_no_connection(check, fleet):
    """The seed's MongoClient("mongodb://...") is refused by the driver before anything is sent; the whole string of the
    secret works in its place."""
    try:
        pymongo.MongoClient("mongodb://...", serverSelectionTimeoutMS=500).admin.command("ping")
        check("three dots", False)
    except PyMongoError as error:
        check("three dots", True, error)
    with seed_account(fleet["mongodb"]), connect(fleet["mongodb"].payload()["connection_string"]) as client:
        check("the secret's string", "programs" in client[DATABASE].list_collection_names())
