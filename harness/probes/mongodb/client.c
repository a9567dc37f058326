/* SPDX-License-Identifier: Apache-2.0 */
#include <dlfcn.h>
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "probes/mongodb/mongo.h"

#define SYSTEM_CA     "/etc/ssl/certs/ca-certificates.crt"
#define MAX_ADDRESSES 8

/* The library's look-up of a name carries no pointer of ours; a probe dials one address. */
static char dialled[64];

/*
 * The library looks names up through the C library; this definition stands before that one. So
 * it dials the address that was found at the stage `dns` while it holds the certificate against
 * the name it was given: through a tunnel these differ.
 */
__attribute__((visibility("default"))) int getaddrinfo(const char *restrict node,
                                                       const char *restrict service,
                                                       const struct addrinfo *restrict hints,
                                                       struct addrinfo **restrict ret)
{
    static int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
    struct addrinfo numeric = { 0 };

    if (real == NULL) {
        *(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
        if (real == NULL) {
            return EAI_SYSTEM;
        }
    }
    if (dialled[0] == '\0') {
        return real(node, service, hints, ret);
    }
    if (hints != NULL) {
        numeric = *hints;
    }
    numeric.ai_flags |= AI_NUMERICHOST;
    return real(dialled, service, &numeric, ret);
}

/* ---- outcomes ---- */

static void put(struct hg_outcome *outcome, const char *stage, const char *what,
                const char *text)
{
    outcome->stage = stage;
    outcome->outcome = what;
    snprintf(outcome->message, sizeof(outcome->message), "%.500s", text);
}

static void put_errno(struct hg_outcome *outcome, int code)
{
    const char *what = code == ECONNREFUSED ? "refused"
                       : code == ETIMEDOUT  ? "timeout"
                       : code == ECONNRESET ? "reset"
                       : code == EADDRNOTAVAIL || code == EMFILE || code == ENOBUFS
                           ? "local"
                           : "unreachable";

    put(outcome, "connect", what, strerror(code));
}

static bool says(const char *text, const char *part)
{
    return strcasestr(text, part) != NULL;
}

void mo_outcome(const bson_error_t *error, bool with_login, struct hg_outcome *outcome)
{
    const char *text = error->message;

    if (with_login && (error->domain == MONGOC_ERROR_CLIENT ||
                       says(text, "authentication failed") || says(text, "Authentication"))) {
        /* The library says domain 1, code 11; the server's own code is 18. */
        snprintf(outcome->code, sizeof(outcome->code), "18");
        put(outcome, "auth", "login-refused", text);
    } else if (says(text, "certificate") || says(text, "hostname") || says(text, "verify")) {
        put(outcome, "tls", "tls-failed", text);
    } else if (says(text, "TLS handshake") || says(text, "SSL")) {
        put(outcome, "tls", "tls-refused", text);
    } else if (says(text, "timeout") || says(text, "timed out") || says(text, "expired")) {
        put(outcome, "greeting", "timeout", text);
    } else if (says(text, "wire version") || says(text, "invalid reply") ||
               says(text, "corrupt") || says(text, "malformed") || says(text, "Invalid")) {
        put(outcome, "greeting", "protocol", text);
    } else if (says(text, "reset") || says(text, "closed") || says(text, "socket error") ||
               says(text, "Failed to read")) {
        put(outcome, "greeting", "reset", text);
    } else {
        put(outcome, "greeting", "protocol", text);
    }
}

/* ---- reaching it ---- */

/* A plain TCP connect to one address: the library does not tell refused from silent. MongoDB
 * counts no aborted connections against a host. */
static int try_address(const struct hg_probe *probe, const char *address, int port)
{
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
                              .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV };
    struct addrinfo *ai = NULL;
    char service[8];
    int fd, code = 0;
    socklen_t size = sizeof(code);

    snprintf(service, sizeof(service), "%d", port);
    if (getaddrinfo(address, service, &hints, &ai) != 0) {
        return EADDRNOTAVAIL;
    }
    fd = socket(ai->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        code = errno;
    } else if (connect(fd, ai->ai_addr, ai->ai_addrlen) != 0) {
        struct pollfd p = { .fd = fd, .events = POLLOUT };

        code = errno;
        if (code == EINPROGRESS) {
            code = poll(&p, 1, hg_probe_left_ms(probe, 500)) == 1 ? 0 : ETIMEDOUT;
            if (code == 0 && getsockopt(fd, SOL_SOCKET, SO_ERROR, &code, &size) != 0) {
                code = errno;
            }
        }
    }
    if (fd >= 0) {
        close(fd);
    }
    freeaddrinfo(ai);
    return code;
}

