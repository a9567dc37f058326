/* SPDX-License-Identifier: Apache-2.0 */
#include <errmsg.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/clock.h"
#include "probes/common/peer.h"
#include "probes/mysql/mysql.h"

#define MAX_ADDRESSES 8
#define ACCESS_DENIED 1045
#define RESERVE_MS    150 /* of the deadline, to say what happened */

/*
 * What a password may be handed to. The library compares by strstr().
 * - verify-full: the peer is the server, and may see a password (caching_sha2's first login
 *   does that).
 * - verify-ca, required: somebody else may be the peer, and gets a scramble or a signature.
 * When caching_sha2 asks for the password itself, peer.c holds it back.
 * - off: caching_sha2 would give the password to whoever offers an RSA key, so a scramble is
 * all. mysql_clear_password, dialog and mysql_old_password are on no list.
 */
#define AUTH_VERIFIED                                                                          \
    "mysql_native_password,caching_sha2_password,sha256_password,client_ed25519"
#define AUTH_UNVERIFIED "mysql_native_password,caching_sha2_password,client_ed25519"
#define AUTH_PLAIN      "mysql_native_password"

static bool wants_tls(const struct hg_probe *probe)
{
    return probe->tls.mode != HG_TLS_OFF;
}

#ifdef MY_CONNECTOR_C

/* Whether a mode weaker than verify-full holds. The connector's own "required" logs in without
 * TLS when a server offers none, and cannot look at an authority alone: hooks.c ends such a
 * connection at the greeting, and peer.c judges the certificate, where both are in place. */
static bool tls_mode_safe(const struct hg_probe *probe, struct hg_outcome *outcome)
{
    const char *library = "";

    if (probe->tls.mode == HG_TLS_VERIFY_FULL || probe->tls.mode == HG_TLS_OFF) {
        return true;
    }
    if (mysql_library_init(0, NULL, NULL) == 0) { /* or it does not know yet */
        mariadb_get_infov(NULL, MARIADB_TLS_LIBRARY, &library);
    }
    if (my_hooks_see_greetings() && library != NULL && strncmp(library, "OpenSSL", 7) == 0) {
        return true;
    }
    outcome->stage = "tls";
    outcome->outcome = "not-attempted";
    snprintf(outcome->message, sizeof(outcome->message),
             "this build of MariaDB's client library does not hold `mode: %s` (it would go on "
             "without TLS); write `tls: {mode: verify-full, ca: FILE, name: "
             "NAME-IN-THE-CERTIFICATE}`",
             probe->tls.mode == HG_TLS_REQUIRED ? "required" : "verify-ca");
    return false;
}

static void set_tls(struct hg_probe *probe, MYSQL *db)
{
    const my_bool on = 1, off = 0, full = probe->tls.mode == HG_TLS_VERIFY_FULL;

#    ifdef MY_PLUGIN_DIR
    mysql_optionsv(db, MYSQL_PLUGIN_DIR, MY_PLUGIN_DIR);
#    endif
    if (!wants_tls(probe)) {
        mysql_optionsv(db, MYSQL_OPT_SSL_ENFORCE, &off);
        mysql_optionsv(db, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &off);
        mysql_optionsv(db, MARIADB_OPT_RESTRICTED_AUTH, AUTH_PLAIN);
        /* or the server's default decides, and an account that could log in cannot */
        mysql_optionsv(db, MYSQL_DEFAULT_AUTH, "mysql_native_password");
        return;
    }
    mysql_optionsv(db, MARIADB_OPT_RESTRICTED_AUTH, full ? AUTH_VERIFIED : AUTH_UNVERIFIED);
    mysql_optionsv(db, MYSQL_OPT_SSL_ENFORCE, &on);
    mysql_optionsv(db, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, full ? &on : &off);
    mysql_optionsv(db, MYSQL_OPT_TLS_VERSION, "TLSv1.2,TLSv1.3");
}

#else

static bool tls_mode_safe(const struct hg_probe *probe, struct hg_outcome *outcome)
{
    (void)probe;
    (void)outcome;
    return true; /* this library's modes hold, and it has no clear-text plugin unless asked;
                  * that caching_sha2 gives no password away over unverified TLS is peer.c's
                  * doing */
}

