/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <jansson.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "probes/common/dial.h"
#include "probes/common/peer.h"
#include "probes/mongodb/mongo.h"

#define SYSTEM_CA     "/etc/ssl/certs/ca-certificates.crt"
#define MAX_ADDRESSES 8

/* ---- one attempt ---- */

/* What the server said to the login of the client that was made last. */
static char refusal[300];

const char *mo_refusal(void)
{
    return refusal[0] != '\0' ? refusal : NULL;
}

/* Ends what this process has open to a server: never more than one connection. */
static void cut(void)
{
    for (int fd = 3; fd < 64; fd++) {
        struct sockaddr_storage peer = { 0 };
        socklen_t size = sizeof(peer);

        if (getpeername(fd, (struct sockaddr *)&peer, &size) == 0 &&
            (peer.ss_family == AF_INET || peer.ss_family == AF_INET6)) {
            shutdown(fd, SHUT_RDWR);
        }
    }
}

/*
 * The library sends the first half of a login along with its greeting, and when the password is
 * wrong begins again with another: two failures where accounts are locked after some. Between
 * them it says so to its log, and is stopped there. What else it says is dropped.
 */
void mo_hear(mongoc_log_level_t level, const char *domain, const char *message, void *data)
{
    static const char start[] = "Speculative authentication failed: ";

    (void)level;
    (void)domain;
    (void)data;
    if (strncmp(message, start, sizeof(start) - 1) == 0) {
        snprintf(refusal, sizeof(refusal), "%s", message + sizeof(start) - 1);
        cut();
    }
}

/* ---- reaching it ---- */

static void put_errno(struct hg_outcome *outcome, int code)
{
    const char *what = code == ECONNREFUSED ? "refused"
                       : code == ETIMEDOUT  ? "timeout"
                       : code == ECONNRESET ? "reset"
                       : code == EADDRNOTAVAIL || code == EMFILE || code == ENOBUFS
                           ? "local"
                           : "unreachable";

    mo_put(outcome, "connect", what, strerror(code));
}

/* A plain TCP connect to one address: the library does not tell refused from silent. MongoDB
 * counts no aborted connections against a host. */
static int try_address(const char *address, int port, int wait_ms)
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
            code = poll(&p, 1, wait_ms) == 1 ? 0 : ETIMEDOUT;
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

/* The library takes lists, paths and options for a host. */
static bool host_is_plain(const char *host, struct hg_outcome *outcome)
{
    if (host != NULL && host[0] != '\0' && strpbrk(host, ",;=/@?#[]% \t\r\n") == NULL) {
        return true;
    }
    mo_put(outcome, "dns", "name-not-found", "the host is neither a name nor an address");
    return false;
}

/* Such a string names no server, but a DNS record that lists servers. */
static bool names_a_server(const struct hg_probe *probe, const struct hg_secret *secret,
                           struct hg_outcome *outcome)
{
    if (probe->connect_host != NULL || !json_is_true(json_object_get(secret->report, "srv"))) {
        return true;
    }
    mo_put(
        outcome, "dns", "not-attempted",
        "the secret has a mongodb+srv:// string, which headgate does not follow; name a member "
        "of the set in `connect: {host: …, port: …}`");
    return false;
}

bool mo_reach(struct hg_probe *probe, const struct hg_secret *secret, bool announce,
              struct mo_place *ret, struct hg_outcome *outcome)
{
    struct hg_address addresses[MAX_ADDRESSES];
    size_t n;

    *outcome = (struct hg_outcome){ .stage = "dns", .outcome = "unreachable" };
    ret->host = probe->connect_host ? probe->connect_host : secret->host;
    ret->name = probe->tls.name ? probe->tls.name : secret->host ? secret->host : ret->host;
    ret->port = probe->connect_port ? probe->connect_port : secret->port;
    if (!names_a_server(probe, secret, outcome) || !host_is_plain(ret->host, outcome) ||
        !host_is_plain(ret->name, outcome)) {
        return false;
    }
    if (announce) {
        hg_emit_stage(probe, "dns");
    }
    hg_dial_only(NULL);
    n = hg_resolve(ret->host, addresses, MAX_ADDRESSES, outcome);
    if (n > 0 && announce) {
        hg_emit_stage(probe, "connect");
    }
    for (size_t i = 0; i < n; i++) {
        /* The time left is shared among the addresses that are left. */
        int wait_ms = hg_probe_left_ms(probe, MO_RESERVE_MS) / (int)(n - i);
        int code = try_address(addresses[i].text, ret->port, wait_ms);

        if (code == 0) {
            ret->address = addresses[i];
            hg_dial_only(addresses[i].text);
            return true;
        }
        put_errno(outcome, code);
    }
    return false;
}

/* ---- clients ---- */

static void set_times(const struct hg_probe *probe, mongoc_uri_t *uri)
{
    int left = hg_probe_left_ms(probe, MO_RESERVE_MS);

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
    options.allow_invalid_hostname = probe->tls.mode != HG_TLS_VERIFY_FULL;
    options.weak_cert_validation = probe->tls.mode == HG_TLS_REQUIRED;
    mongoc_client_set_ssl_opts(client, &options);
}

/* An IPv6 address goes into brackets. */
static mongoc_uri_t *uri_for(const struct mo_place *place)
{
    char name[300];
    bool colon = strchr(place->name, ':') != NULL;

    snprintf(name, sizeof(name), "%s%.280s%s", colon ? "[" : "", place->name, colon ? "]" : "");
    return mongoc_uri_new_for_host_port(name, (uint16_t)place->port);
}

mongoc_client_t *mo_client_new(const struct hg_probe *probe, const struct mo_place *place,
                               const struct hg_secret *secret, bool tls)
{
    mongoc_uri_t *uri = uri_for(place);
    mongoc_client_t *client = NULL;

    refusal[0] = '\0';
    hg_peer_expect(probe, place->name, secret ? secret->password : NULL);
    hg_peer_bring_certificate(); /* the library wants it and its key in one file */
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