bool mo_reach(struct hg_probe *probe, const struct hg_secret *secret, struct mo_place *ret,
              struct hg_outcome *outcome)
{
    struct hg_address addresses[MAX_ADDRESSES];
    const char *host = probe->connect_host ? probe->connect_host : secret->host;
    size_t n;

    ret->host = probe->tls.name ? probe->tls.name : secret->host ? secret->host : host;
    ret->port = probe->connect_port ? probe->connect_port : secret->port;
    hg_emit_stage(probe, "dns");
    n = hg_resolve(host, addresses, MAX_ADDRESSES, outcome);
    if (n == 0) {
        return false;
    }
    hg_emit_stage(probe, "connect");
    for (size_t i = 0; i < n; i++) {
        int code = try_address(probe, addresses[i].text, ret->port);

        if (code == 0) {
            ret->address = addresses[i];
            snprintf(dialled, sizeof(dialled), "%.60s", addresses[i].text);
            return true;
        }
        put_errno(outcome, code);
    }
    return false;
}

/* ---- clients ---- */

static void set_times(const struct hg_probe *probe, mongoc_uri_t *uri)
{
    int left = hg_probe_left_ms(probe, 300);

    mongoc_uri_set_option_as_int32(uri, MONGOC_URI_SERVERSELECTIONTIMEOUTMS, left);
    mongoc_uri_set_option_as_int32(uri, MONGOC_URI_CONNECTTIMEOUTMS, left);
    mongoc_uri_set_option_as_int32(uri, MONGOC_URI_SOCKETTIMEOUTMS, left);
    mongoc_uri_set_option_as_bool(uri, MONGOC_URI_SERVERSELECTIONTRYONCE, true);
    mongoc_uri_set_option_as_bool(uri, MONGOC_URI_DIRECTCONNECTION, true);
    mongoc_uri_set_option_as_bool(uri, MONGOC_URI_RETRYREADS, false);
    mongoc_uri_set_option_as_bool(uri, MONGOC_URI_RETRYWRITES, false);
    mongoc_uri_set_appname(uri, "headgate");
}

static bool set_account(mongoc_uri_t *uri, const struct hg_secret *secret)
{
    return secret == NULL || (mongoc_uri_set_username(uri, secret->username) &&
                              mongoc_uri_set_password(uri, secret->password) &&
                              mongoc_uri_set_auth_source(
                                  uri, secret->auth_source ? secret->auth_source : "admin"));
}

static void set_tls(const struct hg_probe *probe, mongoc_client_t *client)
{
    mongoc_ssl_opt_t options = *mongoc_ssl_opt_get_default();

    options.ca_file = probe->tls.ca ? probe->tls.ca : SYSTEM_CA;
    options.pem_file = probe->tls.cert;
    options.allow_invalid_hostname = probe->tls.mode != HG_TLS_VERIFY_FULL;
    options.weak_cert_validation = probe->tls.mode == HG_TLS_REQUIRED;
    mongoc_client_set_ssl_opts(client, &options);
}

mongoc_client_t *mo_client_new(const struct hg_probe *probe, const struct mo_place *place,
                               const struct hg_secret *secret)
{
    bool tls = probe->tls.mode != HG_TLS_OFF;
    mongoc_uri_t *uri = mongoc_uri_new_for_host_port(place->host, (uint16_t)place->port);
    mongoc_client_t *client = NULL;

    if (uri == NULL) {
        return NULL;
    }
    set_times(probe, uri);
    /* From setters, never from a string: the library echoes strings in its errors. */
    if (set_account(uri, secret) && mongoc_uri_set_option_as_bool(uri, MONGOC_URI_TLS, tls)) {
        client = mongoc_client_new_from_uri(uri);
    }
    mongoc_uri_destroy(uri);
    if (client != NULL) {
        mongoc_client_set_error_api(client, MONGOC_ERROR_API_VERSION_2);
        if (tls) {
            set_tls(probe, client);
        }
    }
    return client;
}