static void set_tls(struct hg_probe *probe, MYSQL *db)
{
    static const unsigned modes[] = { SSL_MODE_VERIFY_IDENTITY, SSL_MODE_VERIFY_CA,
                                      SSL_MODE_REQUIRED, SSL_MODE_DISABLED };

    mysql_options(db, MYSQL_OPT_SSL_MODE, &modes[probe->tls.mode]);
    mysql_options(db, MYSQL_OPT_TLS_VERSION, "TLSv1.2,TLSv1.3");
}

#endif

static const char *system_authorities(void)
{
    static const char *const files[] = { "/etc/ssl/certs/ca-certificates.crt",
                                         "/etc/pki/tls/certs/ca-bundle.crt",
                                         "/etc/ssl/cert.pem" };

    for (size_t i = 0; i < HG_COUNT(files); i++) {
        if (access(files[i], R_OK) == 0) {
            return files[i];
        }
    }
    return files[0]; /* the library will say that it is not there */
}

static void set_options(struct hg_probe *probe, MYSQL *db)
{
    unsigned protocol = MYSQL_PROTOCOL_TCP; /* or `localhost` becomes a Unix socket */
    unsigned seconds = (unsigned)hg_probe_left_ms(probe, 0) / 1000 + 1;
    unsigned no_local_files = 0;
    unsigned long packet = 16UL << 20;

    mysql_options(db, MYSQL_OPT_PROTOCOL, &protocol);
    mysql_options(db, MYSQL_OPT_CONNECT_TIMEOUT, &seconds);
    mysql_options(db, MYSQL_OPT_READ_TIMEOUT, &seconds);
    mysql_options(db, MYSQL_OPT_WRITE_TIMEOUT, &seconds);
    mysql_options(db, MYSQL_OPT_LOCAL_INFILE, &no_local_files);
    mysql_options(db, MYSQL_OPT_MAX_ALLOWED_PACKET, &packet);
    mysql_options(db, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    mysql_options4(db, MYSQL_OPT_CONNECT_ATTR_ADD, "program_name", "headgate");
#ifdef MY_CONNECTOR_C
    {
        my_bool reconnect = 0;

        mysql_options(db, MYSQL_OPT_RECONNECT, &reconnect);
    }
#endif
    set_tls(probe, db);
    if (wants_tls(probe)) {
        if (probe->tls.mode != HG_TLS_REQUIRED) {
            mysql_options(db, MYSQL_OPT_SSL_CA,
                          probe->tls.ca ? probe->tls.ca : system_authorities());
        }
        if (probe->tls.cert != NULL) {
            mysql_options(db, MYSQL_OPT_SSL_CERT, probe->tls.cert);
            mysql_options(db, MYSQL_OPT_SSL_KEY,
                          probe->tls.key ? probe->tls.key : probe->tls.cert);
        }
    }
    my_hooks_install(db);
}

/* ---- what an error means ---- */

static const struct {
    unsigned code;
    const char *outcome;
} server_errors[] = {
    { 1040, "too-many-connections" }, /* max_connections */
    { 1203, "too-many-connections" }, /* max_user_connections */
    { 1226, "too-many-connections" }, /* of the account's own limits */
    { 1129, "host-blocked"         },
    { 1130, "login-refused"        }, /* no account for this host */
    { 1049, "no-database"          },
    { 1053, "starting"             }, /* shutdown in progress: a restart, as a rule */
    { 1044, "login-refused"        },
    { 1045, "login-refused"        },
    { 1698, "login-refused"        },
    { 1251, "login-refused"        },
    { 1275, "login-refused"        },
    { 1524, "login-refused"        }, /* its plugin is not loaded */
    { 1820, "login-refused"        }, /* must change the password first */
    { 1862, "login-refused"        }, /* the password has expired */
    { 3118, "login-refused"        }, /* locked */
    { 3159, "login-refused"        }, /* require_secure_transport */
    { 3955, "login-refused"        }, /* locked after wrong passwords */
    { 4151, "login-refused"        }, /* locked (MariaDB) */
};

static const char *server_error(unsigned code)
{
    for (size_t i = 0; i < HG_COUNT(server_errors); i++) {
        if (server_errors[i].code == code) {
            return server_errors[i].outcome;
        }
    }
    return NULL;
}

static const char *connect_error(int err)
{
    switch (err) {
    case ECONNREFUSED:
        return "refused";
    case ETIMEDOUT:
        return "timeout";
    case ECONNRESET:
        return "reset";
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case ENOBUFS:
    case EADDRNOTAVAIL:
        return "local";
    default:
        return "unreachable";
    }
}

#define NO_TLS "the server offers no TLS; where that is meant, write `tls: {mode: off}`"

static void say(struct hg_outcome *outcome, const char *what, const char *text)
{
    outcome->outcome = what;
    snprintf(outcome->message, sizeof(outcome->message), "%s", text);
}

/* What the certificates have to do with was said by hg_peer_explain(). */
static void tls_failure(MYSQL *db, struct hg_outcome *outcome)
{
    const char *text = mysql_error(db);

    outcome->stage = "tls";
    if (strstr(text, "does not support it") != NULL || mysql_errno(db) == 0) {
        say(outcome, "tls-refused", NO_TLS);
        return;
    }
    say(outcome, "tls-failed", text);
}

/* The server refused us in place of a greeting, before TLS: anybody could have said it. */
static void greeting_failure(MYSQL *db, const char *what, struct hg_outcome *outcome)
{
    const char *text = mysql_error(db), *own = strstr(text, "cannot be verified: ");

    if (own != NULL && strstr(own, " - ") != NULL) {
        text = strstr(own, " - ") + 3; /* the library wraps it up when TLS was to come */
    }
    say(outcome, what ? what : "login-refused", text);
}

static void auth_failure(MYSQL *db, struct hg_probe *probe, bool withheld,
                         struct hg_outcome *outcome)
{
    unsigned code = mysql_errno(db);

    if (code == ACCESS_DENIED && hg_peer_wanted_certificate()) {
        outcome->outcome = "login-refused";
        snprintf(
            outcome->message, sizeof(outcome->message),
            "%.400s; or the account requires a client's certificate: `tls: {cert: FILE, key: "
            "FILE}`",
            mysql_error(db));
    } else if (server_error(code) != NULL) {
        say(outcome, server_error(code), mysql_error(db));
    } else if (!withheld && (code == CR_SERVER_LOST || code == CR_SERVER_GONE_ERROR)) {
        say(outcome, "reset", "the server ended the connection during the login");
    } else if (code >= 1000 && code < 2000) {
        say(outcome, "login-refused", mysql_error(db));
    } else {
        /* Not the library's text: it prints bytes from elsewhere when a plugin is refused. */
        say(outcome, "login-refused",
            wants_tls(probe)
                ? "the server asked for a kind of login that would hand over the password, or "
                  "that this client does not know; it was not given"
                : "without TLS only mysql_native_password is used, and the account has another "
                  "plugin (caching_sha2_password would show its password to whoever asks); "
                  "write `tls: {mode: verify-full, ca: FILE}`");
    }
}

#ifndef MY_CONNECTOR_C
/* This library does not tell how far it came: unless there was no connection, a password may
 * have been sent. */
static void assume_the_login(MYSQL *db, struct my_progress *progress)
{
    if (mysql_errno(db) != CR_CONN_HOST_ERROR) {
        progress->stage = "auth";
    }
}
#endif

/* Where and why a connection attempt ended. */
static void classify(MYSQL *db, struct hg_probe *probe, struct my_progress *progress,
                     struct hg_outcome *outcome)
{
    unsigned code = mysql_errno(db);

#ifndef MY_CONNECTOR_C
    assume_the_login(db, progress);
#endif

    outcome->stage = progress->stage;
    snprintf(outcome->code, sizeof(outcome->code), "%u", code);
    if (hg_peer_explain(outcome)) {
        return;
    }
    if (progress->greeting_error != 0) {
        /* the library puts its own code in place of the server's here */
        code = progress->greeting_error;
        snprintf(outcome->code, sizeof(outcome->code), "%u", code);
        greeting_failure(db, server_error(code), outcome);
    } else if (progress->foreign || code == CR_VERSION_ERROR) {
        say(outcome, "protocol", "what answers there does not speak MySQL's protocol");
    } else if (progress->no_tls) {
        outcome->stage = "tls";
        say(outcome, "tls-refused", NO_TLS);
    } else if (progress->timed_out) {
        say(outcome, "timeout", "no answer within the deadline");
    } else if (code == CR_SSL_CONNECTION_ERROR) {
        tls_failure(db, outcome);
    } else if (strcmp(progress->stage, "connect") == 0) {
        say(outcome, connect_error(progress->connect_errno ? progress->connect_errno : errno),
            mysql_error(db));
    } else if (strcmp(progress->stage, "greeting") == 0) {
        say(outcome,
            code == CR_SERVER_LOST || code == CR_SERVER_GONE_ERROR ? "reset" : "protocol",
            "the connection ended before the server's greeting");
    } else if (strcmp(progress->stage, "tls") == 0 &&
               (hg_peer_wanted_certificate() || !hg_peer_suspect(outcome))) {
        /* it always asks, and says in words what it misses */
        say(outcome, "reset", "the server ended the connection while TLS was set up");
    } else if (strcmp(progress->stage, "tls") != 0) {
        auth_failure(db, probe, progress->withheld, outcome);
    }
}

/* ---- connecting ---- */

/* The library takes lists, URLs and option strings for a host. */
static bool host_is_plain(const char *host, struct hg_outcome *outcome)
{
    if (host[0] != '\0' && strpbrk(host, ",;=/@ \t\r\n") == NULL) {
        return true;
    }
    outcome->stage = "dns";
    say(outcome, "name-not-found", "the host is neither a name nor an address");
    return false;
}

static bool try_address(struct my_session *session, const struct hg_secret *secret,
                        const char *name, const struct hg_address *address,
                        struct my_progress *progress, struct hg_outcome *outcome)
{
    struct hg_probe *probe = session->probe;
    MYSQL *db = mysql_init(NULL);
    bool ok;

    if (db == NULL) {
        say(outcome, "local", "no memory for a connection");
        return false;
    }
    my_hooks_begin(probe, progress, address->text);
    hg_peer_expect(probe, name, secret->password);
    set_options(probe, db);
    errno = 0;
    /* No default database: a missing one must not look like a refused login. */
    ok = mysql_real_connect(db, name, secret->username, secret->password, NULL,
                            (unsigned)session->port, NULL, 0) != NULL;
    my_hooks_end(probe->started_ms + probe->deadline_ms - RESERVE_MS);
    session->encrypted = ok && mysql_get_ssl_cipher(db) != NULL;
    session->loopback = address->loopback;
    if (ok && (!wants_tls(probe) || session->encrypted)) {
        session->db = db;
        return true;
    }
    if (ok) {
        outcome->stage = "tls";
        say(outcome, "tls-refused", "the connection was made without TLS, and was closed");
    } else {
        classify(db, probe, progress, outcome);
    }
    mysql_close(db);
    return false;
}

static int version_number(const char *text)
{
    int a = 0, b = 0, c = 0;

    if (strncmp(text, "5.5.5-", 6) == 0) {
        text += 6; /* MariaDB's prefix for old replicas */
    }
    return sscanf(text, "%d.%d.%d", &a, &b, &c) < 2 ? 0 : a * 10000 + b * 100 + c;
}

bool my_connect(struct my_session *session, const struct hg_secret *secret, bool announce,
                struct hg_outcome *outcome)
{
    struct hg_probe *probe = session->probe;
    struct hg_address addresses[MAX_ADDRESSES];
    const char *name = probe->tls.name ? probe->tls.name : secret->host;
    size_t n;

    *outcome = (struct hg_outcome){ .stage = "dns", .outcome = "unreachable" };
    session->host = probe->connect_host ? probe->connect_host : secret->host;
    session->port = probe->connect_port ? probe->connect_port : secret->port;
    if (!host_is_plain(session->host, outcome) || !host_is_plain(name, outcome) ||
        !tls_mode_safe(probe, outcome)) {
        return false;
    }
    if (announce) {
        hg_emit_stage(probe, "dns");
    }
    n = hg_resolve(session->host, addresses, HG_COUNT(addresses), outcome);
    for (size_t i = 0; i < n; i++) {
        /* Only a connection that was never made is tried at the next address: a login is
         * tried once. The time left is shared among the addresses that are left. */
        struct my_progress progress = {
            .announce = announce,
            .wants_tls = wants_tls(probe),
            .cut_without_tls = wants_tls(probe) && probe->tls.mode != HG_TLS_VERIFY_FULL,
            .until_ms = hg_clock_ms() +
                        hg_probe_left_ms(probe, RESERVE_MS) / (long long)(n - i),
        };

        if (try_address(session, secret, name, &addresses[i], &progress, outcome)) {
            const char *version = mysql_get_server_info(session->db);

            session->mariadb = strstr(version, "MariaDB") != NULL;
            session->version = version_number(version);
            snprintf(session->version_text, sizeof(session->version_text), "%s", version);
            outcome->stage = "ready";
            say(outcome, "ok", "");
            return true;
        }
        if (strcmp(outcome->stage, "connect") != 0) {
            break;
        }
    }
    return false;
}

void my_disconnect(struct my_session *session)
{
    if (session->db != NULL) {
        mysql_close(session->db);
        session->db = NULL;
    }
}
