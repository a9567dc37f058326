/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/attr.h"
#include "probes/common/peer.h"
#include "probes/mongodb/mongo.h"

void mo_put(struct hg_outcome *outcome, const char *stage, const char *what, const char *text)
{
    outcome->stage = stage;
    outcome->outcome = what;
    snprintf(outcome->message, sizeof(outcome->message), "%.500s", text);
}

static bool says(const char *text, const char *part)
{
    return strcasestr(text, part) != NULL;
}

/* The library wraps what happened up: "No suitable servers found (…): [WHAT calling hello on
 * 'HOST:PORT']". */
static void unwrap(const char *text, char *ret, size_t size)
{
    const char *open = says(text, "No suitable servers") ? strchr(text, '[') : NULL;
    const char *tail;

    text = open ? open + 1 : text;
    tail = strstr(text, " calling hello");
    snprintf(ret, size, "%.*s", (int)(tail ? (size_t)(tail - text) : strlen(text)), text);
}

static void certificate_failure(const struct hg_probe *probe, const char *text,
                                struct hg_outcome *outcome)
{
    const char *name = probe->tls.name  ? probe->tls.name
                       : probe->secret  ? probe->secret->host
                       : probe->auditor ? probe->auditor->host
                                        : NULL;
    char words[500];

    if (says(text, "mismatch")) {
        snprintf(words, sizeof(words),
                 "%.150s: the certificate is not for `%.60s`; write the name it is for in "
                 "`tls: {name: …}`",
                 text, name ? name : "");
    } else if (says(text, "issuer") || says(text, "self-signed") || says(text, "self signed")) {
        snprintf(words, sizeof(words),
                 "%.150s: the authority is not in %.120s; write `tls: {ca: FILE}`", text,
                 probe->tls.ca ? probe->tls.ca : "the system's list");
    } else {
        snprintf(words, sizeof(words), "%.300s", text);
    }
    mo_put(outcome, "tls", "tls-failed", words);
}

/* A handshake that did not come to a certificate. Whether the server has TLS at all is looked
 * at by the caller. */
static void handshake_failure(const struct hg_probe *probe, const char *text,
                              struct hg_outcome *outcome)
{
    if (says(text, "wrong version") || says(text, "http request") ||
        says(text, "packet length") || says(text, "unexpected message")) {
        mo_put(outcome, "tls", "protocol", "what answers there does not speak TLS");
    } else if (says(text, "error:")) {
        mo_put(outcome, "tls", "tls-failed", text);
    } else if (hg_probe_left_ms(probe, MO_RESERVE_MS) < 200) {
        mo_put(outcome, "tls", "timeout", "no answer to the TLS handshake within the deadline");
    } else {
        /* the errno that the library prints here is not the connection's */
        mo_put(outcome, "tls", "reset", "the connection ended during the TLS handshake");
    }
}

static void server_failure(const bson_error_t *error, const char *stage,
                           struct hg_outcome *outcome)
{
    static const unsigned not_ready[] = {
        91,    /* ShutdownInProgress */
        94,    /* NotYetInitialized */
        189,   /* PrimarySteppedDown */
        10107, /* NotWritablePrimary */
        11600, /* InterruptedAtShutdown */
        11602, /* InterruptedDueToReplStateChange */
        13435, /* NotPrimaryNoSecondaryOk */
        13436, /* NotPrimaryOrSecondary */
    };
    bool starting = false;

    for (size_t i = 0; i < HG_COUNT(not_ready); i++) {
        starting = starting || error->code == not_ready[i];
    }
    snprintf(outcome->code, sizeof(outcome->code), "%u", error->code);
    mo_put(outcome, stage,
           starting                     ? "starting"
           : strcmp(stage, "auth") == 0 ? "login-refused"
                                        : "protocol",
           error->message);
}

void mo_outcome(const struct hg_probe *probe, const bson_error_t *error, bool with_login,
                struct hg_outcome *outcome)
{
    bool tls = probe->tls.mode != HG_TLS_OFF;
    const char *stage = with_login ? "auth" : tls ? "tls" : "greeting";
    char text[sizeof(error->message)];

    if (tls && hg_peer_explain(outcome)) {
        return;
    }
    /* After a refusal the library's own error is that it was stopped. */
    unwrap(with_login && mo_refusal() ? mo_refusal() : error->message, text, sizeof(text));
    if (with_login && ((error->domain == MONGOC_ERROR_CLIENT &&
                        error->code == MONGOC_ERROR_CLIENT_AUTHENTICATE) ||
                       says(text, "authentication failed"))) {
        /* The library says domain 1, code 11; the server's own code is 18. */
        snprintf(outcome->code, sizeof(outcome->code), "18");
        mo_put(outcome, stage, "login-refused", text);
    } else if (error->domain == MONGOC_ERROR_SERVER) {
        server_failure(error, stage, outcome);
    } else if (says(text, "certificate verify") || says(text, "mismatch")) {
        certificate_failure(probe, text, outcome);
    } else if (says(text, "TLS handshake")) {
        handshake_failure(probe, text, outcome);
    } else if (says(text, "timeout") || says(text, "timed out") || says(text, "expired")) {
        mo_put(outcome, stage, "timeout", "no answer within the deadline");
    } else if (says(text, "refused")) {
        mo_put(outcome, "connect", "refused", text);
    } else if (says(text, "closed") || says(text, "reset") || says(text, "socket error") ||
               says(text, "Failed to read") || says(text, "Failed to send")) {
        mo_put(outcome, stage, "reset",
               tls ? "the server ended the connection"
                   : "the server ended the connection, as one does that wants TLS");
    } else {
        mo_put(outcome, stage, "protocol",
               "what answers there does not speak MongoDB's protocol");
    }
    if (strcmp(outcome->stage, "tls") == 0 &&
        (strcmp(outcome->outcome, "reset") == 0 || strcmp(outcome->outcome, "protocol") == 0)) {
        (void)hg_peer_suspect(outcome);
    }
}
